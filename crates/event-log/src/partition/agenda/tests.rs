//! Schedules of posts, and leaders that die around their times, or whose clocks are an hour off: what was planned
//! happens once, not early, and none of it is forgotten. What happens next is drawn from a seed.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::posts::schedule::{self, Due as PostDue, Moment};
use domain::posts::{Command, Drafted, Event, Posts};
use domain::reservations::Lease;
use domain::{Actor, Role};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use uuid::Uuid;

use super::*;
use crate::partition::{Action, Limits, Partition, Request};
use crate::record::{CommandRef, Record};

const POSTS: usize = 4;
const SEEDS: u64 = 150;
/// Seeds of a hundred kills each.
const HUNDREDS: u64 = 30;
const HOUR: i64 = 3_600_000;
/// In the name of no account.
const NO_ACCOUNT: Uuid = Uuid::nil();
const AUTHOR: Uuid = Uuid::from_u128(7);

struct Instance {
    partition: Partition<Posts, ()>,
    /// By how much its machine's clock is ahead of the broker's; less than nothing where it is behind.
    ahead: i64,
    read: usize,
    /// What it has appended and is not in the log yet.
    under_way: VecDeque<Record<Event>>,
}

struct World {
    rng: StdRng,
    now: i64,
    ids: u128,
    log: Vec<Record<Event>>,
    /// When each record of the log came to be in it, by the broker's clock.
    landed: Vec<i64>,
    instances: Vec<Instance>,
    leader: usize,
    kills: usize,
}

impl World {
    /// Two instances, whose clocks are so far ahead; the first one's is right.
    fn new(seed: u64, ahead: [i64; 2]) -> Self {
        let (rng, log, landed, instances) = (StdRng::seed_from_u64(seed), Vec::new(), Vec::new(), Vec::new());
        let mut world = Self { rng, now: HOUR * 2, ids: 0, log, landed, instances, leader: 0, kills: 0 };
        for ahead in ahead {
            let fresh = world.fresh(ahead);
            world.instances.push(fresh);
        }
        world.heal();
        for number in 0..POSTS {
            let id = world.id();
            world.ask(0, id, &format!("post-{number}"), Actor::new(AUTHOR).with(Role::Author), drafted(number));
        }
        world.heal();
        world
    }

    /// What time it is by an instance's own clock.
    fn own(&self, who: usize) -> Timestamp {
        Timestamp(self.now + self.instances[who].ahead)
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn fresh(&mut self, ahead: i64) -> Instance {
        let partition = Partition::new(self.id(), String::new(), Limits::default());
        Instance { partition, ahead, read: 0, under_way: VecDeque::new() }
    }

    fn on(&mut self, who: usize, input: impl FnOnce(&mut Partition<Posts, ()>, &mut Vec<Action<Posts, ()>>)) {
        let mut actions = Vec::new();
        input(&mut self.instances[who].partition, &mut actions);
        while !actions.is_empty() {
            for action in std::mem::take(&mut actions) {
                self.do_it(who, action, &mut actions);
            }
        }
    }

    fn do_it(&mut self, who: usize, action: Action<Posts, ()>, act: &mut Vec<Action<Posts, ()>>) {
        match action {
            Action::Append(record, _) => self.instances[who].under_way.push_back(record),
            Action::Renew => self.lead(who),
            Action::Barrier(number) => {
                self.instances[who].partition.barrier(number, i64::try_from(self.log.len()).ok(), act);
            }
            Action::Reply((), _) | Action::Released => {}
            Action::Alarm(alarm) => panic!("{alarm}"),
        }
    }

    /// It is to lead, with a producer that has nothing under way: what had may land or not.
    fn lead(&mut self, who: usize) {
        self.leader = who;
        self.scatter(who);
        let nonce = self.id();
        self.on(who, |partition, act| partition.start_term(nonce, act));
    }

    /// Some of what it has under way lands, and the rest never.
    fn scatter(&mut self, who: usize) {
        let landing = self.rng.random_range(0..=self.instances[who].under_way.len());
        (0..landing).for_each(|_| self.land(who));
        self.instances[who].under_way.clear();
    }

    fn land(&mut self, who: usize) {
        self.log.extend(self.instances[who].under_way.pop_front());
        self.landed.resize(self.log.len(), self.now);
    }

    fn read(&mut self, who: usize) {
        let at = self.instances[who].read;
        if let Some(record) = self.log.get(at).cloned() {
            self.instances[who].read += 1;
            let now = self.own(who);
            self.on(who, |partition, act| partition.record(i64::try_from(at).unwrap(), record, now, act));
        }
    }

    fn ask(&mut self, who: usize, id: Uuid, post: &str, actor: Actor, body: Command) {
        let command = CommandRef { id, digest: 0, correlation_id: id, traceparent: None };
        let request = Request { aggregate_id: post.to_owned(), command, expected: None, actor, body };
        let now = self.own(who);
        self.on(who, |partition, act| partition.command(request, (), now, act));
    }

    /// Its author does something with a post.
    fn write(&mut self, who: usize) {
        let moment = Moment { at: Timestamp(self.now + self.rng.random_range(1..300)), local: None };
        let body = match self.rng.random_range(0..12) {
            0..5 => Command::Schedule(schedule::Command::Release(Some(moment))),
            5 => Command::Schedule(schedule::Command::Release(None)),
            6..9 => Command::Schedule(schedule::Command::Expire(Some(moment))),
            9 => Command::Unpublish,
            10 => Command::Delete,
            _ => Command::Restore,
        };
        let (id, post) = (self.id(), format!("post-{}", self.rng.random_range(0..POSTS)));
        self.ask(who, id, &post, Actor::new(AUTHOR).with(Role::Author), body);
    }

    /// What is due by two clocks is carried out, as its background work does.
    fn carry_out(&mut self, who: usize) {
        let (partition, until) = (&self.instances[who].partition, self.own(who).min(Timestamp(self.now)));
        if partition.is_leader() {
            let due: Vec<Due<Posts>> = partition.history().due(None, until).take(3).collect();
            for Due { aggregate_id, version, command, .. } in due {
                let id = Uuid::new_v5(&NO_ACCOUNT, format!("{aggregate_id}/{version}").as_bytes());
                self.ask(who, id, &aggregate_id, Actor::new(NO_ACCOUNT), command);
            }
        }
    }

    fn kill(&mut self, who: usize) {
        self.scatter(who);
        self.instances[who] = self.fresh(self.instances[who].ahead);
        self.kills += 1;
        self.lead((who + 1) % 2);
    }

    fn step(&mut self) {
        let who = self.rng.random_range(0..2);
        self.now += self.rng.random_range(0..6);
        match self.rng.random_range(0..100) {
            0..30 => self.land(who),
            30..75 => self.read(who),
            75..82 => self.write(who),
            82..98 => self.carry_out(who),
            98 => self.lead(who),
            _ => self.kill(who),
        }
    }

    /// All troubles end, and time passes.
    fn heal(&mut self) {
        self.lead(0);
        for round in 0..40 {
            self.now += if round == 5 { 1_000 } else { 1 };
            self.carry_out(0);
            self.settle();
        }
    }

    /// All that the leader has appended lands, and it reads all that there is.
    fn settle(&mut self) {
        let who = self.leader;
        while !self.instances[who].under_way.is_empty() || self.instances[who].read < self.log.len() {
            self.land(who);
            self.read(who);
        }
    }

    /// A post is planned, and about its time the leader dies: before it looks, while what it decided is under way, or
    /// after that was read. Another takes its place.
    fn kill_around_a_due_time(&mut self) {
        let (who, at) = (self.leader, self.now + 10);
        let release = schedule::Command::Release(Some(Moment { at: Timestamp(at), local: None }));
        for body in [Command::Unpublish, Command::Schedule(release)] {
            let id = self.id();
            self.ask(who, id, "post-0", Actor::new(AUTHOR).with(Role::Author), body);
            self.settle();
        }
        self.now = at - 1 + self.rng.random_range(0..3);
        for _ in 0..self.rng.random_range(0..8) {
            match self.rng.random_range(0..3) {
                0 => self.carry_out(who),
                1 => self.land(who),
                _ => self.read(who),
            }
        }
        self.kill(who);
        self.now = self.now.max(at);
        for _ in 0..3 {
            self.settle();
            self.carry_out(self.leader);
        }
        self.settle();
    }
}

fn drafted(number: usize) -> Command {
    let content = Drafted::new(AUTHOR, format!("post-{number}").parse().unwrap(), "A post".parse().unwrap());
    Command::Put { content, overwrite: false, lease: Lease::CONFIRMED }
}

/// What counts in the log, and when it came there; told from what does not by a reader of its own.
fn counting(world: &World) -> Vec<(i64, domain::Recorded<Event>)> {
    let mut position = crate::position::Position::START;
    let mut counting = Vec::new();
    for ((offset, record), landed) in (0..).zip(&world.log).zip(&world.landed) {
        if let (crate::Validity::Valid, Record::Event(event)) = (position.judge(offset, record), record) {
            counting.push((*landed, event.recorded.clone()));
        }
    }
    counting
}

fn due(state: &domain::posts::State) -> Option<PostDue> {
    match Posts::due(state) {
        Some((_, Command::CarryOut(due))) => Some(due),
        _ => None,
    }
}

/// Plays the log through, with what each post is to do by itself; how much was carried out.
fn judge(world: &World) -> usize {
    let (mut posts, mut carried_out) = (HashMap::<String, domain::posts::State>::new(), 0);
    for (landed, event) in counting(world) {
        let state = posts.entry(event.aggregate_id.clone()).or_default();
        if event.actor_id == NO_ACCOUNT {
            let PostDue { at, .. } = due(state).expect("what nothing asks for does not happen");
            assert!(event.occurred_at >= at && landed >= at.0, "{event:?} is early: {at:?}, and it landed at {landed}");
            carried_out += 1;
        }
        let before = due(state);
        *state = Posts::evolve(std::mem::take(state), &event.event);
        assert!(event.actor_id != NO_ACCOUNT || due(state) != before, "it would happen again: {event:?}");
    }
    let forgotten = posts.values().filter_map(due).find(|due| due.at.0 <= world.now);
    assert_eq!(forgotten, None, "it was forgotten");
    carried_out
}

/// What was carried out, with seeds of two instances whose clocks are so far ahead; how many were killed, too.
fn run(ahead: [i64; 2]) -> (usize, usize) {
    let (mut kills, mut carried_out) = (0, 0);
    for seed in 1..=SEEDS {
        let mut world = World::new(seed, ahead);
        (0..1_500).for_each(|_| world.step());
        world.heal();
        let ran = catch_unwind(AssertUnwindSafe(|| judge(&world)));
        carried_out += ran.unwrap_or_else(|_| panic!("seed {seed}, {ahead:?}"));
        kills += world.kills;
    }
    println!("{ahead:?}: {kills} kills, {carried_out} carried out");
    (kills, carried_out)
}

#[test]
fn what_is_planned_happens_once_however_often_leaders_die() {
    let (kills, carried_out) = run([0, 0]);
    assert!(kills > 1_000 && carried_out > 500);
}

#[test]
fn what_is_planned_happens_once_though_an_owners_clock_is_an_hour_off() {
    for ahead in [HOUR, -HOUR] {
        let (_, carried_out) = run([0, ahead]);
        assert!(carried_out > 300);
    }
}

#[test]
fn a_hundred_kills_around_due_times_lose_none_and_repeat_none() {
    for seed in 1..=HUNDREDS {
        let mut world = World::new(seed, [0, 0]);
        (0..100).for_each(|_| world.kill_around_a_due_time());
        let ran = catch_unwind(AssertUnwindSafe(|| judge(&world)));
        assert_eq!(ran.unwrap_or_else(|_| panic!("seed {seed}")), 100, "seed {seed}");
    }
}

#[test]
fn the_agenda_is_in_the_order_of_its_times_and_forgets_what_was_changed() {
    let mut agenda = Agenda::default();
    let ids: Vec<Arc<str>> = ["a", "b", "c"].map(Arc::from).into();
    let at = |at| Some(Timestamp(at));
    agenda.change(&ids[0], None, at(30), 1);
    agenda.change(&ids[1], None, at(10), 2);
    agenda.change(&ids[2], None, at(20), 3);
    agenda.change(&ids[0], at(30), at(5), 4);
    agenda.change(&ids[2], at(20), None, 5);
    let until = |after, until| {
        let due = agenda.until(after, Timestamp(until));
        due.map(|((at, id), version)| (at.0, id.to_string(), version)).collect::<Vec<_>>()
    };
    assert_eq!(until(None, 100), [(5, "a".to_owned(), 4), (10, "b".to_owned(), 2)]);
    assert_eq!(until(None, 9), [(5, "a".to_owned(), 4)]);
    assert_eq!(until(Some((Timestamp(5), Arc::clone(&ids[0]))), 100), [(10, "b".to_owned(), 2)]);
}
