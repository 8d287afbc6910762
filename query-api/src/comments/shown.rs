//! Which comments a reader is shown: what moderators hid, and what filters hold, its author and moderators only; and of
//! two people who block each other neither is shown what the other says. Every list of comments asks it here.

use domain::{Actor, Role};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// One without an account.
    Anyone,
    /// One with an account.
    Account(Uuid),
    /// A moderator, who is shown all there is.
    Moderator,
}

impl Reader {
    pub(crate) fn of(reader: Option<&Actor>) -> Self {
        match reader {
            None => Self::Anyone,
            Some(actor) if actor.is_at_least(Role::Moderator) => Self::Moderator,
            Some(actor) => Self::Account(actor.id),
        }
    }

    /// Whether an answer is for this reader alone: a cache that others share must not keep it.
    pub(crate) fn is_known(self) -> bool {
        self != Self::Anyone
    }

    /// Adds to the conditions of a statement in which the comments are `c`.
    pub(crate) fn only_what_is_shown(self, query: &mut QueryBuilder<Postgres>) {
        match self {
            Self::Moderator => {}
            Self::Anyone => {
                query.push(" AND c.visible = 'all'");
            }
            Self::Account(id) => {
                query.push(" AND (c.visible = 'all' OR (c.visible = 'author' AND c.author_id = ").push_bind(id);
                query.push("))");
                self.not_apart(query, "c.author_id");
            }
        }
    }

    /// Adds to the conditions of a statement that the account in this column and the reader do not block each other.
    pub(crate) fn not_apart(self, query: &mut QueryBuilder<Postgres>, column: &'static str) {
        let Self::Account(id) = self else { return };
        for (blocker, blocked) in [("blocker_id", "blocked_id"), ("blocked_id", "blocker_id")] {
            query.push(format!(
                " AND NOT EXISTS (SELECT FROM content.person_blocks b WHERE b.active \
                 AND b.{blocked} = {column} AND b.{blocker} = "
            ));
            query.push_bind(id).push(")");
        }
    }
}
