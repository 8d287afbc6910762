use std::collections::{HashMap, HashSet};

use domain::personal::Sealed;
use domain::values::Invalid;
use domain::views::ViewEvent;
use sealing::DataKey;
use uuid::Uuid;

/// Which events are an account's own: what happened to it, what its owner did, and what happened to what is theirs.
#[derive(Debug)]
pub(super) struct Selection {
    account_id: Uuid,
    /// By context and id: an id of one context may be another's in the next.
    owned: HashMap<&'static str, HashSet<String>>,
}

impl Selection {
    pub(super) fn of(account_id: Uuid) -> Self {
        Self { account_id, owned: HashMap::new() }
    }

    /// Whether it is theirs. Events come in the order of each aggregate.
    pub(super) fn takes(&mut self, event: &ViewEvent) -> bool {
        let owned = self.owned.entry(event.event.context()).or_default();
        let was_theirs = owned.contains(&event.aggregate_id);
        let is_theirs = event.event.belongs_to().map_or(was_theirs, |owner| owner == self.account_id);
        match (was_theirs, is_theirs) {
            (false, true) => drop(owned.insert(event.aggregate_id.clone())),
            // It was handed over to another: what happens to it from now on is the other's.
            (true, false) => drop(owned.remove(&event.aggregate_id)),
            (true, true) | (false, false) => {}
        }
        was_theirs || is_theirs || event.accounts().contains(&self.account_id)
    }

    /// What is personal of themselves, opened. Of others it stays as it is in the log.
    pub(super) fn opened(&self, mut event: ViewEvent, key: Option<&DataKey>) -> ViewEvent {
        let sealed_for = event.event.sealed_for(&event.aggregate_id);
        if let Some(key) = key.filter(|_| sealed_for == Some(self.account_id)) {
            let mut open = |field: &'static str, sealed: &Sealed| {
                key.open(self.account_id, field, sealed).map_err(|error| Invalid(error.to_string()))
            };
            if let Err(error) = event.event.open(&mut open) {
                tracing::warn!(%error, account_id = %self.account_id, "an exported event stays sealed");
            }
        }
        event
    }
}
