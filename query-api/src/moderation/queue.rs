//! What waits for moderators: what was reported, appeals, and comments that filters hold.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::{Role, views};
use serde::Serialize;
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

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
        Access::AtLeast(Role::Moderator) => list;
    }
}

row! {
    /// A case in which something waits.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct WaitingCase of "q" {
        /// Its id.
        case_id: String,
        /// What it is about: `post`, `comment` or `account`.
        target_kind: String,
        /// Which of those.
        target_id: Uuid,
        /// Of a comment, the post that it is on.
        #[schema(required = true)]
        post_id: Option<Uuid>,
        /// Of a comment, its number there.
        #[schema(required = true)]
        number: Option<i64>,
        /// Whom it concerns.
        #[sqlx(try_from = "Uuid")]
        subject: AuthorRef = "q.subject_id",
        /// How many reports wait.
        reports: i64,
        /// By which rules, each once.
        rules: Vec<String>,
        /// The rulings against which appeals wait.
        appealed_rulings: Vec<i64>,
        /// What holds the comment: `words`, `links`, `first-comments`.
        held_by: Vec<String>,
        /// The moderator who has claimed it.
        #[schema(required = true)]
        claimed_by: Option<Uuid>,
        /// Until when that holds.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        claimed_until: Option<Time> = "q.claimed_until_at",
        /// Since when something waits.
        #[schema(value_type = String, format = DateTime)]
        waits_since: Time,
    }
}

page_body! {
    /// A page of what waits.
    pub(crate) struct ModerationQueue {
        /// The cases, the one that waits longest first.
        queue: WaitingCase,
    }
}

page_query! {
    /// The parameters of the queue.
    pub(crate) struct ModerationQueueQuery {}
    /// How many to give at most.
    limit
}

/// What waits. A comment that is held and was reported is there once, since the earlier of both.
const WAITING: &str = "SELECT k.case_id, k.target_kind, k.target_id, k.post_id, k.number, k.subject_id, \
        cardinality(k.reporter_ids)::bigint AS reports, ARRAY(SELECT DISTINCT unnest(k.rules) ORDER BY 1) AS rules, \
        k.appealed_rulings, COALESCE(c.held_by, '{}') AS held_by, k.claimed_by, k.claimed_until_at, k.waits_since \
    FROM content.cases k LEFT JOIN content.comments c ON c.post_id = k.post_id AND c.number = k.number \
    WHERE k.waits_since IS NOT NULL \
    UNION ALL SELECT 'comment:' || c.post_id || ':' || c.number, 'comment', c.comment_id, c.post_id, c.number, \
        c.author_id, 0, '{}', '{}', c.held_by, k.claimed_by, k.claimed_until_at, c.written_at \
    FROM content.comments c LEFT JOIN content.cases k ON k.case_id = 'comment:' || c.post_id || ':' || c.number \
    WHERE c.held_by <> '{}' AND NOT c.deleted AND k.waits_since IS NULL";

/// What waits, and is not about the reader, nor about a post that they write.
struct Queue {
    reader_id: Uuid,
}

/// What waits for moderators
///
/// Reports, appeals, and comments that the filters hold. A case that another moderator has claimed is shown, with until
/// when. What is about the caller others deal with: it is not there.
#[utoipa::path(
    get, path = "/v1/moderation/queue", operation_id = "list_moderation_queue", tag = "moderation",
    params(ModerationQueueQuery),
    responses(
        (status = 200, description = "A page of what waits", body = ModerationQueue),
        (status = 403, description = "`forbidden`: this needs the role moderator"),
    )
)]
pub(crate) async fn list(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ModerationQueueQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Never).depends_on_the_reader();
    let mut page = Queue { reader_id: reader.id }.page(query.paging(), &library.database).await?;
    let people = page.entries.iter_mut().map(|entry| &mut entry.subject).collect();
    let people = author_refs::look_up(people, &library.database).await?;
    let reply = reply.lists::<views::Cases>().lists::<views::Comments>().shows::<views::Authors>(people);
    page.answer::<ModerationQueue>(reply)
}

impl List for Queue {
    type Key = TimeKey;
    type Entry = WaitingCase;

    fn id(&self) -> ListId {
        ListId::of(["moderation queue"])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query =
            QueryBuilder::new(format!("SELECT {} FROM ({WAITING}) q WHERE q.subject_id <> ", WaitingCase::columns()));
        query.push_bind(self.reader_id);
        query.push(" AND NOT (q.target_kind = 'post' AND EXISTS ");
        query.push("(SELECT FROM content.posts p WHERE p.post_id = q.target_id AND ");
        query.push_bind(self.reader_id);
        query.push(" = ANY(p.author_id || p.co_author_ids)))");
        query
    }

    fn order(&self) -> Order {
        Order::Ascending(["q.waits_since", "q.target_id"])
    }

    fn key(waiting: &WaitingCase) -> TimeKey {
        TimeKey(waiting.waits_since, waiting.target_id)
    }
}
