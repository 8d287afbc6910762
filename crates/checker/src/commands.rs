//! The calls, found by command.

use std::collections::HashMap;

use uuid::Uuid;

use crate::history::{Call, Outcome};

/// All calls, and the attempts of each command in the order in which they were invoked.
pub(crate) struct Commands<'h> {
    pub(crate) calls: &'h [Call],
    by_id: HashMap<Uuid, Vec<usize>>,
}

impl<'h> Commands<'h> {
    pub(crate) fn of(calls: &'h [Call]) -> Self {
        let mut by_id: HashMap<Uuid, Vec<usize>> = HashMap::with_capacity(calls.len());
        for (number, call) in calls.iter().enumerate() {
            by_id.entry(call.command_id).or_default().push(number);
        }
        for attempts in by_id.values_mut() {
            attempts.sort_by_key(|number| calls[*number].invoked_at);
        }
        Self { calls, by_id }
    }

    /// The attempts of a command; none if no caller invoked it.
    pub(crate) fn attempts(&self, id: Uuid) -> impl Iterator<Item = &'h Call> + Clone + use<'_, 'h> {
        let calls = self.calls;
        self.numbers(id).iter().map(move |number| &calls[*number])
    }

    /// Whether a caller invoked it.
    pub(crate) fn is_invoked(&self, id: Uuid) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Whether a caller asked that an account be forgotten.
    pub(crate) fn is_to_be_forgotten(&self, account_id: &str) -> bool {
        self.calls.iter().any(|call| call.kind == "accounts.erase" && call.aggregate_id == account_id)
    }

    /// The distinct commands.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &Uuid> {
        self.by_id.keys()
    }

    /// The earliest attempt that can have led to the command's event: not one that was refused, for a refusal says
    /// that it was not applied.
    pub(crate) fn may_have_begun(&self, id: Uuid) -> Option<usize> {
        self.numbers(id).iter().copied().find(|number| may_have_applied(&self.calls[*number]))
    }

    /// The earliest attempt, whatever came of it.
    pub(crate) fn first_attempt(&self, id: Uuid) -> Option<usize> {
        self.numbers(id).first().copied()
    }

    fn numbers(&self, id: Uuid) -> &[usize] {
        self.by_id.get(&id).map_or(&[], Vec::as_slice)
    }
}

/// Whether an attempt can be the one that was applied, by what was answered.
pub(crate) fn may_have_applied(call: &Call) -> bool {
    match &call.outcome {
        Outcome::Accepted { changed, .. } => *changed,
        Outcome::Promised { .. } => true,
        Outcome::Refused { .. } => false,
        Outcome::Unknown => true,
    }
}

/// A call, for an explanation.
pub(crate) fn told(call: &Call) -> String {
    let Call { kind, aggregate_id, command_id, client, invoked_at, answered_at, .. } = call;
    let answered = answered_at.map_or_else(|| "never".to_owned(), |at| format!("{at} ns"));
    format!(
        "{kind} of {aggregate_id} by client {client} (command {command_id}, asked {invoked_at} ns, answered {answered})"
    )
}

/// The context that a call is for: what stands before the verb.
pub(crate) fn context(call: &Call) -> &str {
    call.kind.split_once('.').map_or("", |(context, _)| context)
}
