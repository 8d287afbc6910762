//! A seeded simulator: several instances over one partition, with appends that land late, twice, out of order, or
//! never; crashes between any two steps of a leader, orderly ends and restarts; wrong assignments, late barriers,
//! brokers that are cut off and name an end of before, repeated commands. The checker of `crates/checker`, which
//! shares no code with us, judges the log and the answers.
//! `SIMULATOR_SEEDS` and `SIMULATOR_FIRST` choose the seeds.

mod closing;
mod healing;
mod record;
mod seeds;

use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::tests::{Cell, CellCommand, CellEvent, request};
use super::*;

type Log = Vec<Record<CellEvent>>;

/// A producer: it appends in its own order; what a dead one still has under way may land at any time.
#[derive(Default)]
struct Producer {
    queue: VecDeque<Record<CellEvent>>,
    /// A gapless producer that lost a record appends nothing more.
    broken: bool,
}

struct Instance {
    partition: Partition<Cell, usize>,
    producer: usize,
    read: usize,
    barriers: VecDeque<u64>,
    up: bool,
    /// It dies when it has carried out so many more actions.
    fuse: Option<usize>,
    /// It was told to end: until this step it waits for another to take over.
    closing: Option<usize>,
    /// It reads nothing before this step: a reader that lags, a process that was stopped and still has commands in its
    /// socket when it wakes, or one beside a broker that is cut off from the others.
    reads_from_step: usize,
    /// What readers of this process are told apart by.
    session: u64,
}

/// One attempt of a client: what was asked, when, and what came of it.
struct Call {
    request: Request<Cell>,
    instance: usize,
    invoked_at: u64,
    answer: Option<(u64, Outcome<Cell>)>,
}

/// What a process knew of a cell at some time.
struct Look {
    session: u64,
    at: u64,
    cell: String,
    version: u64,
    value: Option<u32>,
    /// The records that it had read.
    read: usize,
}

struct World {
    rng: StdRng,
    /// Whether the partition has several replicas, and its leader among the brokers may have been succeeded.
    replicated: bool,
    log: Log,
    producers: Vec<Producer>,
    instances: Vec<Instance>,
    calls: Vec<Call>,
    looks: Vec<Look>,
    /// What should never be and is no matter of the log.
    troubles: Vec<String>,
    next_id: u128,
    /// The machines' clocks, about.
    now: i64,
    /// One that everything that happens moves on.
    clock: u64,
    step: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            rng: StdRng::seed_from_u64(seed),
            replicated: seed.is_multiple_of(2),
            log: Vec::new(),
            producers: Vec::new(),
            instances: Vec::new(),
            calls: Vec::new(),
            looks: Vec::new(),
            troubles: Vec::new(),
            next_id: 1,
            now: 1_000,
            clock: 0,
            step: 0,
        };
        for _ in 0..world.rng.random_range(2..=3) {
            let fresh = world.fresh();
            world.instances.push(fresh);
        }
        world
    }

    fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn fresh(&mut self) -> Instance {
        let me = self.id();
        self.producers.push(Producer::default());
        let limits = Limits { waiting: 20, remember_ms: 1_000_000, ..Limits::default() };
        Instance {
            partition: Partition::new(me, String::new(), limits),
            producer: self.producers.len() - 1,
            read: 0,
            barriers: VecDeque::new(),
            up: true,
            fuse: None,
            closing: None,
            reads_from_step: 0,
            session: self.clock << 8 | self.producers.len() as u64,
        }
    }

    fn step(&mut self) {
        let who = self.rng.random_range(0..self.instances.len());
        self.now += self.rng.random_range(0..3);
        self.step += 1;
        self.go_on_closing();
        match self.rng.random_range(0..1000) {
            0..290 => self.land(),
            290..590 => self.read(who),
            590..790 => self.invoke(who),
            790..890 => self.answer_barrier(who),
            890..930 => self.assign(who),
            930..945 => self.on(who, |partition, act| partition.drain(act)),
            945..960 => self.renew(who),
            960..968 => self.lose(),
            968..974 => self.disorder(),
            974..980 => self.crash(who),
            980..986 => self.restart(who),
            986..992 => self.look(who),
            992..996 => self.pause(who),
            _ => self.close(who),
        }
    }

    /// Some producer's oldest record lands, or once in a while a copy of it, as if it was sent again.
    fn land(&mut self) {
        self.tick();
        let can_land = |producer: &Producer| !producer.broken && !producer.queue.is_empty();
        let full: Vec<usize> = (0..self.producers.len()).filter(|which| can_land(&self.producers[*which])).collect();
        if full.is_empty() {
            return;
        }
        let which = full[self.rng.random_range(0..full.len())];
        let again = self.rng.random_bool(0.01);
        let queue = &mut self.producers[which].queue;
        self.log.extend(if again { queue.front().cloned() } else { queue.pop_front() });
    }

    /// Some producer loses its oldest record. A gapless one then stops; one in three is not gapless.
    fn lose(&mut self) {
        let which = self.rng.random_range(0..self.producers.len());
        if self.producers[which].queue.pop_front().is_some() && self.rng.random_range(0..3) > 0 {
            self.producers[which].broken = true;
        }
    }

    /// Some producer's records will land in another order.
    fn disorder(&mut self) {
        let which = self.rng.random_range(0..self.producers.len());
        let queue = &mut self.producers[which].queue;
        if queue.len() > 1 {
            queue.swap(0, 1);
        }
    }

    fn read(&mut self, who: usize) {
        for _ in 0..self.rng.random_range(1..5) {
            let at = self.instances[who].read;
            let lags = self.instances[who].reads_from_step > self.step;
            if !self.instances[who].up || lags || at >= self.log.len() {
                return;
            }
            self.instances[who].read += 1;
            let (record, now) = (self.log[at].clone(), Timestamp(self.now));
            self.on(who, |partition, act| partition.record(at as i64, record, now, act));
        }
    }

    fn invoke(&mut self, who: usize) {
        if !self.instances[who].up {
            return;
        }
        let request = self.request();
        let call = self.calls.len();
        let invoked_at = self.tick();
        self.calls.push(Call { request: request.clone(), instance: who, invoked_at, answer: None });
        let now = Timestamp(self.now + self.rng.random_range(-50..50));
        self.on(who, |partition, act| partition.command(request, call, now, act));
    }

    /// A new command, or the same again: perhaps elsewhere, perhaps while the first is still under way.
    fn request(&mut self) -> Request<Cell> {
        if !self.calls.is_empty() && self.rng.random_range(0..4) == 0 {
            let again = self.calls[self.rng.random_range(0..self.calls.len())].request.clone();
            if self.rng.random_bool(0.95) {
                return again;
            }
            // Its id, for something else.
            return request(&again.aggregate_id, again.command.id, CellCommand::Set(99), again.expected);
        }
        let id = self.id();
        let cell = format!("cell-{}", self.rng.random_range(0..3));
        let value = if self.rng.random_bool(0.02) { 13 } else { self.rng.random_range(0..6) };
        let expected = self.rng.random_bool(0.3).then(|| self.rng.random_range(0..20));
        request(&cell, id, CellCommand::Set(value), expected)
    }

    /// The group says so; not to one that has left it.
    fn assign(&mut self, who: usize) {
        if self.instances[who].closing.is_none() {
            self.start_term(who);
        }
    }

    fn start_term(&mut self, who: usize) {
        let nonce = self.id();
        self.on(who, |partition, act| partition.start_term(nonce, act));
    }

    fn renew(&mut self, who: usize) {
        self.producers.push(Producer::default());
        self.instances[who].producer = self.producers.len() - 1;
        self.start_term(who);
    }

    /// It reads nothing for a while, and as likely as not another instance takes over meanwhile. Of several brokers it
    /// is the leader's that is cut off, and another instance does.
    fn pause(&mut self, who: usize) {
        let leader = self.instances.iter().position(|it| it.up && it.partition.is_leader());
        let who = leader.filter(|_| self.replicated).unwrap_or(who);
        self.instances[who].reads_from_step = self.step + self.rng.random_range(20..300);
        if self.replicated || self.rng.random_bool(0.5) {
            self.start_term((who + 1) % self.instances.len());
        }
    }

    /// At once, or in the middle of what it does next.
    fn crash(&mut self, who: usize) {
        if self.rng.random_bool(0.5) {
            self.instances[who].up = false;
        } else {
            self.instances[who].fuse = Some(self.rng.random_range(0..4));
        }
    }

    fn restart(&mut self, who: usize) {
        if !self.instances[who].up {
            self.instances[who] = self.fresh();
        }
    }

    fn answer_barrier(&mut self, who: usize) {
        let Some(number) = self.instances[who].barriers.pop_front() else { return };
        if self.replicated && !sabotage::on(Sabotage::AskOneBroker) {
            let nonce = self.id();
            return self.on(who, |partition, act| partition.append_barrier(number, nonce, act));
        }
        let end = self.rng.random_bool(0.9).then(|| self.end(who) as i64);
        self.on(who, |partition, act| partition.barrier(number, end, act));
    }

    /// Where the broker says that the partition ends that this instance is connected to. One of several from which
    /// nothing new is read may be cut off from the others, and its end is of before.
    fn end(&self, who: usize) -> usize {
        let is_cut_off = self.replicated && self.instances[who].reads_from_step > self.step;
        if is_cut_off { self.instances[who].read } else { self.log.len() }
    }

    /// A reader is shown what a process has read.
    fn look(&mut self, who: usize) {
        let at = self.tick();
        let Instance { up: true, session, read, ref partition, .. } = self.instances[who] else { return };
        let look = |(cell, aggregate): (&String, &Aggregate<Option<u32>>)| {
            let (cell, version, value) = (cell.clone(), aggregate.version, aggregate.state);
            Look { session, at, cell, version, value, read }
        };
        self.looks.extend(partition.history().aggregates().map(look));
    }

    fn on(&mut self, who: usize, input: impl FnOnce(&mut Partition<Cell, usize>, &mut Vec<Action<Cell, usize>>)) {
        if !self.instances[who].up {
            return;
        }
        let mut actions = Vec::new();
        input(&mut self.instances[who].partition, &mut actions);
        let mut renew = false;
        for action in actions {
            if self.burns_down(who) {
                return;
            }
            match action {
                Action::Append(record, _) => self.producers[self.instances[who].producer].queue.push_back(record),
                Action::Reply(call, outcome) => self.reply(call, outcome),
                Action::Barrier(number) => self.instances[who].barriers.push_back(number),
                Action::Renew => renew = true,
                Action::Released => {}
                Action::Alarm(alarm) => self.troubles.push(format!("alarm: {alarm}")),
            }
        }
        if renew {
            self.renew(who);
        }
    }

    fn reply(&mut self, call: usize, outcome: Outcome<Cell>) {
        let at = self.tick();
        if self.calls[call].answer.replace((at, outcome)).is_some() {
            self.troubles.push(format!("call {call} was answered twice"));
        }
    }

    /// Whether it dies before this action.
    fn burns_down(&mut self, who: usize) -> bool {
        let Some(fuse) = &mut self.instances[who].fuse else { return false };
        let burnt = *fuse == 0;
        *fuse = fuse.saturating_sub(1);
        self.instances[who].up = !burnt;
        burnt
    }
}
