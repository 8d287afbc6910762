//! Whose reactions a list is of, to whom they show it, and what of it can be read.

use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::list_of_author::ListOfAuthor;
use crate::listed::{listed, public_or_theirs};

/// A list of what an author reacted to.
pub(super) fn list_of(what: &str) -> ListOfAuthor<'_> {
    let why = "what this author reacted to is shown to themselves only";
    ListOfAuthor { what, kept_by: Some(("reactions_list", why)) }
}

/// Leaves out what cannot be read: to others is shown what everyone finds in lists, to its owner what they can read.
/// The statement calls posts `p`.
pub(super) fn readable(query: &mut QueryBuilder<Postgres>, owner: Uuid, is_for_others: bool) {
    query.push(" AND ");
    if is_for_others {
        query.push(listed("p"));
    } else {
        public_or_theirs("p", owner, query);
    }
}
