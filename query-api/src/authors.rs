//! Authors: `GET /v1/authors` and `GET /v1/authors/{user_name}`.

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::Timestamp;
use domain::values::UserName;
use domain::views::DELETED_PREFIX;
use serde::{Deserialize, Serialize};
use service_kit::problem::Kind;
use service_kit::{Problem, Query, times};
use sqlx::FromRow;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::cursor::ListId;
use crate::database::{Database, timestamp};
use crate::freshness::{Demand, Position};
use crate::library::Library;
use crate::limit::Limit;
use crate::openapi::{Conditional, ListProblems, OneProblems};
use crate::posts::by_slug::OneQuery;
use crate::reply::{Reply, unkept};

/// Somebody who has an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Author {
    /// The account's id.
    id: Uuid,
    /// What they are called in addresses, spelt as they like it.
    user_name: String,
    /// What they want to be called; may be empty.
    display_name: String,
    /// A few words about them; may be empty.
    bio: String,
    /// Their picture; may be empty.
    image_url: String,
    /// When they registered.
    #[serde(with = "times::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    registered_at: Timestamp,
    /// How many published posts name them, as author or co-author.
    posts: i64,
    /// How many accounts follow them.
    followers_count: i64,
    /// How many accounts they follow.
    following_count: i64,
    /// The version of the account.
    version: i64,
}

/// A page of authors.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuthorList {
    /// The authors, by user name.
    authors: Vec<Author>,
    /// The `cursor` of the next page; null on the last.
    #[schema(required = true)]
    next: Option<String>,
}

/// The parameters of the list of authors.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// How many authors to give at most.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<Limit<20, 100>>,
    /// Where to go on: what `next` of the previous page said.
    cursor: Option<String>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(value_type = Option<String>)]
    position: Option<Position>,
}

#[derive(FromRow)]
struct Row {
    account_id: Uuid,
    user_name: String,
    display_name: String,
    bio: String,
    image_url: String,
    registered_at: OffsetDateTime,
    version: i64,
    posts: i64,
    followers: i64,
    following: i64,
}

/// Columns and counts; the accounts come from `a`, which each query makes.
macro_rules! select {
    ($chosen:literal) => {
        concat!(
            "SELECT a.account_id, a.user_name, a.display_name, a.bio, a.image_url, a.registered_at, a.version, ",
            "(SELECT count(*) FROM content.posts p WHERE p.published AND NOT p.deleted AND (p.author_id = a.account_id ",
            "OR p.co_author_ids @> ARRAY[a.account_id])) AS posts, ",
            "COALESCE(c.followers, 0) AS followers, COALESCE(c.following, 0) AS following ",
            "FROM content.authors a LEFT JOIN content.follow_counts c ON c.account_id = a.account_id ",
            $chosen
        )
    };
}

/// Everyone who has an account, by user name
#[utoipa::path(
    get, path = "/v1/authors", operation_id = "list_authors", tag = "authors", params(ListQuery, Conditional),
    responses(
        (status = 200, description = "A page of authors", body = AuthorList, headers(
            ("ETag" = String, description = "Strong: other bytes, other tag"),
            ("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
            ("Inklog-Stale" = String, description = "`true` if the position was not reached"),
        )),
        (status = 304, description = "As `If-None-Match` says: it is in the cache"),
        ListProblems,
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let (list_id, limit) = (ListId::of(["authors"]), query.limit.unwrap_or_default().get());
    let after = query.cursor.as_deref().map(|cursor| list_id.keys::<Uuid, String>(cursor)).transpose()?;
    let freshness = library.progress.wait(&Demand::of(&request, query.position)?).await?;
    // One more than asked for tells whether there is a next page.
    let mut rows = page(&library.database, after, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| list_id.cursor([&row.account_id.to_string(), &row.user_name.to_ascii_lowercase()]));
    let list = AuthorList { authors: rows.into_iter().map(Author::from).collect(), next };
    Reply::to(&request, freshness).next_page(list.next.as_deref()).json(&list)
}

async fn page(database: &Database, after: Option<(Uuid, String)>, limit: u32) -> Result<Vec<Row>, Problem> {
    let sql = match after {
        Some(_) => select!(
            "WHERE NOT starts_with(a.user_name, $2) AND (lower(a.user_name), a.account_id) > ($4, $3) \
             ORDER BY lower(a.user_name), a.account_id LIMIT $1"
        ),
        None => {
            select!("WHERE NOT starts_with(a.user_name, $2) ORDER BY lower(a.user_name), a.account_id LIMIT $1")
        }
    };
    let query = sqlx::query_as(sql).bind(i64::from(limit)).bind(DELETED_PREFIX);
    let query = match after {
        Some((account_id, name)) => query.bind(account_id).bind(name),
        None => query,
    };
    database.run(query.fetch_all(database.pool())).await
}

/// Somebody by user name, whatever its case
#[utoipa::path(
    get, path = "/v1/authors/{user_name}", operation_id = "read_author", tag = "authors",
    params(("user_name" = String, Path, description = "The user name"), OneQuery, Conditional),
    responses(
        (status = 200, description = "The author", body = Author, headers(
            ("ETag" = String, description = "Strong: other bytes, other tag"),
            ("Inklog-Stale" = String, description = "`true` if the position was not reached"),
        )),
        (status = 301, description = "It is a former user name: `Location` has the present one"),
        (status = 304, description = "As `If-None-Match` says: it is in the cache"),
        OneProblems,
    )
)]
pub(crate) async fn by_user_name(
    library: Data<Library>,
    request: HttpRequest,
    name: Path<String>,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let demand = Demand::of(&request, query.position)?;
    let name = asked_for(&name)?;
    let freshness = library.progress.wait(&demand).await?;
    let query = sqlx::query_as::<_, Row>(select!("WHERE lower(a.user_name) = $1 LIMIT 1")).bind(name.canonical());
    match library.database.run(query.fetch_optional(library.database.pool())).await? {
        Some(row) => Reply::to(&request, freshness).json(&Author::from(row)),
        None => renamed(&request, &library.database, &name, "").await,
    }
}

/// Sends whoever asks for a former name, or for something below it, to the present one.
pub(crate) async fn renamed(
    request: &HttpRequest,
    database: &Database,
    former: &UserName,
    below: &str,
) -> Result<HttpResponse, Problem> {
    let present = "SELECT user_name FROM content.authors WHERE former_user_names @> ARRAY[$1]
        ORDER BY registered_at DESC LIMIT 1";
    let query = sqlx::query_scalar::<_, String>(present).bind(former.canonical());
    let present = database.run(query.fetch_optional(database.pool())).await?.ok_or_else(missing)?;
    let query = request.query_string();
    let separator = if query.is_empty() { "" } else { "?" };
    // The name may come to be another's, so even a permanent redirect is asked for anew.
    Ok(HttpResponse::MovedPermanently()
        .insert_header((LOCATION, format!("/v1/authors/{present}{below}{separator}{query}")))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .finish())
}

/// The user name in an address. What is none names nobody, and is not worth a question.
pub(crate) fn asked_for(name: &str) -> Result<UserName, Problem> {
    if name.starts_with(DELETED_PREFIX) {
        return Err(unkept(Problem::new(&Kind::ACCOUNT_ERASED, "whoever this was has been forgotten")));
    }
    name.parse().map_err(|_| missing())
}

fn missing() -> Problem {
    unkept(Problem::not_found("nobody has this user name"))
}

impl From<Row> for Author {
    fn from(row: Row) -> Self {
        Self {
            id: row.account_id,
            user_name: row.user_name,
            display_name: row.display_name,
            bio: row.bio,
            image_url: row.image_url,
            registered_at: timestamp(row.registered_at),
            posts: row.posts,
            followers_count: row.followers,
            following_count: row.following,
            version: row.version,
        }
    }
}
