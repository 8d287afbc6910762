//! What no event tells: a caller who shows the right password is let in, and none with another; a session goes on until
//! something ends it, and no longer. And what happens to a person who is forgotten: nothing any more.
//!
//! An answer is held against what is certain by itself. An outcome that is not known is an open interval: what was
//! asked may have been done at any time since, or may yet be. That several answers fit together is not examined. What
//! an instance knows of accounts is as far as it has read of the log, so that a person is not let in is only judged
//! of an instance that has let them in before; that a deactivated account is let in by one that has not read of it is
//! not judged.

mod factors;
mod passwords;
mod sessions;

use std::collections::BTreeMap;

use crate::commands;
use crate::history::{Act, Call, History, Nanos, Outcome, Visit};
use crate::log::Log;
use crate::verdict::{Kind, Verdict};

/// All that was asked about one account.
#[derive(Default)]
struct Person<'h> {
    visits: Vec<&'h Visit>,
    calls: Vec<&'h Call>,
}

pub(crate) fn judge(history: &History, log: &Log<'_>, verdict: &mut Verdict) {
    nothing_happens_to_the_forgotten(log, verdict);
    let mut people: BTreeMap<&str, Person<'_>> = BTreeMap::new();
    for visit in &history.visits {
        people.entry(&visit.account_id).or_default().visits.push(visit);
    }
    for call in history.calls.iter().filter(|call| commands::context(call) == "accounts") {
        if let Some(person) = people.get_mut(call.aggregate_id.as_str()) {
            person.calls.push(call);
        }
    }
    for person in people.values() {
        passwords::judge(person, verdict);
        sessions::judge(person, verdict);
        factors::judge(person, verdict);
    }
}

fn nothing_happens_to_the_forgotten(log: &Log<'_>, verdict: &mut Verdict) {
    for aggregate in &log.aggregates {
        let erased = |place: &usize| log.events[*place].event.event_type == "inklog.accounts.Erased";
        let mut after = aggregate.events.iter().skip_while(|place| !erased(place)).skip(1);
        if let Some(place) = after.next() {
            verdict
                .add(Kind::Invented, || format!("{} happened to a person who was forgotten before", log.told(*place)));
        }
    }
}

impl<'h> Person<'h> {
    /// The attempts of this kind that hold, whether or not they changed anything.
    fn accepted(&self, kind: &str) -> impl Iterator<Item = &'h Call> {
        let holds = |call: &&Call| matches!(call.outcome, Outcome::Accepted { .. } | Outcome::Promised { .. });
        self.calls.iter().copied().filter(move |call| call.kind == kind).filter(holds)
    }

    /// From when on what such an attempt asks may be so; never, if no caller asked or all were refused.
    fn may_be_so_from(&self, kind: &str) -> Nanos {
        let asked = self.calls.iter().filter(|call| call.kind == kind);
        let may_be = asked.filter(|call| !matches!(call.outcome, Outcome::Refused { .. }));
        may_be.map(|call| call.invoked_at).min().unwrap_or(Nanos::MAX)
    }

    /// The same of those attempts that had not been answered before `from`: these may be done after it.
    fn may_be_done_after(&self, kind: &str, from: Nanos) -> Nanos {
        let asked = self.calls.iter().filter(|call| call.kind == kind);
        let may_be = asked.filter(|call| match call.outcome {
            Outcome::Accepted { .. } | Outcome::Promised { done: true, .. } => call.answered_at >= Some(from),
            Outcome::Promised { done: false, .. } | Outcome::Unknown => true,
            Outcome::Refused { .. } => false,
        });
        may_be.map(|call| call.invoked_at).min().unwrap_or(Nanos::MAX)
    }

    /// From when on they are forgotten for certain: nothing is left by which they could be let in.
    fn forgotten_from(&self) -> Nanos {
        let done = |call: &&Call| matches!(call.outcome, Outcome::Promised { done: true, .. });
        let answered = self.accepted("accounts.erase").filter(done).filter_map(|call| call.answered_at);
        answered.min().unwrap_or(Nanos::MAX)
    }

    /// Whether the instance that was asked must have read of the account: it has let them in before.
    fn is_known_to(&self, asked: &Visit) -> bool {
        let lets_in = |visit: &&Visit| {
            let by_name = matches!(visit.act, Act::LogIn { by_name: true, .. });
            by_name && visit.is_granted() && visit.instance == asked.instance && visit.answered() < asked.invoked_at
        };
        self.visits.iter().any(lets_in)
    }
}

/// A visit, for an explanation.
fn told(visit: &Visit) -> String {
    let Visit { client, account_id, instance, act, invoked_at, answered_at, answer } = visit;
    let answered = answered_at.map_or_else(|| "never".to_owned(), |at| format!("{at} ns"));
    format!(
        "{act:?} of {account_id} by client {client} at instance {instance} was answered {answer:?} \
         (asked {invoked_at} ns, answered {answered})"
    )
}

#[cfg(test)]
mod tests;
