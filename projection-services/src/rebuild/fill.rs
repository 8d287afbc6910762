use std::future::Future;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::reader::{Reader, Targets};
use crate::log::Source;
use crate::poison::Poison;
use crate::projector::{Failed, Projector};
use crate::work::{Verdict, Work};

/// What has been done so far; shows itself once a second on stderr.
#[derive(Debug)]
pub struct Tally {
    what: String,
    /// Events read and committed.
    pub events: u64,
    began: Instant,
    shown: Instant,
}

impl Tally {
    /// Nothing done yet.
    #[must_use]
    pub fn new(what: &str) -> Self {
        let now = Instant::now();
        Self { what: what.to_owned(), events: 0, began: now, shown: now }
    }

    /// What is rebuilt.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// So many events more.
    pub fn add(&mut self, events: usize) {
        self.events += events as u64;
        if self.shown.elapsed() >= Duration::from_secs(1) {
            self.shown = Instant::now();
            self.show();
        }
    }

    /// Shows how far it is. On a terminal the line is written over.
    pub fn show(&self) {
        let seconds = self.began.elapsed().as_secs_f64();
        let rate = self.events as f64 / seconds.max(0.001);
        let mut stderr = std::io::stderr().lock();
        let (before, after) = if stderr.is_terminal() { ("\r", "") } else { ("", "\n") };
        let line = format!("rebuild {}: {} events, {seconds:.1} s, {rate:.0} events/s", self.what, self.events);
        // An operator who closed our stderr does not want to see this.
        let _ = write!(stderr, "{before}{line}{after}").and_then(|()| stderr.flush());
    }

    /// Says in the log, for an operator who wonders where the time goes, that a stage is done.
    pub fn stage(&self, stage: &str) {
        let duration_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(rebuild = self.what, stage, duration_ms, events = self.events, "rebuilding");
    }

    /// Ends the line.
    pub fn finish(&self) {
        self.show();
        if std::io::stderr().is_terminal() {
            eprintln!();
        }
    }
}

/// What is to become of events that cannot be handled.
pub(super) trait Judge: Send {
    /// Has them parked, in the work or in the store; or fails, and the rebuild with it.
    fn judge(&mut self, poison: Vec<Poison>, work: &mut Work) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Parks them all.
#[derive(Clone, Copy, Debug)]
pub(super) struct ParkThem;

impl Judge for ParkThem {
    async fn judge(&mut self, poison: Vec<Poison>, work: &mut Work) -> anyhow::Result<()> {
        for poison in poison {
            tracing::error!(
                context = poison.partition.context,
                partition = poison.partition.partition,
                offset = poison.offset,
                reason = poison.reason,
                "parking an event that cannot be handled"
            );
            work.park(Verdict { poison, attempts: 1 });
        }
        Ok(())
    }
}

/// Reads up to the targets and commits what was read. Gives the number of events.
pub(super) async fn fill<P: Projector, S: Source>(
    projector: &mut P,
    reader: &mut Reader<S>,
    targets: &Targets,
    judge: &mut impl Judge,
    tally: &mut Tally,
) -> anyhow::Result<u64> {
    let before = tally.events;
    while let Some(mut work) = reader.next(targets).await.context("reading the log")? {
        loop {
            match projector.commit(&work).await {
                Ok(_) => break,
                Err(Failed::Poisoned(poison)) => judge.judge(poison, &mut work).await?,
                Err(Failed::Moved) => bail!("another rebuild is under way"),
                Err(failed @ Failed::Unavailable(_)) => return Err(failed).context("writing rebuilt rows"),
            }
        }
        tally.add(work.events());
    }
    Ok(tally.events - before)
}
