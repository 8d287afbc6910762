//! What waits for an editor: `GET /v1/review-queue`, the oldest first. Posts are submitted and approved at the command
//! API.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::{Role, views};
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::reviews::REVIEWS;
use super::summary::{Named, PostSummary};
use crate::author_refs::{self, AuthorRef};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Keep;
use crate::row::row;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Editor) => list;
    }
}

row! {
    /// What was submitted.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Submission of "r" {
        /// `post`: the post as it is; `working-copy`: what is saved and not released
        /// (`GET /v1/working-copies/{id}` at the command API).
        what: String = "CASE WHEN r.copy_sha256 IS NULL THEN 'post' ELSE 'working-copy' END",
        /// Which account submitted it.
        #[sqlx(try_from = "Uuid")]
        submitted_by: AuthorRef = "r.acted_by",
        /// When.
        #[schema(value_type = String, format = DateTime)]
        submitted_at: Time = "r.since",
        /// Whether the working copy that was submitted has been saved over since: what is there now is approved once it
        /// is submitted, too.
        saved_since: bool,
    }
}

/// A post that waits for an editor.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Waiting {
    #[serde(flatten)]
    #[sqlx(flatten)]
    submission: Submission,
    /// The post.
    #[sqlx(flatten)]
    post: PostSummary,
}

page_body! {
    /// A page of what waits.
    pub(crate) struct ReviewQueue {
        /// The posts, the one that waits longest first.
        queue: Waiting,
    }
}

page_query! {
    /// The parameters of the queue.
    pub(crate) struct QueueQuery {}
    /// How many to give at most.
    limit
}

/// What waits.
struct Queue;

/// What waits for an editor
///
/// A deleted post is left out until it is restored, an archived one until it is taken out of the archive, and one whose
/// working copy was submitted, while it has none.
#[utoipa::path(
    get, path = "/v1/review-queue", operation_id = "list_review_queue", tag = "posts", params(QueueQuery),
    responses(
        (status = 200, description = "A page of what waits", body = ReviewQueue),
        (status = 403, description = "`forbidden`: this needs the role editor"),
    )
)]
pub(crate) async fn list(
    Authenticated(_): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<QueueQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Never).depends_on_the_reader();
    let mut page = Queue.page(query.paging(), &library.database).await?;
    let people = page.entries.iter_mut().map(|entry| &mut entry.submission.submitted_by).collect();
    let submitters = author_refs::look_up(people, &library.database).await?;
    let posts = page.entries.iter_mut().map(|entry| &mut entry.post).collect();
    let named = Named::by(posts, &library.database).await?;
    let reply = named.shown_in(reply.lists::<views::Reviews>().shows::<views::Authors>(submitters));
    page.answer::<ReviewQueue>(reply)
}

impl List for Queue {
    type Key = TimeKey;
    type Entry = Waiting;

    fn id(&self) -> ListId {
        ListId::of(["review queue"])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let (submission, post) = (Submission::columns(), PostSummary::columns());
        QueryBuilder::new(format!(
            "SELECT {submission}, {post} FROM {REVIEWS} r JOIN content.posts p ON p.post_id = r.post_id \
             WHERE r.state = 'in_review' AND r.there AND NOT p.deleted AND NOT p.archived"
        ))
    }

    fn order(&self) -> Order {
        Order::Ascending(["r.since", "r.post_id"])
    }

    fn key(waiting: &Waiting) -> TimeKey {
        TimeKey(waiting.submission.submitted_at, waiting.post.id)
    }
}
