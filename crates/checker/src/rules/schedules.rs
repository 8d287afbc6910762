//! What is to happen by itself happens once, and not before its time: by the log alone, which says both what was to
//! happen and what did. None is forgotten: of what was due well before the end of the log nothing is left.

use std::ops::Range;

use serde_json::Value;

use crate::context::Context;
use crate::contexts;
use crate::history::Event;
use crate::log::{Aggregate, Log, Place};
use crate::state::State;
use crate::verdict::{Kind, Verdict};

/// Who acts where no account does.
const BY_ITSELF: &str = "00000000-0000-0000-0000-000000000000";
/// What was due so long before the end of the log, in milliseconds, has been carried out.
const IN_TIME_MS: i64 = 10_000;

/// Whether an event happened by itself: no caller asked for it.
pub(crate) fn happened_by_itself(event: &Event) -> bool {
    let (context, _) = contexts::of_event(&event.event_type);
    context.has_schedules() && event.actor_id == BY_ITSELF
}

pub(crate) fn judge(log: &Log<'_>, verdict: &mut Verdict) {
    let end = end(log);
    for aggregate in &log.aggregates {
        let context = contexts::named(aggregate.context);
        if context.has_schedules() {
            judge_aggregate(log, context, aggregate, end, verdict);
        }
    }
}

/// When half of the partitions have had their last event. An event says the time of the instance that decided it: the
/// latest of all may be of one whose clock was ahead.
fn end(log: &Log<'_>) -> i64 {
    let last = |range: &Range<Place>| log.events[range.clone()].last().map(|placed| placed.event.occurred_at);
    let mut ends: Vec<i64> = log.partitions.iter().filter_map(|(_, _, range)| last(range)).collect();
    ends.sort_unstable();
    ends.get(ends.len() / 2).copied().unwrap_or_default()
}

fn judge_aggregate(log: &Log<'_>, context: &dyn Context, aggregate: &Aggregate<'_>, end: i64, verdict: &mut Verdict) {
    let mut state = State::new();
    for place in &aggregate.events {
        let event = log.events[*place].event;
        if happened_by_itself(event)
            && let Err(why) = carries_out(log, context, &state, event)
        {
            verdict.add(Kind::Schedule, || format!("{} happened by itself, and {why}", log.told(*place)));
        }
        contexts::fold(&mut state, event);
    }
    if let Some(at) = context.due(&state).filter(|at| at.saturating_add(IN_TIME_MS) < end) {
        verdict.add(Kind::Schedule, || format!("{} had something to do at {at}, and did not by {end}", aggregate.id));
    }
}

fn carries_out(log: &Log<'_>, context: &dyn Context, state: &State, event: &Event) -> Result<(), String> {
    let (_, verb) = contexts::of_event(&event.event_type);
    match context.due(state) {
        None => Err("nothing was to happen any more".to_owned()),
        Some(at) if event.occurred_at < at => Err(format!("was to happen at {at}, not at {}", event.occurred_at)),
        Some(_) if context.carries_out(state, verb, event.occurred_at) => Ok(()),
        Some(_) if context.called_off_with(state, verb).is_some_and(|account| was_out(log, account)) => Ok(()),
        Some(_) => Err("something else was to happen".to_owned()),
    }
}

/// Whether an account was deactivated, erased or blocked by a moderator at any time. When exactly is not asked: that is
/// in another log, whose times another clock may have shown.
fn was_out(log: &Log<'_>, account: &str) -> bool {
    let ends = ["inklog.accounts.Deactivated", "inklog.accounts.Erased"];
    happened(log, "accounts", account, |event| ends.contains(&event.event_type.as_str()))
        || happened(log, "moderation", &format!("account:{account}"), blocks_from_all)
}

/// Whether a moderator blocks an account from all there is.
fn blocks_from_all(event: &Event) -> bool {
    let field = |name: &str| event.fields.get(name).and_then(Value::as_str);
    event.event_type == "inklog.moderation.Decided"
        && field("measure") == Some("block")
        && field("blocked_post_id").is_none()
}

fn happened(log: &Log<'_>, context: &str, id: &str, is_it: impl Fn(&Event) -> bool) -> bool {
    let events = log.aggregate(context, id).map(|aggregate| &log.aggregates[aggregate].events);
    events.into_iter().flatten().any(|place| is_it(log.events[*place].event))
}

#[cfg(test)]
mod tests;
