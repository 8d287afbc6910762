//! Exactly once: every accepted command's event is in the log, one time, where it was said to be; and no event is
//! there that no caller asked for.

use uuid::Uuid;

use super::schedules;
use crate::commands::{self, Commands, may_have_applied};
use crate::contexts;
use crate::history::{Call, Event, Outcome, Position};
use crate::log::{Log, Place, at_text};
use crate::state::State;
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(log: &Log<'_>, commands: &Commands<'_>, verdict: &mut Verdict) {
    for id in commands.ids() {
        judge_command(log, commands, *id, verdict);
    }
    for place in 0..log.events.len() {
        judge_event(log, commands, place, verdict);
    }
}

fn judge_command(log: &Log<'_>, commands: &Commands<'_>, id: Uuid, verdict: &mut Verdict) {
    let places = log.of_command(id);
    let mut accepted = false;
    for call in commands.attempts(id) {
        match &call.outcome {
            Outcome::Accepted { version, changed: true, position } => {
                accepted = true;
                match places.first() {
                    None => {
                        verdict.add(Kind::Lost, || format!("{} was accepted, and has no event", commands::told(call)))
                    }
                    Some(place) => is_where_it_was_said_to_be(log, call, *place, *version, position.as_ref(), verdict),
                }
            }
            Outcome::Accepted { version, changed: false, .. } => said_already_so(log, call, *version, verdict),
            Outcome::Promised { position, .. } => {
                accepted = true;
                was_kept(log, call, places.first().copied(), position.as_ref(), verdict);
            }
            Outcome::Refused { .. } | Outcome::Unknown => {}
        }
    }
    verdict.counts.accepted += u64::from(accepted);
    if places.len() > 1 {
        doubled(log, places, verdict);
    }
    if !places.is_empty() && !commands.attempts(id).any(may_have_applied) {
        let last = commands.attempts(id).last();
        verdict.add(Kind::Invented, || {
            let (call, outcome) =
                last.map_or_else(Default::default, |call| (commands::told(call), format!("{:?}", call.outcome)));
            format!("{} is there, although {call} was answered {outcome}", log.told(places[0]))
        });
    }
}

fn doubled(log: &Log<'_>, places: &[Place], verdict: &mut Verdict) {
    verdict.add(Kind::Doubled, || {
        let told: Vec<String> = places.iter().map(|place| log.told(*place)).collect();
        format!("command {} has {} events: {}", log.events[places[0]].event.command_id, places.len(), told.join(", "))
    });
}

fn is_where_it_was_said_to_be(
    log: &Log<'_>,
    call: &Call,
    place: Place,
    version: u64,
    position: Option<&Position>,
    verdict: &mut Verdict,
) {
    let placed = &log.events[place];
    let found = (placed.context, placed.event.aggregate_id.as_str(), placed.event.version);
    if found != (commands::context(call), call.aggregate_id.as_str(), version) {
        verdict.add(Kind::Lost, || {
            format!("{} was accepted as version {version}, and its event is {}", commands::told(call), log.told(place))
        });
    }
    is_at(log, call, place, position, verdict);
    if let Some(expected) = call.expected
        && version != expected + 1
    {
        verdict.add(Kind::Order, || {
            format!("{} was made to version {expected} and became version {version}", commands::told(call))
        });
    }
}

fn is_at(log: &Log<'_>, call: &Call, place: Place, position: Option<&Position>, verdict: &mut Verdict) {
    let placed = &log.events[place];
    if let Some(position) = position
        && (placed.context != position.context
            || log.is_at(place, position) != Some((position.partition, position.offset)))
    {
        verdict.add(Kind::Lost, || {
            let said = at_text((&position.context, position.partition, position.offset));
            format!("{} was accepted at {said}, and its event is {}", commands::told(call), log.told(place))
        });
    }
}

/// What was promised is so in the end, by this command's event or, if it has none, by another's.
fn was_kept(log: &Log<'_>, call: &Call, own: Option<Place>, position: Option<&Position>, verdict: &mut Verdict) {
    if let Some(place) = own {
        is_at(log, call, place, position, verdict);
        return;
    }
    let mut state = State::new();
    let aggregate = log.aggregate(commands::context(call), &call.aggregate_id);
    let events = aggregate.map_or(&[][..], |aggregate| &log.aggregates[aggregate].events);
    events.iter().for_each(|place| contexts::fold(&mut state, log.events[*place].event));
    if let Err(difference) = contexts::holds(&call.kind, &call.arguments, &state) {
        verdict.add(Kind::Lost, || format!("{} was promised, and in the end {difference}", commands::told(call)));
    }
}

fn said_already_so(log: &Log<'_>, call: &Call, version: u64, verdict: &mut Verdict) {
    let versions = log.versions(log.aggregate(commands::context(call), &call.aggregate_id));
    if version > versions {
        verdict.add(Kind::Lost, || {
            format!(
                "{} was told that version {version} is so already, and there are {versions} versions",
                commands::told(call)
            )
        });
    }
    if let Some(expected) = call.expected.filter(|expected| *expected != version) {
        verdict.add(Kind::Order, || {
            format!(
                "{} was made to version {expected} and told that version {version} is so already",
                commands::told(call)
            )
        });
    }
}

fn judge_event(log: &Log<'_>, commands: &Commands<'_>, place: Place, verdict: &mut Verdict) {
    let event = log.events[place].event;
    if commands.is_invoked(event.command_id) {
        let kinds = || commands.attempts(event.command_id).map(|call| call.kind.as_str());
        if kinds().all(|kind| contexts::may_lead_to(kind, &event.event_type) == Some(false)) {
            verdict.add(Kind::Invented, || {
                let kind = kinds().next().unwrap_or_default();
                format!("{} answers a command of the kind {kind}, which cannot lead to it", log.told(place))
            });
        }
    } else if needs_no_call(event, commands) {
        let places = log.of_command(event.command_id);
        if places.len() > 1 && places[0] == place {
            doubled(log, places, verdict);
        }
    } else {
        verdict
            .add(Kind::Invented, || format!("{}: no caller invoked its command {}", log.told(place), event.command_id));
    }
}

/// Whether an event is a step of a command that a caller invoked, or one that the services write by themselves.
fn needs_no_call(event: &Event, commands: &Commands<'_>) -> bool {
    let (context, _) = contexts::of_event(&event.event_type);
    !context.has_callers()
        || schedules::happened_by_itself(event)
        || context.carries_out_of_another(event).is_some()
        || contexts::is_step(&event.event_type) && commands.is_invoked(event.correlation_id)
        || contexts::ends_with_accounts(&event.event_type) && commands.is_to_be_forgotten(&event.actor_id)
}

#[cfg(test)]
mod tests;
