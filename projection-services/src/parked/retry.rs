//! Trying parked events again without being asked: the version that parked an event may not have known it, and this
//! one does. During a rollout an instance of the version before may park events after this one has started, so what is
//! parked is looked at again and again; but each aggregate that is held is tried once in the life of a process.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use service_kit::Shutdown;
use tokio::time::timeout;

use super::{ParkedEntry, Replayed, Replayer, replay};
use crate::log::Log;
use crate::runner::Backoff;

/// How often what is parked is looked at.
pub const EVERY: Duration = Duration::from_secs(60);
/// How long one round may take; what it has applied by then is applied.
const ROUND: Duration = Duration::from_secs(600);

/// Tries what is parked again until `stop`: at once, and then `every` so often what has come since.
pub async fn keep_trying<L: Log, R: Replayer>(
    log: &L,
    contexts: &[&str],
    mut replayer: R,
    every: Duration,
    stop: &Shutdown,
) {
    let mut tried = BTreeSet::new();
    let mut backoff = Backoff::new((every / 60, every));
    while !stop.is_requested() {
        let round = timeout(ROUND, try_new(log, contexts, &mut replayer, &mut tried));
        let outcome = tokio::select! {
            outcome = round => outcome,
            () = stop.requested() => return,
        };
        let pause = match outcome.map_err(anyhow::Error::from).flatten() {
            Ok(replayed) => {
                said(replayer.name(), &replayed);
                backoff.reset();
                every
            }
            Err(error) => {
                let (projector, reason) = (replayer.name(), format!("{error:#}"));
                tracing::warn!(projector, reason, "parked events could not be tried again yet");
                backoff.pause()
            }
        };
        let _ = timeout(pause, stop.requested()).await;
    }
}

fn said(projector: &str, replayed: &Replayed) {
    if *replayed != Replayed::default() {
        let (applied, failed, waiting) = (replayed.applied, replayed.failed.len(), replayed.waiting);
        tracing::info!(projector, applied, failed, waiting, "parked events were tried again");
    }
}

/// Tries the aggregates whose first parked event was not tried yet.
async fn try_new<L: Log, R: Replayer>(
    log: &L,
    contexts: &[&str],
    replayer: &mut R,
    tried: &mut BTreeSet<String>,
) -> anyhow::Result<Replayed> {
    let parked = replayer.parked().await.context("reading what is parked")?;
    tried.retain(|place| parked.iter().any(|entry| entry.place() == *place));
    let (mut seen, mut chosen, mut firsts) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for entry in &parked {
        if seen.insert(aggregate(entry)) && !tried.contains(&entry.place()) {
            chosen.insert(aggregate(entry));
            firsts.push(entry.place());
        }
    }
    let entries: Vec<ParkedEntry> = parked.iter().filter(|entry| chosen.contains(&aggregate(entry))).cloned().collect();
    if entries.is_empty() {
        return Ok(Replayed::default());
    }
    let replayed = replay(log, contexts, replayer, &entries).await?;
    tried.extend(firsts);
    Ok(replayed)
}

/// What has to be folded in order.
fn aggregate(entry: &ParkedEntry) -> (&str, &str) {
    (&entry.context, &entry.key)
}
