//! Whose an event is: in whose export of what is held about them it stands. The export decides by this, and the index
//! that says where in the log an account's events are is made by this, so that it never misses one.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::AnyEvent;
use crate::views::ViewEvent;

/// What the index is called where its positions are kept. Where a version says of events that are in the log already
/// that they are more accounts' than before, it takes another name: then the index is made from the beginning of the
/// log, beside the positions of the version before, and exports read by themselves what it has not reached.
pub const INDEX: &str = "account-index-2";

impl ViewEvent {
    /// The accounts whose it is by what it says itself: its actor, the account that it happened to, those that it
    /// concerns, and the one to which its aggregate belongs from it on. It is theirs, too, to whom the aggregate
    /// belongs by an earlier event. The nil id, of which there is no account, is not among them.
    #[must_use]
    pub fn accounts(&self) -> BTreeSet<Uuid> {
        let Self { aggregate_id, actor_id, event, .. } = self;
        let happened_to = match event {
            AnyEvent::Accounts(_) | AnyEvent::Security(_) => aggregate_id.parse().ok(),
            AnyEvent::Bookmarks(_) | AnyEvent::Comments(_) | AnyEvent::Following(_) | AnyEvent::Media(_) => None,
            AnyEvent::Moderation(_) | AnyEvent::Posts(_) | AnyEvent::Reactions(_) | AnyEvent::Series(_) => None,
            AnyEvent::Taxonomy(_) => None,
        };
        let named = [Some(*actor_id), happened_to, event.belongs_to()].into_iter().flatten();
        named.chain(event.concerns()).filter(|id| !id.is_nil()).collect()
    }
}

#[cfg(test)]
mod tests;
