//! Carries out what is due by itself ([`Decider::due`]) in the partitions that this process leads: a schedule is a fact
//! in the log, so each leader knows them all, and the id of the command is made of the fact. However often leaders die,
//! one of these commands is decided, and the others get its reply (`docs/adr/0013-what-is-due.md`).

mod later;

use std::sync::Arc;
use std::time::Duration;

use domain::{Actor, Decider};
use event_log::{Due, EventLog, Refusal};
use futures::future::{BoxFuture, join_all};
use service_kit::Problem;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::commands::{Caller, Command, Decided};
use crate::part::Process;
use later::Later;

/// Between looks at what is due.
const LOOK: Duration = Duration::from_millis(100);
/// The longest pause, when nothing that is due can be carried out, or one thing cannot be judged.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause of one that is refused: it is likely to be for good.
const LONGEST_AFTER_REFUSAL: Duration = Duration::from_secs(60);
/// So much of a partition is carried out at once: others' commands are decided in between.
const AT_ONCE: usize = 32;
/// For one of them.
const DEADLINE: Duration = Duration::from_secs(10);

/// What is to be done of what is due, once that is known.
pub type Judged<C> = BoxFuture<'static, Result<<C as Decider>::Command, Problem>>;

/// Carries out what is due in a context, in the background. `judge` says what is done of what is due, by what is known
/// outside of the aggregate: the command that is planned, or another in its place. The id stays that of the fact, so
/// one of them is decided, even where two leaders judge differently. What cannot be judged is tried again; it has a
/// deadline of its own, for others wait beside it.
///
/// # Errors
/// The process has no log of the context.
pub fn carry_out<C, J>(process: &mut Process, judge: J) -> anyhow::Result<()>
where
    C: Decider,
    J: Fn(&Due<C>) -> Judged<C> + Send + Sync + 'static,
{
    let (log, judge) = (process.logs.of::<C>()?, Arc::new(judge));
    for partition in 0..log.partitions() {
        let (log, judge) = (Arc::clone(&log), Arc::clone(&judge));
        process.spawn(async move { carry_out_of(&log, partition, &*judge).await });
    }
    Ok(())
}

/// A partition by itself, so that one that is away holds up no other.
async fn carry_out_of<C, J>(log: &Arc<EventLog<C>>, partition: i32, judge: &J)
where
    C: Decider,
    J: Fn(&Due<C>) -> Judged<C> + Sync,
{
    let (mut pause, mut later) = (LOOK, Later::default());
    loop {
        let is_well = all_that_is_due(log, partition, judge, &mut later).await;
        pause = if is_well { LOOK } else { (pause * 2).min(LONGEST_PAUSE) };
        sleep(pause).await;
    }
}

/// Carries out all that is due by now, a few at a time. One that cannot be carried out does not hold up those after it,
/// and is put off by itself. Whether to look again soon: not, where nothing can be done for the moment.
async fn all_that_is_due<C, J>(log: &Arc<EventLog<C>>, partition: i32, judge: &J, later: &mut Later) -> bool
where
    C: Decider,
    J: Fn(&Due<C>) -> Judged<C> + Sync,
{
    let mut last = None;
    loop {
        let due = log.due(partition, last.as_ref(), AT_ONCE);
        if due.is_empty() {
            later.looked();
            return later.has_room();
        }
        let now = Instant::now();
        let tried: Vec<&Due<C>> = due.iter().filter(|due| later.is_now(due, now)).collect();
        let outcomes = join_all(tried.iter().copied().map(|due| carry_out_one(log, due, judge(due)))).await;
        let mut goes_on = true;
        for (due, outcome) in tried.into_iter().zip(outcomes) {
            match outcome {
                Carried::Out => {}
                Carried::NotThisOne(longest) => later.put_off(due, longest, Instant::now()),
                Carried::NotNow => goes_on = false,
            }
        }
        if !goes_on {
            return false;
        }
        last = due.into_iter().next_back();
    }
}

/// What became of something that was due.
enum Carried {
    /// It is done, or is not to be done any more.
    Out,
    /// It cannot be done, for a reason of its own; the longest pause until it is tried again.
    NotThisOne(Duration),
    /// Nothing can be done for the moment.
    NotNow,
}

async fn carry_out_one<C: Decider>(log: &Arc<EventLog<C>>, due: &Due<C>, judged: Judged<C>) -> Carried {
    let late_ms = event_log::now().0.saturating_sub(due.at.0);
    let (carried, outcome) = match judged.await {
        Ok(body) => decided(log, due, body).await,
        // Those after it may be judged: they do not wait.
        Err(problem) => {
            tracing::debug!(context = C::NAME, id = %due.aggregate_id, %problem, "what is due cannot be judged yet");
            (Carried::NotThisOne(LONGEST_PAUSE), "not-yet")
        }
    };
    measures::commands::DUE.with([C::NAME, outcome]).increment(1);
    if matches!(carried, Carried::Out) {
        measures::commands::DUE_LATE.with([C::NAME]).record(late_ms as f64 / 1_000.0);
    }
    carried
}

/// Has it decided; what became of it, and how the metrics call that.
async fn decided<C: Decider>(log: &Arc<EventLog<C>>, due: &Due<C>, body: C::Command) -> (Carried, &'static str) {
    let Due { at, aggregate_id, version, .. } = due;
    let key = format!("due/{version}");
    let caller = Caller::in_the_name_of(Actor::new(Uuid::nil()), &key, Instant::now() + DEADLINE);
    let command: Command<'_, C> = caller.command(log, aggregate_id.to_string(), &(&key, at));
    match command.execute(body, None).await {
        Ok(Decided::Accepted(_)) => (Carried::Out, "done"),
        Ok(Decided::Refused(Refusal::ClockIsWrong { .. })) => (Carried::NotNow, "clock-is-wrong"),
        Ok(Decided::Refused(refusal)) => {
            tracing::warn!(context = C::NAME, %aggregate_id, ?refusal, "what is due cannot be carried out");
            (Carried::NotThisOne(LONGEST_AFTER_REFUSAL), "refused")
        }
        // Its outcome is found by asking again: the id is the same.
        Err(problem) => {
            tracing::info!(context = C::NAME, %aggregate_id, %problem, "what is due is not carried out yet");
            (Carried::NotNow, "not-yet")
        }
    }
}

#[cfg(test)]
mod tests;
