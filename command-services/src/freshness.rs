//! What this instance has read of a log, and whether it may be answered from.

use std::fmt::Display;
use std::time::Duration;

use domain::Decider;
use event_log::{EventLog, Stale, Unready};
use service_kit::Problem;
use tokio::time::Instant;

/// So long it may take until a log is read to its end: longer than a producer takes to say that it failed.
pub const TO_THE_END: Duration = Duration::from_secs(6);

/// The present version of an aggregate as far as this instance has read: for saying, not for deciding.
///
/// # Errors
/// What was read is not fresh.
pub fn seen_version<C: Decider>(log: &EventLog<C>, aggregate_id: &str) -> Result<u64, Problem> {
    Ok(log.confirmed(aggregate_id).map_err(stale)?.0)
}

/// What a client reads where this instance does not hear from the log.
#[must_use]
pub fn stale(why: impl Display) -> Problem {
    Problem::unavailable(format!("{why}; nothing was done"), 1)
}

/// Whether this instance can say of an aggregate that it is not there.
///
/// # Errors
/// It cannot: it has not read the log yet, or does not hear from it any more.
pub fn can_deny<C: Decider>(log: &EventLog<C>) -> Result<(), Problem> {
    match log.unready().into_iter().next() {
        None => Ok(()),
        Some((partition, Unready::Silent)) => Err(stale(Stale { context: C::NAME, partition })),
        Some((_, Unready::CatchingUp | Unready::Stuck | Unready::Another | Unready::Leaderless | Unready::Sealed)) => {
            Err(Problem::moving(1))
        }
    }
}

/// Waits until this instance has read all that any has been told of by now: before it refuses, or permits, by what it
/// has read, what another has accepted a moment ago.
///
/// # Errors
/// 503: it has not by `until`, or cannot read all of it.
pub async fn read_to_the_end<C: Decider>(log: &EventLog<C>, until: Instant) -> Result<(), Problem> {
    let patience = until.saturating_duration_since(Instant::now()).min(TO_THE_END);
    log.read_to_the_end(patience).await.map_err(stale)
}

/// The same of one aggregate, which the leader is asked about then: it refuses where that cannot be read.
///
/// # Errors
/// 503: it has not by `until`.
pub async fn read_on<C: Decider>(log: &EventLog<C>, aggregate_id: &str, until: Instant) -> Result<(), Problem> {
    let patience = until.saturating_duration_since(Instant::now()).min(TO_THE_END);
    log.read_to_the_end_of(aggregate_id, patience).await.map_err(stale)
}

/// An aggregate that is looked up, and its version. Where what is read of it is not as it is wanted, it may have become
/// so a moment ago, at another instance: this one reads on before it says no.
///
/// # Errors
/// 503: this instance cannot say by `until`.
pub async fn looked_up<C: Decider>(
    log: &EventLog<C>,
    aggregate_id: &str,
    until: Instant,
    is_wanted: impl Fn(&C::State) -> bool,
) -> Result<(u64, C::State), Problem> {
    let read = log.confirmed(aggregate_id).map_err(stale)?;
    if is_wanted(&read.1) {
        return Ok(read);
    }
    can_deny(log)?;
    read_on(log, aggregate_id, until).await?;
    log.confirmed(aggregate_id).map_err(stale)
}
