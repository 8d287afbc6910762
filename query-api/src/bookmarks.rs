//! The posts that the caller keeps for later: `GET /v1/me/bookmarks`, newest first. They are kept and removed at the
//! command API.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::listed::public_or_theirs;
use crate::page::{List, Order, page_body, page_query};
use crate::posts::{PostSummary, answer};
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => list;
    }
}

/// A bookmark.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Bookmark {
    /// Since when the post is kept.
    #[schema(value_type = String, format = DateTime)]
    bookmarked_at: Time,
    /// The post.
    #[sqlx(flatten)]
    post: PostSummary,
}

page_body! {
    /// A page of bookmarks.
    pub(crate) struct BookmarkList {
        /// The bookmarks, newest first.
        bookmarks: Bookmark,
    }
}

page_query! {
    /// The parameters of the list.
    pub(crate) struct BookmarksQuery {}
    /// How many to give at most.
    limit
}

/// The bookmarks of an account.
struct Bookmarks {
    account_id: Uuid,
}

/// What the token's subject keeps for later
///
/// A post that was deleted, or is a draft of other authors, is left out until it can be read again.
#[utoipa::path(
    get, path = "/v1/me/bookmarks", operation_id = "list_bookmarks", tag = "me", params(BookmarksQuery),
    responses(
        (status = 200, description = "A page of bookmarks", body = BookmarkList),
    )
)]
pub(crate) async fn list(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<BookmarksQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader();
    let list = Bookmarks { account_id: reader.id };
    let page = list.page(query.paging(), &library.database).await?;
    let reply = reply.shows::<views::Bookmarks>([reader.id]).lists::<views::Posts>();
    answer::<_, BookmarkList>(page, |bookmark| &mut bookmark.post, &library, reply).await
}

impl List for Bookmarks {
    type Key = TimeKey;
    type Entry = Bookmark;

    fn id(&self) -> ListId {
        ListId::of(["bookmarks", &self.account_id.to_string()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!(
            "SELECT b.since AS bookmarked_at, {} FROM content.bookmarks b \
             JOIN content.posts p ON p.post_id = b.post_id",
            PostSummary::columns()
        ));
        query.push(" WHERE b.active AND b.account_id = ").push_bind(self.account_id);
        query.push(" AND ");
        public_or_theirs("p", self.account_id, &mut query);
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["b.since", "b.post_id"])
    }

    fn key(bookmark: &Bookmark) -> TimeKey {
        TimeKey(bookmark.bookmarked_at, bookmark.post.id)
    }
}
