//! The comments on a post.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::views;
use serde::{Deserialize, Serialize};
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::query_builder::Separated;
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::entry::Comment;
use super::shown::Reader;
use crate::both_ways::{self, TwoWayPage};
use crate::cursor::{Key, ListId, TimeKey};
use crate::library::Library;
use crate::named_post::CommentedPost;
use crate::page::{List, Order, page_query};
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

/// In which order comments are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum CommentOrder {
    /// Those that were written first.
    #[default]
    Oldest,
    /// Those that were written last.
    Newest,
    /// Those with the most reactions, of all kinds together.
    Liked,
}

/// The number of a comment, or 0 for the post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
struct Answered(i64);

impl TryFrom<i64> for Answered {
    type Error = String;
    fn try_from(number: i64) -> Result<Self, String> {
        if (0..=100_000).contains(&number) { Ok(Self(number)) } else { Err("must be 0 to 100000".into()) }
    }
}

/// A page of the comments on a post.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommentList {
    /// The comments.
    comments: Vec<Comment>,
    /// How many there are on the post that say something.
    total: i64,
    /// Who may comment: `open` (anyone with an account), `confirmed`, `followers` (of the post's author), `closed`.
    commenters: String,
    /// The `cursor` of the next page; null on the last.
    #[schema(required = true)]
    next: Option<String>,
    /// The `cursor` of the previous page; null on the first.
    #[schema(required = true)]
    previous: Option<String>,
}

page_query! {
    /// The parameters of the list.
    pub(crate) struct CommentsQuery {
        /// Only those that answer the comment of this number; 0: those that answer the post.
        #[param(value_type = Option<i64>, minimum = 0, maximum = 100_000)]
        reply_to: Option<Answered>,
        /// `oldest` (also where it is missing) or `newest` first, or `liked`: those with the most reactions, of all
        /// kinds together, and of those with as many the oldest. What gains or loses some while pages are read may be
        /// met twice or not at all.
        #[param(inline)]
        sort: Option<CommentOrder>,
    }
    /// How many to give at most.
    limit
}

/// The same comments, those with the most reactions first.
struct MostLiked(OnPost);

/// How many reactions a comment has, and its number, with its sign turned: where two have as many, the older is first.
struct LikedKey(i64, i64);

struct OnPost {
    post_id: Uuid,
    reply_to: Option<Answered>,
    sort: CommentOrder,
    reader: Reader,
}

/// The comments on a post
///
/// All of them in time, each with the number of the one that it answers; or those that answer one, or the post. A
/// deleted one keeps its place. One that a moderator hid, or that is held, is shown to its author and moderators only;
/// and none of an account that the reader blocks, or that blocks the reader.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/comments", operation_id = "list_comments", tag = "comments",
    params(("slug" = String, Path, description = "The post's slug, or a former one"), CommentsQuery),
    responses(
        (status = 200, description = "A page of comments", body = CommentList),
        (status = 301, description = "The post has another slug, or is asked for in another case"),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: what is said of the post is for members"),
        (status = 404, description = "`not-found`: no post has this slug, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    slug: Path<String>,
    Query(query): Query<CommentsQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?.depends_on_the_reader();
    let (post, reply) = CommentedPost::find(&library.database, &slug, reader.as_ref(), reply).await?;
    if let Some(moved) = post.moved(&slug, "", &request, &reply) {
        return Ok(moved);
    }
    let (post_id, reply_to, sort) = (post.post.post_id, query.reply_to, query.sort.unwrap_or_default());
    let reader = Reader::of(reader.as_ref());
    let reply = if reader.is_known() { reply.keep(Keep::Private).lists::<views::PersonBlocks>() } else { reply };
    let list = OnPost { post_id, reply_to, sort, reader };
    let mut page = match sort {
        CommentOrder::Oldest | CommentOrder::Newest => {
            both_ways::page(&list, query.paging(), &library.database).await?
        }
        CommentOrder::Liked => both_ways::page(&MostLiked(list), query.paging(), &library.database).await?,
    };
    let ids: Vec<Uuid> = page.entries.iter().map(Comment::id).collect();
    let people = Comment::complete(page.entries.iter_mut().collect(), &library.database).await?;
    let reply = reply.shows::<views::Comments>([post.post.post_id]).shows::<views::Authors>(people.ids());
    // A list in that order is made of all of them.
    let reply = if sort == CommentOrder::Liked { reply.lists::<views::Reactions>() } else { reply };
    let reply = reply.shows::<views::Reactions>(ids);
    let TwoWayPage { entries, next, previous } = page;
    let reply = reply.next_page(next.as_deref()).previous_page(previous.as_deref());
    let (total, commenters) = (post.total, post.commenters);
    reply.json(&CommentList { comments: entries, total, commenters, next, previous })
}

impl OnPost {
    /// Which are meant of those in a table.
    fn push_answered(&self, rows: &str, query: &mut QueryBuilder<Postgres>) {
        match self.reply_to {
            None => query,
            Some(Answered(0)) => query.push(format_args!(" AND {rows}.reply_to IS NULL")),
            Some(Answered(number)) => query.push(format_args!(" AND {rows}.reply_to = ")).push_bind(number),
        };
    }
}

impl List for OnPost {
    type Key = TimeKey;
    type Entry = Comment;

    fn id(&self) -> ListId {
        let filter = format!("{:?}/{:?}", self.reply_to, self.sort);
        ListId::of(["comments", &self.post_id.to_string(), &filter])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!("SELECT {} FROM content.comments c", Comment::columns()));
        query.push(" WHERE c.post_id = ").push_bind(self.post_id);
        self.reader.only_what_is_shown(&mut query);
        self.push_answered("c", &mut query);
        query
    }

    /// In time, which is the order of their numbers.
    fn order(&self) -> Order {
        let columns = ["c.written_at", "c.comment_id"];
        match self.sort {
            CommentOrder::Oldest => Order::Ascending(columns),
            CommentOrder::Newest | CommentOrder::Liked => Order::Descending(columns),
        }
    }

    fn key(comment: &Comment) -> TimeKey {
        comment.place()
    }
}

impl List for MostLiked {
    type Key = LikedKey;
    type Entry = Comment;

    fn id(&self) -> ListId {
        self.0.id()
    }

    /// The ranks lead: they have an index in this very order, of all on a post and of those that answer one.
    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!(
            "SELECT {} FROM content.comment_ranks k JOIN content.comments c \
             ON c.post_id = k.post_id AND c.number = k.number WHERE k.post_id = ",
            Comment::columns()
        ));
        query.push_bind(self.0.post_id);
        self.0.reader.only_what_is_shown(&mut query);
        self.0.push_answered("k", &mut query);
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["k.reactions", "-k.number"])
    }

    fn key(comment: &Comment) -> LikedKey {
        LikedKey(comment.reactions(), -comment.number())
    }
}

impl Key for LikedKey {
    fn text(&self) -> String {
        format!("{}/{}", self.0, self.1)
    }

    fn parse(text: &str) -> Option<Self> {
        let (reactions, number) = text.split_once('/')?;
        Some(Self(reactions.parse().ok()?, number.parse().ok()?))
    }

    fn bind(self, values: &mut Separated<'_, Postgres, &'static str>) {
        values.push_bind(self.0).push_bind(self.1);
    }
}
