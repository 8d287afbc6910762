//! When each event can have been appended, and whether there is any order in which everything that was answered was
//! true: linearizability, of a history that is only ever appended to.
//!
//! # Why this is enough
//!
//! A partition is a sequence of events e₁ e₂ … , and each takes effect at one moment p(eᵢ), its append, with
//! p(e₁) ≤ p(e₂) ≤ …: a broker appends one after the other. What is known of the moments are bounds:
//!
//! * *not before*: the event's command was invoked then; or a call that was invoked then was answered out of the
//!   version before (a refusal for version v, "already so" at version v, "there is no such post"), so that
//!   event v + 1 of that aggregate came after that call began;
//! * *not after*: the event's command was accepted by then, or a reader was shown its version, or a later one.
//!
//! The history is linearizable exactly if moments can be chosen within all bounds. Let E(i) be the largest lower
//! bound of e₁ … eᵢ and L(i) the least upper bound of eᵢ, eᵢ₊₁, … . If E(i) > L(i) for some i, no choice is possible,
//! because the moments must not decrease. If E(i) ≤ L(i) for all i, choose p(eᵢ) = E(i): it does not decrease, it
//! respects every lower bound, and E(i) ≤ L(i) is no more than eᵢ's own upper bound. A call that was answered out of
//! version v is then put at max(its invocation, p(event v)): that is before its answer, which is an upper bound of
//! event v, and not after p(event v + 1), of which its invocation is a lower bound. So a sort-free, linear pass
//! decides what a search would. Calls of unknown outcome have no upper bound; if their event is not in the log, they
//! did not happen (yet).
//!
//! Answers that name no version ("deleted") are judged against E and L alone (see `refusals.rs`): each by itself must
//! fit, which is necessary; that several of them fit together is not examined.

use crate::commands::{self, Commands};
use crate::contexts;
use crate::history::{Call, History, Nanos, Outcome, Read, Refusal};
use crate::log::{Log, Place};
use crate::verdict::{Kind, Verdict};

/// So old at most is what an instance looks at of what it has read (docs/adr/0009: `INKLOG_READ_LEASE`).
pub(crate) const LEASE: Nanos = 5_000_000_000;

/// What gave a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Nothing,
    /// A call asked for it, or was answered that it is done.
    Own(usize),
    /// A call was answered out of a version.
    Observed(usize),
    /// A read.
    Read(usize),
}

/// The bounds of every event.
pub(crate) struct Bounds {
    lower: Vec<(Nanos, Cause)>,
    upper: Vec<(Nanos, Cause)>,
}

impl Bounds {
    /// Gathers the bounds and tightens them by the order of the log; adds what contradicts.
    pub(crate) fn of(history: &History, log: &Log<'_>, commands: &Commands<'_>, verdict: &mut Verdict) -> Self {
        let count = log.events.len();
        let mut bounds =
            Self { lower: vec![(0, Cause::Nothing); count], upper: vec![(Nanos::MAX, Cause::Nothing); count] };
        bounds.by_invocations(log, commands);
        for (number, call) in history.calls.iter().enumerate() {
            bounds.by_answer(log, number, call);
        }
        for (number, read) in history.reads.iter().enumerate() {
            bounds.by_read(log, number, read);
        }
        for order in &log.orders {
            bounds.tighten(order);
            bounds.contradictions(history, log, order, verdict);
        }
        bounds
    }

    /// The versions that an aggregate can have had at some moment between `from` and `to`, 0 for none yet.
    pub(crate) fn versions_between(
        &self,
        log: &Log<'_>,
        aggregate: Option<usize>,
        from: Nanos,
        to: Nanos,
    ) -> std::ops::RangeInclusive<u64> {
        let places = aggregate.map_or(&[][..], |aggregate| &log.aggregates[aggregate].events);
        let first = places.partition_point(|place| self.upper[*place].0 < from);
        let last = places.partition_point(|place| self.lower[*place].0 <= to);
        first as u64..=last as u64
    }

    /// Before then an event was not appended.
    pub(crate) fn earliest(&self, place: Place) -> Nanos {
        self.lower[place].0
    }

    /// By then an event was appended.
    pub(crate) fn latest(&self, place: Place) -> Nanos {
        self.upper[place].0
    }

    /// From when to when things can have been as they were when an event was decided that looks them up in other
    /// aggregates; `None` if no caller asked for it.
    pub(crate) fn looked_up(&self, log: &Log<'_>, commands: &Commands<'_>, place: Place) -> Option<(Nanos, Nanos)> {
        let began = commands.may_have_begun(log.events[place].event.command_id)?;
        Some((commands.calls[began].invoked_at.saturating_sub(LEASE), self.latest(place)))
    }

    fn not_before(&mut self, place: Option<Place>, at: Nanos, cause: Cause) {
        if let Some(bound) = place.and_then(|place| self.lower.get_mut(place))
            && bound.0 < at
        {
            *bound = (at, cause);
        }
    }

    fn not_after(&mut self, place: Option<Place>, at: Nanos, cause: Cause) {
        if let Some(bound) = place.and_then(|place| self.upper.get_mut(place))
            && at < bound.0
        {
            *bound = (at, cause);
        }
    }

    fn by_invocations(&mut self, log: &Log<'_>, commands: &Commands<'_>) {
        for (place, placed) in log.events.iter().enumerate() {
            let event = placed.event;
            let began = if commands.is_invoked(event.command_id) {
                commands.may_have_begun(event.command_id)
            } else {
                // A step may be that of an attempt that was refused in the end.
                commands.first_attempt(event.correlation_id)
            };
            if let Some(number) = began {
                self.not_before(Some(place), commands.calls[number].invoked_at, Cause::Own(number));
            }
        }
    }

    fn by_answer(&mut self, log: &Log<'_>, number: usize, call: &Call) {
        let Some(answered) = call.answered_at else { return };
        let (version, cause) = match &call.outcome {
            Outcome::Accepted { changed: true, .. } => {
                self.not_after(log.of_command(call.command_id).first().copied(), answered, Cause::Own(number));
                return;
            }
            Outcome::Accepted { version, .. } => (*version, Cause::Observed(number)),
            Outcome::Promised { done, .. } => {
                // Another may have led to it: then it was the last thing that happened to the aggregate.
                let aggregate = log.aggregate(commands::context(call), &call.aggregate_id);
                let own = log.of_command(call.command_id).first().copied();
                let place = own.or_else(|| log.place(aggregate, log.versions(aggregate)));
                self.not_after(place.filter(|_| *done), answered, Cause::Own(number));
                return;
            }
            // It may be said of something else, or of what is hidden (see `refusals.rs`): of no version.
            Outcome::Refused { refusal: Refusal::NotFound, .. }
                if contexts::may_miss_another(&call.kind)
                    || contexts::hides(&call.kind)
                    || !contexts::looks_up(call).is_empty() =>
            {
                return;
            }
            Outcome::Refused { refusal: Refusal::NotFound, .. } => (0, Cause::Observed(number)),
            Outcome::Refused { version: Some(version), .. } => (*version, Cause::Observed(number)),
            Outcome::Refused { version: None, .. } | Outcome::Unknown => return,
        };
        let aggregate = log.aggregate(commands::context(call), &call.aggregate_id);
        self.not_after(log.place(aggregate, version), answered, cause);
        self.not_before(log.place(aggregate, version + 1), call.invoked_at, cause);
    }

    /// A view may lag, so what was shown says nothing of what comes after it.
    fn by_read(&mut self, log: &Log<'_>, number: usize, read: &Read) {
        for seen in &read.seen {
            let aggregate = log.aggregate(&seen.context, &seen.aggregate_id);
            let place = log.place(aggregate, seen.version.unwrap_or(0));
            self.not_after(place, read.answered_at, Cause::Read(number));
        }
    }

    fn tighten(&mut self, order: &[Place]) {
        for pair in order.windows(2) {
            if self.lower[pair[1]].0 < self.lower[pair[0]].0 {
                self.lower[pair[1]] = self.lower[pair[0]];
            }
        }
        for pair in order.windows(2).rev() {
            if self.upper[pair[1]].0 < self.upper[pair[0]].0 {
                self.upper[pair[0]] = self.upper[pair[1]];
            }
        }
    }

    fn contradictions(&self, history: &History, log: &Log<'_>, order: &[Place], verdict: &mut Verdict) {
        let mut told = (Cause::Nothing, Cause::Nothing);
        for place in order.iter().copied() {
            let ((earliest, early), (latest, late)) = (self.lower[place], self.upper[place]);
            if earliest <= latest || told == (early, late) {
                continue;
            }
            told = (early, late);
            let kind = if matches!(early, Cause::Observed(_)) { Kind::Stale } else { Kind::Order };
            verdict.add(kind, || {
                let (early, late) = (tell(history, early), tell(history, late));
                format!(
                    "{} came after {earliest} ns, because of {early}; and before {latest} ns, because of {late}",
                    log.told(place)
                )
            });
        }
    }
}

fn tell(history: &History, cause: Cause) -> String {
    match cause {
        Cause::Nothing => "nothing".to_owned(),
        Cause::Own(number) => commands::told(&history.calls[number]),
        Cause::Observed(number) => {
            let call = &history.calls[number];
            format!("{}, which was answered {:?}", commands::told(call), call.outcome)
        }
        Cause::Read(number) => {
            let Read { session, what, invoked_at, answered_at, .. } = &history.reads[number];
            format!("{what} of session {session} (asked {invoked_at} ns, answered {answered_at} ns)")
        }
    }
}

#[cfg(test)]
mod tests;
