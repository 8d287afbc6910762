//! A refusal is a fact about the aggregate: there was a moment between question and answer at which it was true.
//! Refusals that name a version are bounds already (`bounds.rs`); here is the rest of what they say.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::states::Visible;
use crate::bounds::Bounds;
use crate::commands::{self, Commands};
use crate::history::{Call, Nanos, Outcome, Refusal};
use crate::log::Log;
use crate::model;
use crate::verdict::{Kind, Verdict};

/// What refusals are held against.
pub(crate) struct Against<'a, 'h> {
    pub(crate) log: &'a Log<'h>,
    pub(crate) commands: &'a Commands<'h>,
    pub(crate) bounds: &'a Bounds,
    pub(crate) visible: &'a Visible,
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
            Refusal::Taken => self.was_taken(call),
            Refusal::IdReused => {
                let other = |other: &Call| other.kind != call.kind || other.arguments != call.arguments;
                self.commands.attempts(call.command_id).any(other)
            }
            Refusal::VersionConflict
            | Refusal::NotFound
            | Refusal::Differs
            | Refusal::NotPermitted
            | Refusal::NotShown
            | Refusal::Unavailable => true,
            // One that names a version is a decision about that version, which is judged as a bound.
            Refusal::Invalid => version.is_some() || self.was_wrong(call, aggregate),
        };
        if true_then { Ok(()) } else { Err((Kind::Stale, "it was not so at any moment while it was asked".to_owned())) }
    }

    /// Whether the request can have been wrong by itself. Clients send only what is right, but for these: they follow
    /// themselves, and they put an account under another name than it bears.
    fn was_wrong(&self, call: &Call, aggregate: Option<usize>) -> bool {
        match call.kind.as_str() {
            "following.follow" => call.aggregate_id.split_once(':').is_some_and(|(one, other)| one == other),
            "accounts.register" | "accounts.put" => self.bore_another_name(call, aggregate),
            kind => model::may_lead_to(kind, "").is_none(),
        }
    }

    /// Whether at some moment while it was asked the account had another user name than the call gives it.
    fn bore_another_name(&self, call: &Call, account: Option<usize>) -> bool {
        let named = |version| {
            let event = self.log.events[self.log.place(account, version)?].event;
            event.fields.get("user_name").filter(|name| !name.is_null())
        };
        let (first, last) = self.versions(call, account).into_inner();
        let before = (1..=first).rev().find_map(named);
        let mut names = before.into_iter().chain((first + 1..=last).filter_map(named));
        names.any(|name| Some(name) != call.arguments.get("user_name"))
    }

    fn versions(&self, call: &Call, aggregate: Option<usize>) -> RangeInclusive<u64> {
        let answered = call.answered_at.unwrap_or(Nanos::MAX);
        self.bounds.versions_between(self.log, aggregate, call.invoked_at, answered)
    }

    /// Whether another held the reservation on one of the values that the call wanted. A value that was left to the service is
    /// not known here.
    fn was_taken(&self, call: &Call) -> bool {
        let argument = |name: &str| call.arguments.get(name).and_then(Value::as_str);
        let slug = argument("slug").map(|slug| format!("slug:{slug}"));
        let name = argument("user_name").map(|name| format!("user-name:{}", name.to_ascii_lowercase()));
        let email = argument("email_key").map(|key| format!("email:{key}"));
        let mut reservations = [slug, name, email].into_iter().flatten().peekable();
        reservations.peek().is_none() || reservations.any(|reservation| self.was_anothers(call, &reservation))
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

#[cfg(test)]
mod tests;
