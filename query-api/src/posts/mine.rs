//! What the caller writes: `GET /v1/me/posts`, drafts too, its own and those of others that name it as a co-author.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use serde::{Deserialize, Serialize};
use service_kit::{Access, Authenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::reviews::REVIEWS;
use super::summary::{PostSummary, answer};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::page::{List, Order, page_body, page_query};
use crate::reply::Keep;
use crate::row::row;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => list;
    }
}

/// Which posts: what holds of one of them, in SQL, and what it is called.
macro_rules! states {
    ($($(#[$doc:meta])* $state:ident $name:literal $holds:literal;)+) => {
        /// How a post stands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        enum PostState { $($(#[$doc])* $state,)+ }

        impl PostState {
            fn name(self) -> &'static str {
                match self { $(Self::$state => $name,)+ }
            }

            fn holds(self) -> &'static str {
                match self { $(Self::$state => $holds,)+ }
            }
        }
    };
}

states! {
    /// Only its authors and editors read it.
    Draft "draft" "NOT p.deleted AND NOT p.published AND p.release_at IS NULL";
    /// A draft that is to be published by itself.
    Scheduled "scheduled" "NOT p.deleted AND NOT p.published AND p.release_at IS NOT NULL";
    /// Everyone reads it, if no moderator hides it.
    Published "published" "NOT p.deleted AND p.published AND NOT p.archived";
    /// Everyone reads it at its address, and it is in no list but the archive's.
    Archived "archived" "NOT p.deleted AND p.archived";
    /// It can be restored.
    Deleted "deleted" "p.deleted";
}

/// What the caller is to a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum PostRole {
    /// Its author, whose post it is.
    #[default]
    Owner,
    /// Named as a co-author: by accepting an invitation, or by an import.
    CoAuthor,
}

row! {
    /// How a post stands.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Standing of "p" {
        /// `draft`, `scheduled`, `published`, `archived` or `deleted`.
        state: String = "CASE WHEN p.deleted THEN 'deleted' WHEN p.archived THEN 'archived' \
                         WHEN p.published THEN 'published' \
                         WHEN p.release_at IS NOT NULL THEN 'scheduled' ELSE 'draft' END",
        /// Who is shown it, if it is published: `all`, or its `author` where a moderator hides it. What moderators have
        /// removed is not in the list.
        visible: String,
        /// Whether there is a working copy: changes that are saved and not released.
        working_copy: bool = "EXISTS (SELECT FROM writing.working_copies w WHERE w.post_id = p.post_id)",
        /// How its review stands: `none`, `in_review`, `approved` or `changes_requested`. That of a working copy ends
        /// with the copy, and its approval once it is saved over, too.
        review: String = "CASE WHEN r.there AND NOT (r.state = 'approved' AND r.saved_since) THEN r.state \
                          ELSE 'none' END",
        /// What the editor says who wants changes; null if none does.
        #[schema(required = true)]
        review_note: Option<String> = "CASE WHEN r.there AND r.state = 'changes_requested' THEN r.note END",
        /// The account of the editor who approved it, or wants changes; null where none did.
        #[schema(required = true)]
        reviewed_by: Option<Uuid> = "CASE WHEN r.there AND (r.state = 'changes_requested' \
                                     OR r.state = 'approved' AND NOT r.saved_since) THEN r.acted_by END",
        /// Whether the working copy that its review is of has been saved over since: what is there now is approved
        /// once it is submitted, too.
        saved_since: bool = "COALESCE(r.saved_since, false)",
        /// When it is to be published by itself; null if not.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        release_at: Option<Time>,
        /// Until when everyone can read it, once it is published; null for good.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        expires_at: Option<Time>,
        /// How often it was read: each reader counts once a day.
        reads: i64 = "COALESCE((SELECT sum(r.reads)::bigint FROM reads.daily r WHERE r.post_id = p.post_id), 0)",
        /// When it was drafted: what the list is ordered by.
        #[schema(value_type = String, format = DateTime)]
        drafted_at: Time,
    }
}

/// A post that the caller writes.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct OwnPost {
    /// What the caller is to it.
    #[sqlx(skip)]
    role: PostRole,
    #[serde(flatten)]
    #[sqlx(flatten)]
    standing: Standing,
    /// The post.
    #[sqlx(flatten)]
    post: PostSummary,
}

page_body! {
    /// A page of what the caller writes.
    pub(crate) struct OwnPosts {
        /// The posts, the one that was drafted last first.
        posts: OwnPost,
    }
}

page_query! {
    /// The parameters of the list.
    pub(crate) struct OwnQuery {
        /// Only posts that stand so; without it all but deleted ones.
        #[param(inline)]
        state: Option<PostState>,
        /// Only posts to which the caller is this.
        #[param(inline)]
        role: Option<PostRole>,
    }
    /// How many posts to give at most.
    limit
}

/// What an account writes.
struct Mine {
    account_id: Uuid,
    state: Option<PostState>,
    role: Option<PostRole>,
}

/// What the token's subject writes
///
/// Its own posts and those that name it as a co-author, drafts too. An invitation that is open is in
/// `GET /v1/me/invitations`.
#[utoipa::path(
    get, path = "/v1/me/posts", operation_id = "list_my_posts", tag = "me", params(OwnQuery),
    responses(
        (status = 200, description = "A page of posts", body = OwnPosts),
    )
)]
pub(crate) async fn list(
    Authenticated(author): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<OwnQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Never).depends_on_the_reader();
    let list = Mine { account_id: author.id, state: query.state, role: query.role };
    let mut page = list.page(query.paging(), &library.database).await?;
    for entry in &mut page.entries {
        entry.role = if entry.post.author.id == author.id { PostRole::Owner } else { PostRole::CoAuthor };
    }
    let reply = reply.lists::<views::Posts>().lists::<views::Reviews>();
    answer::<_, OwnPosts>(page, |own| &mut own.post, &library, reply).await
}

impl List for Mine {
    type Key = TimeKey;
    type Entry = OwnPost;

    fn id(&self) -> ListId {
        let role = match self.role {
            None => "",
            Some(PostRole::Owner) => "owner",
            Some(PostRole::CoAuthor) => "co-author",
        };
        ListId::of(["own posts", &self.account_id.to_string(), self.state.map_or("", PostState::name), role])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let (standing, post) = (Standing::columns(), PostSummary::columns());
        let holds = self.state.map_or("NOT p.deleted", PostState::holds);
        let mut query = QueryBuilder::new(format!(
            "SELECT {standing}, {post} FROM content.posts p LEFT JOIN {REVIEWS} r ON r.post_id = p.post_id \
             WHERE {holds} AND p.visible <> 'moderators'"
        ));
        let (id, named) = (self.account_id, vec![self.account_id]);
        match self.role {
            Some(PostRole::Owner) => query.push(" AND p.author_id = ").push_bind(id),
            Some(PostRole::CoAuthor) => query.push(" AND p.co_author_ids @> ").push_bind(named),
            None => {
                query.push(" AND (p.author_id = ").push_bind(id);
                query.push(" OR p.co_author_ids @> ").push_bind(named).push(")")
            }
        };
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["p.drafted_at", "p.post_id"])
    }

    fn key(own: &OwnPost) -> TimeKey {
        TimeKey(own.standing.drafted_at, own.post.id)
    }
}
