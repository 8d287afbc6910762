//! An export that came whole has every event of the account that was accepted before it was asked for, and none that is
//! not in the log: what happened to the account, and what its owner did.

use std::collections::BTreeSet;

use crate::commands::Commands;
use crate::history::{Export, Exported, History, Nanos, Outcome};
use crate::log::{Log, Place, Placed};
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(history: &History, log: &Log<'_>, commands: &Commands<'_>, verdict: &mut Verdict) {
    let accepted = accepted(log, commands);
    for export in &history.exports {
        let had: BTreeSet<&Exported> = export.events.iter().collect();
        for exported in &had {
            let versions = log.versions(log.aggregate(&exported.context, &exported.aggregate_id));
            if exported.version == 0 || exported.version > versions {
                verdict.add(Kind::Invented, || told(export, &format!("has {exported:?}, which is not in the log")));
            }
        }
        for place in there_before(log, &accepted, export) {
            let Placed { context, event, .. } = log.events[place];
            let exported = Exported {
                context: context.to_owned(),
                aggregate_id: event.aggregate_id.clone(),
                version: event.version,
            };
            if !had.contains(&exported) {
                verdict.add(Kind::Lost, || told(export, &format!("lacks {}", log.told(place))));
            }
        }
    }
}

/// The accepted commands with an event: when that was known, and where it is.
fn accepted(log: &Log<'_>, commands: &Commands<'_>) -> Vec<(Nanos, Place)> {
    let mut accepted = Vec::new();
    for id in commands.ids() {
        let Some(place) = log.of_command(*id).first() else { continue };
        let answered = commands.attempts(*id).filter(|call| matches!(call.outcome, Outcome::Accepted { .. }));
        accepted.extend(answered.filter_map(|call| call.answered_at).min().map(|at| (at, *place)));
    }
    accepted
}

/// The account's events that were in the log when it was asked for: those up to an event of their partition that was
/// known by then.
fn there_before(log: &Log<'_>, accepted: &[(Nanos, Place)], export: &Export) -> Vec<Place> {
    let known: BTreeSet<Place> =
        accepted.iter().filter(|(at, _)| *at < export.invoked_at).map(|(_, place)| *place).collect();
    let is_theirs = |place: &Place| {
        let event = log.events[*place].event;
        event.actor_id == export.account_id || event.aggregate_id == export.account_id
    };
    let known_of = |order: &Vec<Place>| {
        let last = order.iter().rposition(|place| known.contains(place));
        order[..last.map_or(0, |last| last + 1)].iter().copied().filter(is_theirs).collect::<Vec<_>>()
    };
    log.orders.iter().flat_map(known_of).collect()
}

fn told(export: &Export, what: &str) -> String {
    let Export { client, account_id, invoked_at, answered_at, .. } = export;
    format!("the export of {account_id} to client {client} {what} (asked {invoked_at} ns, whole {answered_at} ns)")
}

#[cfg(test)]
mod tests;
