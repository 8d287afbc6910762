//! Who follows whom: `GET /v1/authors/{user_name}/followers` and `…/following`, newest first.
//!
//! Whoever was forgotten is in no list, from the moment at which their row says so; the numbers beside an author follow as the
//! pairs are ended, which for many takes a while.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::accounts::Visibility;
use domain::values::UserName;
use domain::views::DELETED_PREFIX;
use domain::{Actor, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::problem::Kind;
use service_kit::{MaybeAuthenticated, Problem, Query, times};
use sqlx::FromRow;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::authors::{asked_for, renamed};
use crate::cursor::ListId;
use crate::database::{Database, column, timestamp};
use crate::freshness::{Demand, Position};
use crate::library::Library;
use crate::limit::Limit;
use crate::openapi::{Conditional, FollowersProblems, FollowingProblems};
use crate::reply::{Keep, Reply, unkept};

/// Somebody who follows, or is followed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Follow {
    /// The account's id.
    id: Uuid,
    /// What they are called in addresses.
    user_name: String,
    /// What they want to be called; may be empty.
    display_name: String,
    /// Their picture; may be empty.
    image_url: String,
    /// Since when they follow, or are followed.
    #[serde(with = "times::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// A page of followers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowerList {
    /// Who follows, the newest first.
    followers: Vec<Follow>,
    /// The `cursor` of the next page; null on the last.
    #[schema(required = true)]
    next: Option<String>,
}

/// A page of those who are followed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowingList {
    /// Who is followed, the newest first.
    following: Vec<Follow>,
    /// The `cursor` of the next page; null on the last.
    #[schema(required = true)]
    next: Option<String>,
}

/// The parameters of these lists.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FollowsQuery {
    /// How many to give at most.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<Limit<20, 100>>,
    /// Where to go on: what `next` of the previous page said.
    cursor: Option<String>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(value_type = Option<String>)]
    position: Option<Position>,
}

/// Which of the two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Followers,
    Following,
}

#[derive(FromRow)]
struct Row {
    account_id: Uuid,
    user_name: String,
    display_name: String,
    image_url: String,
    since: OffsetDateTime,
}

/// Whose list it is.
#[derive(FromRow)]
struct Owner {
    account_id: Uuid,
    following_list: Option<String>,
}

/// A page of a list.
struct Page {
    entries: Vec<Follow>,
    next: Option<String>,
}

/// Who follows somebody
#[utoipa::path(
    get, path = "/v1/authors/{user_name}/followers", operation_id = "list_followers", tag = "authors",
    params(("user_name" = String, Path, description = "The user name"), FollowsQuery, Conditional),
    responses(
        (status = 200, description = "A page of followers", body = FollowerList, headers(
            ("ETag" = String, description = "Strong: other bytes, other tag"),
            ("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
            ("Inklog-Stale" = String, description = "`true` if the position was not reached"),
        )),
        (status = 301, description = "It is a former user name: `Location` has the present one's list"),
        (status = 304, description = "As `If-None-Match` says: it is in the cache"),
        FollowersProblems,
    )
)]
pub(crate) async fn followers(
    library: Data<Library>,
    request: HttpRequest,
    name: Path<String>,
    Query(query): Query<FollowsQuery>,
) -> Result<HttpResponse, Problem> {
    let demand = Demand::of(&request, query.position.clone())?;
    let name = asked_for(&name)?;
    let freshness = library.progress.wait(&demand).await?;
    let Some(owner) = owner(&library.database, &name).await? else {
        return renamed(&request, &library.database, &name, "/followers").await;
    };
    let Page { entries, next } = page(&library.database, Side::Followers, owner.account_id, &query).await?;
    let list = FollowerList { followers: entries, next };
    Reply::to(&request, freshness).next_page(list.next.as_deref()).json(&list)
}

/// Whom somebody follows
///
/// Whoever prefers so (`following_list`) keeps this list to themselves; it does not hide them from the lists of those whom
/// they follow.
#[utoipa::path(
    get, path = "/v1/authors/{user_name}/following", operation_id = "list_following", tag = "authors",
    params(("user_name" = String, Path, description = "The user name"), FollowsQuery, Conditional),
    responses(
        (status = 200, description = "A page of those who are followed", body = FollowingList, headers(
            ("ETag" = String, description = "Strong: other bytes, other tag"),
            ("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
            ("Inklog-Stale" = String, description = "`true` if the position was not reached"),
        )),
        (status = 301, description = "It is a former user name: `Location` has the present one's list"),
        (status = 304, description = "As `If-None-Match` says: it is in the cache"),
        FollowingProblems,
    ),
    security((), ("token" = []))
)]
pub(crate) async fn following(
    library: Data<Library>,
    request: HttpRequest,
    name: Path<String>,
    Query(query): Query<FollowsQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let demand = Demand::of(&request, query.position.clone())?;
    let name = asked_for(&name)?;
    let freshness = library.progress.wait(&demand).await?;
    let Some(owner) = owner(&library.database, &name).await? else {
        return renamed(&request, &library.database, &name, "/following").await;
    };
    let keep = owner.shows_following_to(reader.as_ref())?;
    let Page { entries, next } = page(&library.database, Side::Following, owner.account_id, &query).await?;
    let list = FollowingList { following: entries, next };
    let reply = Reply::to(&request, freshness).keep(keep).depends_on_the_reader();
    reply.next_page(list.next.as_deref()).json(&list)
}

async fn owner(database: &Database, name: &UserName) -> Result<Option<Owner>, Problem> {
    let query = sqlx::query_as(
        "SELECT a.account_id, p.following_list FROM content.authors a \
         LEFT JOIN content.preferences p ON p.account_id = a.account_id WHERE lower(a.user_name) = $1 LIMIT 1",
    )
    .bind(name.canonical());
    database.run(query.fetch_optional(database.pool())).await
}

impl Owner {
    /// Who may keep the list of whom they follow; 403 for who may not see it. A wish that this version does not know is
    /// not ignored: it hides.
    fn shows_following_to(&self, reader: Option<&Actor>) -> Result<Keep, Problem> {
        let wish = self.following_list.as_deref().map_or(Ok(Visibility::Public), str::parse);
        match wish.unwrap_or(Visibility::Private) {
            Visibility::Public => Ok(Keep::Public),
            Visibility::Private if reader.is_some_and(|reader| reader.id == self.account_id) => Ok(Keep::Private),
            Visibility::Private => {
                Err(unkept(Problem::new(&Kind::PRIVATE, "whom this author follows is shown to themselves only")))
            }
        }
    }
}

async fn page(database: &Database, side: Side, owner: Uuid, query: &FollowsQuery) -> Result<Page, Problem> {
    let name = match side {
        Side::Followers => "followers",
        Side::Following => "following",
    };
    let (list_id, limit) = (ListId::of([name, &owner.to_string()]), query.limit.unwrap_or_default().get());
    let after = query.cursor.as_deref().map(|cursor| list_id.keys::<i64, Uuid>(cursor)).transpose()?;
    // One more than asked for tells whether there is a next page.
    let mut rows = rows(database, side, owner, after, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| list_id.cursor([&timestamp(row.since).0.to_string(), &row.account_id.to_string()]));
    Ok(Page { entries: rows.into_iter().map(Follow::from).collect(), next })
}

/// Declares the query of one page: each list has an index in its own order, so a page costs the same in a list of millions.
macro_rules! select {
    ($whom:literal, $whose:literal, $after:literal) => {
        concat!(
            "SELECT a.account_id, a.user_name, a.display_name, a.image_url, f.since FROM content.follows f ",
            "JOIN content.authors a ON a.account_id = f.",
            $whom,
            " WHERE f.active AND f.",
            $whose,
            " = $1 AND NOT starts_with(a.user_name, $3) ",
            $after,
            " ORDER BY f.since DESC, f.",
            $whom,
            " DESC LIMIT $2"
        )
    };
}

async fn rows(
    database: &Database,
    side: Side,
    owner: Uuid,
    after: Option<(i64, Uuid)>,
    limit: u32,
) -> Result<Vec<Row>, Problem> {
    let sql = match (side, after) {
        (Side::Followers, None) => select!("follower_id", "followee_id", ""),
        (Side::Followers, Some(_)) => {
            select!("follower_id", "followee_id", "AND (f.since, f.follower_id) < ($4, $5)")
        }
        (Side::Following, None) => select!("followee_id", "follower_id", ""),
        (Side::Following, Some(_)) => {
            select!("followee_id", "follower_id", "AND (f.since, f.followee_id) < ($4, $5)")
        }
    };
    let query = sqlx::query_as(sql).bind(owner).bind(i64::from(limit)).bind(DELETED_PREFIX);
    let query = match after {
        Some((since, id)) => query.bind(column(Timestamp(since))).bind(id),
        None => query,
    };
    database.run(query.fetch_all(database.pool())).await
}

impl From<Row> for Follow {
    fn from(row: Row) -> Self {
        let Row { account_id, user_name, display_name, image_url, since } = row;
        Self { id: account_id, user_name, display_name, image_url, since: timestamp(since) }
    }
}
