//! The world: what happens next is drawn from the seed, and nothing happens by itself.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use checker::{Verdict, judge};
use domain::views::ViewEvent;
use event_log::subscription::{Batch, PartitionId, Position, SubscribeError};
use projection_services::content::CONTEXTS;
use projection_services::log::{Log, Positions, Source};
use projection_services::runner::{self, RunnerConfig, Status};
use service_kit::Shutdown;

use super::super::support::history::{Dice, history};
use super::super::support::log::{MemoryLog, MemorySource, partition_of};
use super::Failure;
use super::record::Recorder;
use super::store::{Broken, Store};

const INSTANCES: usize = 2;
/// Longer than any pause of a runner here: by then it goes on.
const PAUSE: Duration = Duration::from_millis(3);

type Instance = Pin<Box<dyn Future<Output = Result<(), SubscribeError>>>>;

struct World {
    dice: Dice,
    log: SimulatedLog,
    store: Store,
    instances: [Option<Instance>; INSTANCES],
    events: std::vec::IntoIter<ViewEvent>,
    recorder: Recorder,
}

/// Runs a seed to its end and has it judged.
///
/// # Errors
/// What is wrong.
pub(super) async fn run(seed: u64, broken: Option<Broken>) -> Result<Verdict, Failure> {
    let mut dice = Dice::new(seed);
    let store = Store::new(seed, broken);
    let steps = 100 + dice.below(300);
    let events = history(seed, 3 + dice.below(4), steps / 3).into_iter();
    let log = SimulatedLog { log: MemoryLog::new().cut_by(seed), store: store.clone() };
    let instances = [const { None }; INSTANCES];
    let mut world = World { dice, log, store, instances, events, recorder: Recorder::default() };
    for partition in world.log.partitions(&CONTEXTS) {
        world.append_term(&partition);
    }
    for _ in 0..steps {
        world.step().await?;
    }
    world.heal().await?;
    let verdict = judge(&world.recorder.history(&world.store));
    let complaints = super::complaints(&verdict);
    if complaints.is_empty() {
        return Ok(verdict);
    }
    let kinds = complaints.iter().map(|violation| violation.kind).collect();
    Err(Failure { kinds, why: format!("{complaints:#?}") })
}

impl World {
    async fn step(&mut self) -> Result<(), Failure> {
        let who = self.dice.below(INSTANCES);
        match self.dice.below(100) {
            0..20 => self.append(),
            20..74 if self.instances[who].is_some() => return self.go_on(who, 1).await,
            20..74 => self.start(who),
            74..78 => self.instances[who] = None,
            78..81 => self.store.0.lock().unwrap().is_away ^= true,
            81..83 => self.store.0.lock().unwrap().log_is_away ^= true,
            83 => self.store.0.lock().unwrap().empty(),
            84 => {
                let partitions = self.log.partitions(&CONTEXTS);
                let partition = self.dice.below(partitions.len());
                self.append_term(&partitions[partition]);
            }
            _ => self.look(),
        }
        Ok(())
    }

    fn append(&mut self) {
        if let Some(event) = self.events.next() {
            self.recorder.append(partition_of(&event), Some(event.clone()));
            self.log.log.append(event);
        }
    }

    fn append_term(&mut self, partition: &PartitionId) {
        self.recorder.append(partition.clone(), None);
        self.log.log.append_void(partition);
    }

    fn start(&mut self, who: usize) {
        let (store, log) = (self.store.clone(), self.log.clone());
        let instance = async move {
            let (status, stop) = (Status::of("content"), Shutdown::new());
            runner::run(store, &log, &CONTEXTS, config(), status, stop).await
        };
        // Tokio would have worlds that run at once wait for each other, each time another way.
        self.instances[who].get_or_insert_with(|| Box::pin(tokio::task::coop::unconstrained(instance)));
    }

    /// Lets an instance take so many steps. One that was pausing has paused.
    async fn go_on(&mut self, who: usize, steps: usize) -> Result<(), Failure> {
        let Some(instance) = &mut self.instances[who] else { return Ok(()) };
        tokio::time::sleep(PAUSE).await;
        self.store.0.lock().unwrap().goes_on(steps);
        let ended = futures::poll!(instance.as_mut());
        self.store.0.lock().unwrap().steps = 0;
        match ended {
            std::task::Poll::Pending => return Ok(()),
            // A process that cannot open the log ends, and is started again.
            std::task::Poll::Ready(Err(SubscribeError::Unusable(_))) => self.instances[who] = None,
            std::task::Poll::Ready(ended) => {
                return Err(Failure::trouble(format!("an instance ended: {ended:?}")));
            }
        }
        Ok(())
    }

    fn look(&mut self) {
        let post = self.dice.below(7);
        self.recorder.look(&self.store, post);
    }

    /// All troubles end and one instance goes on until it has read everything.
    async fn heal(&mut self) -> Result<(), Failure> {
        {
            let mut state = self.store.0.lock().unwrap();
            (state.is_away, state.log_is_away) = (false, false);
        }
        while self.events.len() > 0 {
            self.append();
        }
        for _ in 0..500 {
            if self.recorder.is_read_by(&self.store) {
                return Ok(());
            }
            self.start(0);
            self.go_on(0, 5).await?;
        }
        Err(Failure::trouble("the instance does not reach the end of the log"))
    }
}

fn config() -> RunnerConfig {
    RunnerConfig {
        pauses: (Duration::ZERO, Duration::ZERO),
        stand_by: Duration::ZERO,
        check_every: Duration::from_millis(1),
        // Time that passes must decide nothing: not when it is drawn what does.
        commit_deadline: Duration::from_secs(3_600),
        lag_every: Duration::from_secs(3_600),
        max_events: 20,
        max_batch: 10,
        ..RunnerConfig::default()
    }
}

/// The log, which is away at times.
#[derive(Clone)]
pub(super) struct SimulatedLog {
    log: MemoryLog,
    store: Store,
}

impl SimulatedLog {
    async fn step(&self) -> Result<(), SubscribeError> {
        self.store.step().await;
        let is_away = self.store.0.lock().unwrap().log_is_away;
        if is_away { Err(SubscribeError::Unusable("away".into())) } else { Ok(()) }
    }
}

impl Log for SimulatedLog {
    type Source = SimulatedSource;

    fn partitions(&self, contexts: &[&str]) -> Vec<PartitionId> {
        self.log.partitions(contexts)
    }

    async fn open(
        &self,
        contexts: &[&str],
        positions: Positions,
        max_batch: usize,
    ) -> Result<SimulatedSource, SubscribeError> {
        self.step().await?;
        Ok(SimulatedSource { source: self.log.open(contexts, positions, max_batch).await?, log: self.clone() })
    }
}

pub(super) struct SimulatedSource {
    source: MemorySource,
    log: SimulatedLog,
}

impl Source for SimulatedSource {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        self.log.step().await?;
        self.source.next().await
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        self.log.store.0.lock().unwrap().asked();
        self.source.ends().await
    }

    fn moved(&self) -> Option<String> {
        None
    }

    async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        self.log.store.0.lock().unwrap().asked();
        self.source.seek(partition, position).await
    }
}
