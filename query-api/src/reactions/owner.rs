//! Whose reactions a list is of, to whom they show it, and what of it can be read.

use domain::Actor;
use domain::values::UserName;
use service_kit::Problem;
use sqlx::{FromRow, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::database::Database;
use crate::listed::{listed, public_or_theirs};
use crate::privacy;
use crate::reply::Keep;

/// Whose list it is.
#[derive(FromRow)]
pub(super) struct Owner {
    /// The account.
    pub(super) account_id: Uuid,
    reactions_list: Option<String>,
}

impl Owner {
    /// The author who bears this name.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub(super) async fn named(database: &Database, name: &UserName) -> Result<Option<Self>, Problem> {
        let query = sqlx::query_as(
            "SELECT a.account_id, p.reactions_list FROM content.authors a \
             LEFT JOIN content.preferences p ON p.account_id = a.account_id WHERE lower(a.user_name) = $1 LIMIT 1",
        )
        .bind(name.canonical());
        database.run(query.fetch_optional(database.pool())).await
    }

    /// Whether the list is for others than its owner, and who may keep it.
    ///
    /// # Errors
    /// 403: its owner keeps it to themselves.
    pub(super) fn shows_to(&self, reader: Option<&Actor>) -> Result<(bool, Keep), Problem> {
        let why = "what this author reacted to is shown to themselves only";
        let keep = privacy::shown(self.reactions_list.as_deref(), self.account_id, reader, why)?;
        let is_for_others = reader.is_none_or(|reader| reader.id != self.account_id);
        Ok((is_for_others, if is_for_others { keep } else { Keep::Private }))
    }
}

/// Leaves out what cannot be read: to others is shown what everyone finds in lists, to its owner what they can read.
/// The statement calls posts `p`.
pub(super) fn readable(query: &mut QueryBuilder<Postgres>, owner: Uuid, is_for_others: bool) {
    if is_for_others {
        query.push(format_args!(" AND {}", listed("p")));
    } else {
        query.push(" AND ");
        public_or_theirs("p", owner, query);
    }
}
