//! Lists of an author's at addresses that have their name, `/v1/authors/{user_name}/<what>`. Some of them their owner
//! can keep to themselves.

use std::ops::ControlFlow;

use actix_web::{HttpRequest, HttpResponse};
use domain::Actor;
use domain::values::UserName;
use service_kit::Problem;
use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

use crate::authors::below;
use crate::database::Database;
use crate::freshness::Position;
use crate::library::Library;
use crate::names::{asked_for, not_at_present};
use crate::privacy;
use crate::reply::{Keep, Reply};

/// Such a list.
pub(crate) struct ListOfAuthor<'a> {
    /// What its address has after the name: `/comments`.
    pub(crate) what: &'a str,
    /// The preference by which its owner keeps it to themselves, and what others are told then; none where they cannot.
    pub(crate) kept_by: Option<(&'static str, &'static str)>,
}

/// The answer of such a list, as far as it is begun.
pub(crate) struct Begun<'a> {
    /// Whose list it is.
    pub(crate) account_id: Uuid,
    /// Whether it is for another than its owner.
    pub(crate) is_for_others: bool,
    /// Who may keep it, by what its owner wishes.
    pub(crate) keep: Keep,
    /// The answer.
    pub(crate) reply: Reply<'a>,
}

/// Whose list it is, and what they wish.
#[derive(FromRow)]
struct Owner {
    account_id: Uuid,
    wish: Option<String>,
}

impl ListOfAuthor<'_> {
    /// Begins the answer of the list of the author who has a name; or gives all of it, where they are called otherwise
    /// by now. `position` is the request's parameter.
    ///
    /// # Errors
    /// No account has the name, or its person was forgotten; the owner keeps the list to themselves; or as
    /// [`Library::reply`] says.
    pub(crate) async fn begin<'r>(
        &self,
        library: &Library,
        request: &'r HttpRequest,
        (reader, named): (Option<&Actor>, &str),
        position: Option<&Position>,
    ) -> Result<ControlFlow<HttpResponse, Begun<'r>>, Problem> {
        let name = asked_for(named)?;
        let reply = library.reply(request, position).await?;
        let Some(Owner { account_id, wish }) = self.owner(&library.database, &name).await? else {
            let moved = not_at_present(&name, reply, &library.database, below(request, self.what)).await?;
            return Ok(ControlFlow::Break(moved));
        };
        let keep = match self.kept_by {
            Some((_, why)) => privacy::shown(wish.as_deref(), account_id, reader, why)?,
            None => Keep::Public,
        };
        let is_for_others = reader.is_none_or(|reader| reader.id != account_id);
        Ok(ControlFlow::Continue(Begun { account_id, is_for_others, keep, reply }))
    }

    async fn owner(&self, database: &Database, name: &UserName) -> Result<Option<Owner>, Problem> {
        let wish = self.kept_by.map_or_else(|| "NULL::text".to_owned(), |(preference, _)| format!("p.{preference}"));
        let sql = format!(
            "SELECT a.account_id, {wish} AS wish FROM content.authors a \
             LEFT JOIN content.preferences p ON p.account_id = a.account_id WHERE lower(a.user_name) = $1 LIMIT 1"
        );
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(name.canonical());
        database.run(query.fetch_optional(database.pool())).await
    }
}
