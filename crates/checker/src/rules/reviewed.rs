//! Where the installation demands reviews, nothing becomes public for a caller who is no editor but what an editor had
//! approved as it is; and where a caller is told that something is not approved, it was not.
//!
//! What a working copy is is in no event but by its digest. Which version of it that is, those say who submitted and
//! approved it.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::commands::{self, Commands};
use crate::contexts;
use crate::history::{Call, History};
use crate::log::{Aggregate, Log};
use crate::state::State;
use crate::verdict::{Kind, Verdict};

/// What was approved of what.
pub(crate) struct Reviewed<'h> {
    is_demanded: bool,
    /// The versions of its working copy that an aggregate's callers meant by a digest.
    copies: HashMap<(&'h str, &'h str), BTreeSet<u64>>,
}

impl<'h> Reviewed<'h> {
    pub(crate) fn of(history: &History, log: &Log<'h>, commands: &Commands<'h>) -> Self {
        let mut copies: HashMap<_, BTreeSet<u64>> = HashMap::new();
        for placed in &log.events {
            let Some(digest) = placed.event.fields.get("copy_sha256").and_then(Value::as_str) else { continue };
            let meant = commands.attempts(placed.event.command_id).filter_map(copy_version);
            copies.entry((placed.event.aggregate_id.as_str(), digest)).or_default().extend(meant);
        }
        Self { is_demanded: history.review_is_demanded, copies }
    }

    /// Whether what a call asks of a state waits for an editor's approval.
    pub(crate) fn waits(&self, call: &Call, aggregate_id: &str, state: &State) -> bool {
        let Some((context, command)) = contexts::of_kind(&call.kind) else { return false };
        let is_editors = call.caller.as_ref().is_none_or(|caller| caller.is_editor);
        let is_meant = |digest: &str| {
            let versions = self.copies.get(&(aggregate_id, digest));
            copy_version(call).is_some_and(|version| versions.is_some_and(|meant| meant.contains(&version)))
        };
        self.is_demanded && !is_editors && context.waits_for_approval(command, state, &is_meant)
    }
}

fn copy_version(call: &Call) -> Option<u64> {
    call.arguments.get("copy_version")?.as_u64()
}

pub(crate) fn judge(reviewed: &Reviewed<'_>, log: &Log<'_>, commands: &Commands<'_>, verdict: &mut Verdict) {
    for ((id, digest), versions) in reviewed.copies.iter().filter(|(_, versions)| versions.len() > 1) {
        verdict
            .add(Kind::Invented, || format!("of {id} the versions {versions:?} of its copy have one digest, {digest}"));
    }
    if reviewed.is_demanded {
        log.aggregates.iter().for_each(|aggregate| judge_aggregate(reviewed, log, commands, aggregate, verdict));
    }
}

fn judge_aggregate(
    reviewed: &Reviewed<'_>,
    log: &Log<'_>,
    commands: &Commands<'_>,
    aggregate: &Aggregate<'_>,
    verdict: &mut Verdict,
) {
    let mut state = State::new();
    for place in &aggregate.events {
        let event = log.events[*place].event;
        let unapproved = commands.attempts(event.command_id).find(|call| reviewed.waits(call, aggregate.id, &state));
        if let Some(call) = unapproved {
            verdict.add(Kind::Access, || {
                format!("{}: no editor had approved what {} made public", log.told(*place), commands::told(call))
            });
        }
        contexts::fold(&mut state, event);
    }
}

#[cfg(test)]
mod tests;
