//! The runner: reads the log and has a projector commit what it read, for ever. It owns batching, retries, the
//! verdict that an event is to be parked, lag and readiness; it knows no view and no store.
//!
//! There is one way out of every trouble, `Runner::go_back`: ask the store where it is, and read on from there.
//!
//! Several instances may run the same projector. The positions let one of them write; another one stands by, ready: it
//! reads on, and writes only what no instance has written for a while. That is how long it takes until one writes when
//! the first one dies. If it wrote at once whenever it could, each of two would soon be first in one partition and
//! second in another, and both would stand by at the same time, again and again (crash lab, seed 9801).

mod ages;
mod backoff;
mod size;
mod status;

pub use backoff::Backoff;
use backoff::pause;
use size::Size;
pub use status::Status;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use event_log::subscription::{PartitionId, Position, SubscribeError};
use futures::FutureExt;
use service_kit::Shutdown;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::log::{Log, Positions, Source, is_ahead, offset, one_log, same};
use crate::poison::Poison;
use crate::projector::{Committed, Failed, Projector};
use crate::work::{Verdict, Work};

/// How a projector is run.
#[derive(Clone, Copy, Debug)]
pub struct RunnerConfig {
    /// At most so many events are committed at once, give or take a batch.
    pub max_events: usize,
    /// At most so many bytes of events are committed at once, give or take a batch.
    pub max_bytes: usize,
    /// At most so many records in one batch of the log.
    pub max_batch: usize,
    /// How often an event is tried before it is parked.
    pub attempts: u32,
    /// The shortest and the longest pause after a failure.
    pub pauses: (Duration, Duration),
    /// How long what is read must have been left by another instance that was found to write, before this one writes
    /// it.
    pub stand_by: Duration,
    /// How long a commit may take.
    pub commit_deadline: Duration,
    /// How often the store is asked whether it still is where we left it, while there is nothing to do.
    pub check_every: Duration,
    /// How often the lag is measured.
    pub lag_every: Duration,
}

impl Default for RunnerConfig {
    fn default() -> Self {
        Self {
            max_events: 5_000,
            max_bytes: 8 << 20,
            max_batch: 500,
            attempts: 4,
            // A store that is back is noticed soon: readers wait for what was written meanwhile.
            pauses: (Duration::from_millis(50), Duration::from_millis(250)),
            stand_by: Duration::from_millis(500),
            commit_deadline: Duration::from_secs(15),
            check_every: Duration::from_secs(1),
            lag_every: Duration::from_secs(10),
        }
    }
}

struct Runner<'a, P, L: Log> {
    projector: P,
    log: &'a L,
    contexts: &'a [&'a str],
    source: L::Source,
    config: RunnerConfig,
    size: Size,
    status: Status,
    at: Positions,
    attempts: HashMap<(PartitionId, i64), Verdict>,
    backoff: Backoff,
    /// Whether another instance was found to write since this one last did.
    stands_by: bool,
    stop: Shutdown,
}

/// Runs `projector` on `log` until `stop`. While its store is away it waits for it, and says so in `status`.
///
/// # Errors
/// The log refuses: the positions are of another log, or the topics cannot be used. A person has to see to that.
pub async fn run<P: Projector, L: Log>(
    mut projector: P,
    log: &L,
    contexts: &[&str],
    config: RunnerConfig,
    status: Status,
    stop: Shutdown,
) -> Result<(), SubscribeError> {
    let mut backoff = Backoff::new(config.pauses);
    let Some(at) = resume(&mut projector, &mut backoff, &status, &stop).await else { return Ok(()) };
    let source = tokio::select! {
        source = log.open(contexts, at.clone(), config.max_batch) => source?,
        () = stop.requested() => return Ok(()),
    };
    status.ready();
    tracing::info!(projector = projector.name(), "projecting");
    let attempts = HashMap::new();
    let size = Size::new(config.max_events, config.max_batch);
    Runner { projector, log, contexts, source, config, size, status, at, attempts, backoff, stands_by: false, stop }
        .run()
        .await
}

impl<P: Projector, L: Log> Runner<'_, P, L> {
    async fn run(mut self) -> Result<(), SubscribeError> {
        let mut check = interval(self.config.check_every);
        let mut lag = interval(self.config.lag_every);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        lag.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.stop.is_requested() {
            let batch = tokio::select! {
                biased;
                () = self.stop.requested() => break,
                _ = lag.tick() => {
                    self.measure_lag().await;
                    continue;
                }
                batch = self.source.next() => batch,
                _ = check.tick() => {
                    self.check().await?;
                    continue;
                }
            };
            let gathered = match batch {
                Ok(batch) => self.wait_and_gather(Work::of(batch)).await,
                Err(trouble) => Err(trouble),
            };
            match gathered {
                Ok(work) => self.project(work).await?,
                Err(trouble @ SubscribeError::ForeignPosition { .. }) => return Err(trouble),
                Err(SubscribeError::Unusable(reason)) => {
                    self.trouble(&format!("the log is not available: {reason}"));
                    self.go_back().await?;
                }
            }
        }
        tracing::info!(projector = self.projector.name(), "stopped");
        Ok(())
    }

    /// Lets another instance go first, if there is one.
    async fn wait_and_gather(&mut self, work: Work) -> Result<Work, SubscribeError> {
        if self.stands_by {
            pause(self.config.stand_by, &self.stop).await;
        }
        self.gather(work).await
    }

    /// Adds what is there already, without waiting: one event alone is committed at once, a backlog in bulk.
    async fn gather(&mut self, mut work: Work) -> Result<Work, SubscribeError> {
        while self.size.has_room(work.events()) && work.bytes() < self.config.max_bytes {
            match self.source.next().now_or_never() {
                Some(batch) => work.add(batch?),
                None => break,
            }
        }
        Ok(work)
    }

    async fn project(&mut self, mut work: Work) -> Result<(), SubscribeError> {
        if self.stop.is_requested() {
            return Ok(());
        }
        if work.runs().any(|run| offset(&self.at, &run.partition) != run.from.next_offset) {
            // Not a sequel to what was committed last: what the source prefetched before we went back.
            return self.go_back().await;
        }
        for verdict in self.attempts.values().filter(|verdict| verdict.attempts >= self.config.attempts) {
            if work.contains(&verdict.poison.partition, verdict.poison.offset) {
                work.park(verdict.clone());
            }
        }
        let began = Instant::now();
        let outcome = timeout(self.config.commit_deadline, self.projector.commit(&work)).await;
        if outcome.is_err() {
            self.size.halve(work.events());
        }
        match outcome.unwrap_or_else(|_| Err(Failed::Unavailable("the commit took too long".to_owned()))) {
            Ok(committed) => {
                self.settle(&work, committed, began.elapsed());
                Ok(())
            }
            Err(Failed::Poisoned(poisons)) => {
                self.count_attempts(poisons);
                self.go_back().await
            }
            Err(Failed::Moved) => self.stand_by().await,
            Err(failed @ Failed::Unavailable(_)) => {
                self.trouble(&failed.to_string());
                self.go_back().await
            }
        }
    }

    /// Another instance writes: that is no trouble, and the store answers.
    async fn stand_by(&mut self) -> Result<(), SubscribeError> {
        tracing::debug!(projector = self.projector.name(), "another instance writes; standing by");
        self.stands_by = true;
        self.backoff.reset();
        self.go_back().await
    }

    fn settle(&mut self, work: &Work, committed: Committed, took: Duration) {
        for (partition, position) in work.ends() {
            self.at.insert(partition.clone(), position);
        }
        let at = &self.at;
        self.attempts.retain(|(partition, offset), _| at.get(partition).is_none_or(|at| at.next_offset <= *offset));
        self.backoff.reset();
        self.size.grow(took, self.config.commit_deadline);
        self.stands_by = false;
        self.status.committed(work, committed, took);
    }

    fn count_attempts(&mut self, poisons: Vec<Poison>) {
        for poison in poisons {
            let verdict = self
                .attempts
                .entry((poison.partition.clone(), poison.offset))
                .or_insert_with(|| Verdict { poison: poison.clone(), attempts: 0 });
            verdict.attempts += 1;
            verdict.poison = poison;
            if verdict.attempts >= self.config.attempts {
                self.status.parks(verdict);
            }
        }
    }

    /// Compares what the store says with where we are: it may have been emptied, restored, or moved by another. It
    /// answers, so none of that is trouble.
    async fn check(&mut self) -> Result<(), SubscribeError> {
        self.status.moved(self.source.moved());
        let stored = timeout(self.config.commit_deadline, self.projector.positions()).await;
        let stored = stored.unwrap_or_else(|_| Err(Failed::Unavailable("no answer in time".to_owned())));
        match stored {
            Ok(stored) if same(&self.at, &stored) => {
                self.backoff.reset();
                self.status.ready();
                Ok(())
            }
            Ok(stored) => {
                tracing::debug!(projector = self.projector.name(), "the store is not where this projector left it");
                self.stands_by |= is_ahead(&stored, &self.at);
                self.backoff.reset();
                self.go_back().await
            }
            Err(failed) => {
                self.trouble(&failed.to_string());
                self.go_back().await
            }
        }
    }

    /// Asks the store where it is and reads on from there; the one way out of every trouble.
    async fn go_back(&mut self) -> Result<(), SubscribeError> {
        loop {
            pause(self.backoff.pause(), &self.stop).await;
            let resumed = resume(&mut self.projector, &mut self.backoff, &self.status, &self.stop).await;
            let Some(positions) = resumed else { return Ok(()) };
            match self.read_from(&positions).await {
                Ok(()) => {
                    self.at = positions;
                    self.status.ready();
                    return Ok(());
                }
                Err(trouble @ SubscribeError::ForeignPosition { .. }) => return Err(trouble),
                Err(SubscribeError::Unusable(reason)) => self.trouble(&format!("the log is not available: {reason}")),
            }
            if self.stop.is_requested() {
                return Ok(());
            }
        }
    }

    /// Has the source go on from there; one that cannot even seek, or gives too much at once, is opened anew.
    async fn read_from(&mut self, positions: &Positions) -> Result<(), SubscribeError> {
        one_log(&self.at, positions)?;
        if !self.size.is_less_than_a_batch() {
            match self.seek(positions).await {
                Err(SubscribeError::Unusable(_)) => {}
                sought => return sought,
            }
        }
        let batch = self.size.batch();
        self.source = tokio::select! {
            source = self.log.open(self.contexts, positions.clone(), batch) => source?,
            () = self.stop.requested() => return Ok(()),
        };
        Ok(())
    }

    /// Every partition, also those that nothing was ever committed of: they were read from all the same.
    async fn seek(&mut self, positions: &Positions) -> Result<(), SubscribeError> {
        for partition in self.log.partitions(self.contexts) {
            let position = positions.get(&partition).copied().unwrap_or(Position::START);
            self.source.seek(&partition, position).await?;
        }
        Ok(())
    }

    async fn measure_lag(&mut self) {
        match timeout(Duration::from_secs(2), self.source.known_ends()).await {
            Ok(ends) => self.status.lag(&self.at, &ends),
            Err(_) => tracing::debug!("the ends of the log are not known"),
        }
    }

    fn trouble(&self, reason: &str) {
        self.status.trouble(reason);
    }
}

/// Where to go on from, as soon as the store says so; `None` when it is time to stop.
async fn resume<P: Projector>(
    projector: &mut P,
    backoff: &mut Backoff,
    status: &Status,
    stop: &Shutdown,
) -> Option<Positions> {
    while !stop.is_requested() {
        let resumed = tokio::select! {
            resumed = projector.resume() => resumed,
            () = stop.requested() => return None,
        };
        match resumed {
            Ok(positions) => return Some(positions),
            Err(failed) => status.trouble(&failed.to_string()),
        }
        pause(backoff.pause(), stop).await;
    }
    None
}

#[cfg(test)]
mod tests;
