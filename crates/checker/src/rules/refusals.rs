//! A refusal is a fact about the aggregate: there was a moment between question and answer at which it was true.
//! Refusals that name a version are bounds already (`bounds.rs`); here is the rest of what they say.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::reviewed::Reviewed;
use super::states::Visible;
use crate::bounds::{Bounds, LEASE};
use crate::commands::{self, Commands};
use crate::context::{LookedUp, Visibility};
use crate::contexts;
use crate::history::{Call, Nanos, Outcome, Refusal};
use crate::log::Log;
use crate::state::{self, State};
use crate::verdict::{Kind, Verdict};

/// What refusals are held against.
pub(crate) struct Against<'a, 'h> {
    pub(crate) log: &'a Log<'h>,
    pub(crate) commands: &'a Commands<'h>,
    pub(crate) bounds: &'a Bounds,
    pub(crate) visible: &'a Visible,
    pub(crate) reviewed: &'a Reviewed<'h>,
}

pub(crate) fn judge(against: &Against<'_, '_>, verdict: &mut Verdict) {
    for call in against.commands.calls {
        if let Outcome::Refused { refusal, version } = &call.outcome
            && let Err((kind, why)) = against.refused(call, *refusal, *version)
        {
            verdict.add(kind, || format!("{} was refused ({refusal:?}), but {why}", commands::told(call)));
        }
    }
}

impl Against<'_, '_> {
    fn refused(&self, call: &Call, refusal: Refusal, version: Option<u64>) -> Result<(), (Kind, String)> {
        let aggregate = self.log.aggregate(commands::context(call), &call.aggregate_id);
        let versions = self.log.versions(aggregate);
        if let Some(version) = version.filter(|version| *version > versions) {
            return Err((Kind::Invented, format!("there is no version {version}, there are {versions}")));
        }
        let true_then = match refusal {
            Refusal::VersionConflict if version.is_some() && version == call.expected => {
                return Err((Kind::Stale, format!("version {version:?} is the one that it was made to")));
            }
            Refusal::Deleted => match version {
                Some(version) => self.visible.is_deleted(aggregate, version),
                None => self.versions(call, aggregate).any(|version| self.visible.is_deleted(aggregate, version)),
            },
            Refusal::NotFound => {
                self.was_hidden(call, aggregate) || self.was_found(call, is_missing) || self.was_of_one_apart(call)
            }
            Refusal::Taken => self.was_taken(call),
            Refusal::NotApproved => version.is_some_and(|version| self.waited(call, aggregate, version)),
            Refusal::IdReused => {
                let other = |other: &Call| other.kind != call.kind || other.arguments != call.arguments;
                self.commands.attempts(call.command_id).any(other)
            }
            Refusal::NotPermitted if !contexts::looks_up(call).is_empty() => {
                self.was_found(call, |_, seen| seen.is_some_and(|seen| seen.withheld))
            }
            Refusal::VersionConflict
            | Refusal::Differs
            | Refusal::NotPermitted
            | Refusal::NotShown
            | Refusal::Unavailable => true,
            // One that names a version is a decision about that version, which is judged as a bound.
            Refusal::Invalid => {
                version.is_some() || self.was_wrong(call, aggregate) || self.was_found(call, is_of_no_use)
            }
        };
        if true_then { Ok(()) } else { Err((Kind::Stale, "it was not so at any moment while it was asked".to_owned())) }
    }

    /// Whether what was asked waited for an editor at a version.
    fn waited(&self, call: &Call, aggregate: Option<usize>, version: u64) -> bool {
        let mut state = State::new();
        let places = (1..=version).filter_map(|number| self.log.place(aggregate, number));
        places.for_each(|place| contexts::fold(&mut state, self.log.events[place].event));
        self.reviewed.waits(call, &call.aggregate_id, &state)
    }

    /// Whether the request can have been wrong by itself: the context says when clients send one that is. Of a kind
    /// that is not known every one may be.
    fn was_wrong(&self, call: &Call, aggregate: Option<usize>) -> bool {
        contexts::of_kind(&call.kind).is_none_or(|(context, command)| {
            context.is_wrong(command, call, &|field| self.values_of(field, call, aggregate))
        })
    }

    /// Whether something that the command looks up elsewhere was so at some moment: while it was asked, or as long
    /// before as what an instance has read is looked at.
    fn was_found(&self, call: &Call, was_so: impl Fn(&LookedUp, Option<Visibility>) -> bool) -> bool {
        let (from, to) = (call.invoked_at.saturating_sub(LEASE), call.answered_at.unwrap_or(Nanos::MAX));
        contexts::looks_up(call).iter().any(|it| {
            let aggregate = self.log.aggregate(it.context, &it.aggregate_id);
            let mut versions = self.bounds.versions_between(self.log, aggregate, from, to);
            versions.any(|version| was_so(it, self.visible.seen(self.log, it, aggregate, version)))
        })
    }

    /// Whether an account that the command looks up, or whose a part is that it does, blocked the caller's at some
    /// moment, or that the caller's did.
    fn was_of_one_apart(&self, call: &Call) -> bool {
        let looked_up = contexts::looks_up(call);
        let Some(caller) = looked_up.iter().find(|it| it.context == "accounts") else { return false };
        let parts = looked_up.iter().filter_map(|it| Some((it, it.part?)));
        let authors = parts.filter_map(|(it, part)| self.author(it, part));
        let others = looked_up.iter().filter(|it| it.context == "accounts").map(|it| it.aggregate_id.as_str());
        authors.chain(others.skip(1)).any(|other| self.were_apart(call, &caller.aggregate_id, other))
    }

    fn author(&self, it: &LookedUp, part: i64) -> Option<&str> {
        let events = self.log.aggregates[self.log.aggregate(it.context, &it.aggregate_id)?].events.iter();
        let mut written = events.map(|place| self.log.events[*place].event);
        let written = written.find(|event| event.fields.get("number") == Some(&Value::from(part)));
        written?.fields.get("author_id")?.as_str()
    }

    fn were_apart(&self, call: &Call, one: &str, other: &str) -> bool {
        let (from, to) = (call.invoked_at.saturating_sub(LEASE), call.answered_at.unwrap_or(Nanos::MAX));
        [format!("block:{one}:{other}"), format!("block:{other}:{one}")].iter().any(|pair| {
            let pair = self.log.aggregate("moderation", pair);
            let mut versions = self.bounds.versions_between(self.log, pair, from, to);
            versions.any(|version| {
                let place = self.log.place(pair, version);
                place.is_some_and(|place| self.log.events[place].event.event_type.ends_with(".PersonBlocked"))
            })
        })
    }

    /// Whether there was nothing for the caller; where it is not recorded who called, nothing before everyone. Where
    /// nothing is hidden from callers, "not found" is a bound; where something is looked up, it is of that.
    fn was_hidden(&self, call: &Call, aggregate: Option<usize>) -> bool {
        if !contexts::looks_up(call).is_empty() {
            return false;
        }
        if !contexts::hides(&call.kind) || contexts::may_miss_another(&call.kind) {
            return true;
        }
        let mut versions = self.versions(call, aggregate);
        match &call.caller {
            None => versions.any(|version| self.visible.is_hidden(aggregate, version, false)),
            Some(caller) if caller.is_editor => versions.contains(&0),
            Some(caller) => self.was_hidden_from(&caller.account_id, call, aggregate),
        }
    }

    /// The same for an account that sees what is its own, or what it is named in, besides.
    fn was_hidden_from(&self, account_id: &str, call: &Call, aggregate: Option<usize>) -> bool {
        let (versions, context) = (self.versions(call, aggregate), contexts::named(commands::context(call)));
        let (first, last) = versions.into_inner();
        let mut state = State::new();
        let is_hidden = |version: u64| {
            let Some(place) = self.log.place(aggregate, version) else { return false };
            contexts::fold(&mut state, self.log.events[place].event);
            version >= first
                && self.visible.is_hidden(aggregate, version, false)
                && !context.is_known_to(&state, account_id)
        };
        first == 0 || (1..=last).any(is_hidden)
    }

    /// The values that a field of the aggregate had while the call was asked.
    fn values_of(&self, field: &str, call: &Call, aggregate: Option<usize>) -> Vec<Value> {
        let given = |version| {
            let event = self.log.events[self.log.place(aggregate, version)?].event;
            state::of(&event.fields, field).cloned()
        };
        let (first, last) = self.versions(call, aggregate).into_inner();
        let before = (1..=first).rev().find_map(given);
        before.into_iter().chain((first + 1..=last).filter_map(given)).collect()
    }

    fn versions(&self, call: &Call, aggregate: Option<usize>) -> RangeInclusive<u64> {
        let answered = call.answered_at.unwrap_or(Nanos::MAX);
        self.bounds.versions_between(self.log, aggregate, call.invoked_at, answered)
    }

    /// Whether another held the reservation on one of the values that the call wanted. A value that was left to the
    /// service is not known here.
    fn was_taken(&self, call: &Call) -> bool {
        let (name, argument) = (commands::context(call), |name: &str| call.arguments.get(name).and_then(Value::as_str));
        let unique = contexts::named(name).unique_values().iter();
        let mut wanted = unique.filter_map(|unique| Some(unique.reservation(argument(unique.field)?))).peekable();
        wanted.peek().is_none() || wanted.any(|reservation| self.was_anothers(call, &reservation))
    }

    fn was_anothers(&self, call: &Call, reservation: &str) -> bool {
        let reservation = self.log.aggregate(commands::context(call), reservation);
        self.versions(call, reservation).any(|version| {
            let place = self.log.place(reservation, version);
            place.is_some_and(|place| {
                self.log.events[place].event.fields.get("holder_id") != Some(&Value::from(call.aggregate_id.as_str()))
            })
        })
    }
}

/// Whether a caller is told that there is none. Which of those that they may not turn to another account is, no caller
/// is told.
fn is_missing(it: &LookedUp, seen: Option<Visibility>) -> bool {
    seen.is_none_or(|seen| seen.draft || seen.deleted && !it.is_told_gone || seen.withheld && it.context == "accounts")
}

/// Whether a caller may be told that it was deleted, or, who writes it, that it is not published.
fn is_of_no_use(it: &LookedUp, seen: Option<Visibility>) -> bool {
    seen.is_some_and(|seen| seen.draft || seen.deleted && it.is_told_gone)
}

#[cfg(test)]
mod tests;
