//! Authors: `GET /v1/authors` and `GET /v1/authors/{user_name}`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::UserName;
use domain::views::{self, DELETED_PREFIX};
use serde::Serialize;
use service_kit::{Access, Problem, Query, Route, routes};
use sqlx::query_builder::Separated;
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{Key, ListId};
use crate::database::Time;
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::names::{NamedAuthor, asked_for, not_at_present};
use crate::page::{List, Order, page_body, page_query};
use crate::row::row;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list, by_user_name;
    }
}

row! {
    /// A person who has an account.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Author of "a" {
        /// The account's id.
        id: Uuid = "a.account_id",
        /// What they are called in addresses, spelt as they like it.
        user_name: String,
        /// What they want to be called; may be empty.
        display_name: String,
        /// A few words about them; may be empty.
        bio: String,
        /// Their picture; may be empty.
        image_url: String,
        /// When they registered.
        #[schema(value_type = String, format = DateTime)]
        registered_at: Time,
        /// How many published posts that are in the lists name them, as author or co-author.
        posts: i64 = "(SELECT count(*) FROM content.posts p WHERE p.published AND NOT p.deleted AND \
                      p.visibility <> 'unlisted' AND NOT p.archived AND p.visible = 'all' AND \
                      (p.author_id = a.account_id OR p.co_author_ids @> ARRAY[a.account_id]))",
        /// How many accounts follow them.
        followers_count: i64 = "COALESCE(c.followers, 0)",
        /// How many accounts they follow.
        following_count: i64 = "COALESCE(c.following, 0)",
        /// How many series are theirs.
        series_count: i64 = "COALESCE(s.series, 0)",
        /// How many comments of theirs say something; null where they keep the list of them to themselves.
        // A wish that this version does not know hides.
        #[schema(required = true)]
        comments_count: Option<i64> =
            "CASE WHEN COALESCE(o.comments_list, 'public') = 'public' THEN COALESCE(m.comments, 0) END",
        /// The version of the account.
        version: i64,
    }
}

page_body! {
    /// A page of authors.
    pub(crate) struct AuthorList {
        /// The authors, by user name.
        authors: Author,
    }
}

page_query! {
    /// The parameters of the list of authors.
    pub(crate) struct ListQuery {}
    /// How many authors to give at most.
    limit
}

/// Everyone who has an account.
struct Authors;

/// The user name in lower case, and the account's id where two had the same one.
struct NameKey(String, Uuid);

/// Everyone who has an account, by user name
#[utoipa::path(
    get, path = "/v1/authors", operation_id = "list_authors", tag = "authors", params(ListQuery),
    responses(
        (status = 200, description = "A page of authors", body = AuthorList),
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let page = Authors.page(query.paging(), &library.database).await?;
    page.answer::<AuthorList>(reply.lists::<views::Authors>())
}

impl List for Authors {
    type Key = NameKey;
    type Entry = Author;

    fn id(&self) -> ListId {
        ListId::of(["authors"])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = select();
        query.push("NOT starts_with(a.user_name, ").push_bind(DELETED_PREFIX).push(")");
        query
    }

    fn order(&self) -> Order {
        Order::Ascending(["lower(a.user_name)", "a.account_id"])
    }

    fn key(author: &Author) -> NameKey {
        NameKey(author.user_name.to_ascii_lowercase(), author.id)
    }
}

impl Key for NameKey {
    fn text(&self) -> String {
        format!("{}/{}", self.1, self.0)
    }

    fn parse(text: &str) -> Option<Self> {
        let (id, name) = text.split_once('/')?;
        let listed = name.parse::<UserName>().is_ok_and(|user_name| user_name.canonical() == name);
        listed.then_some(Self(name.to_owned(), id.parse().ok()?))
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        values.push_bind(self.0).push_bind(self.1);
    }
}

/// Selects accounts with their numbers; a condition is to follow.
fn select() -> QueryBuilder<Postgres> {
    QueryBuilder::new(format!(
        "SELECT {} FROM content.authors a LEFT JOIN content.follow_counts c ON c.account_id = a.account_id \
         LEFT JOIN content.series_counts s ON s.owner_id = a.account_id \
         LEFT JOIN content.commenter_counts m ON m.account_id = a.account_id \
         LEFT JOIN content.preferences o ON o.account_id = a.account_id WHERE ",
        Author::columns()
    ))
}

/// An author by user name, whatever its case
#[utoipa::path(
    get, path = "/v1/authors/{user_name}", operation_id = "read_author", tag = "authors",
    params(("user_name" = String, Path, description = "The user name"), OneQuery),
    responses(
        (status = 200, description = "The author", body = Author),
        NamedAuthor,
    )
)]
pub(crate) async fn by_user_name(
    library: Data<Library>,
    request: HttpRequest,
    name: Path<String>,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let name = asked_for(&name)?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let mut query = select();
    query.push("lower(a.user_name) = ").push_bind(name.canonical()).push(" LIMIT 1");
    match library.database.run(query.build_query_as::<Author>().fetch_optional(library.database.pool())).await? {
        Some(author) => reply.shows::<views::Authors>([author.id]).json(&author),
        None => not_at_present(&name, reply, &library.database, below(&request, "")).await,
    }
}

/// The address of what is below an author of another name, asked for in the same way.
pub(crate) fn below<'a>(request: &'a HttpRequest, what: &'a str) -> impl FnOnce(&str) -> (String, String) + 'a {
    move |name| (format!("/v1/authors/{name}{what}"), request.query_string().to_owned())
}
