//! What is decided of people who block each other.

use super::{Event, Pair, PersonBlocked, PersonUnblocked, Rejection};
use crate::DecisionContext;

impl Pair {
    /// Whom a person blocks is their own affair. When the other is forgotten it ends as well.
    pub(super) fn decide(
        self,
        blocks: bool,
        wanted: bool,
        context: &DecisionContext,
    ) -> Result<Option<Event>, Rejection> {
        let Self { blocker_id, blocked_id } = self;
        let actor = context.actor.id;
        if actor != blocker_id && (wanted || actor != blocked_id) {
            return Err(Rejection::NotTheOwner);
        }
        if blocker_id == blocked_id {
            return Err(Rejection::Oneself);
        }
        Ok((blocks != wanted).then_some(match wanted {
            true => Event::PersonBlocked(PersonBlocked { blocker_id, blocked_id }),
            false => Event::PersonUnblocked(PersonUnblocked { blocker_id, blocked_id }),
        }))
    }
}
