//! What a person has commented: their own list, and that of an author, who may keep it to themselves.

use std::ops::ControlFlow;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::Visibility;
use domain::views;
use serde::Serialize;
use service_kit::{Access, Authenticated, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::entry::Comment;
use super::shown::Reader;
use crate::both_ways::{self, two_way_body};
use crate::cursor::{ListId, TimeKey};
use crate::database::Database;
use crate::library::Library;
use crate::list_of_author::{Begun, ListOfAuthor};
use crate::listed::{listed, public};
use crate::names::NamedAuthor;
use crate::page::{List, Order, Paging, page_query};
use crate::reply::{Keep, Reply};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => mine;
        Access::Anyone => of_author;
    }
}

/// A comment, and the post that it is on.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct CommentOnPost {
    /// The post's id.
    post_id: Uuid,
    /// Its slug.
    post_slug: String,
    /// Its title.
    post_title: String,
    /// The comment.
    #[sqlx(flatten)]
    comment: Comment,
}

two_way_body! {
    /// A page of what a person has commented.
    pub(crate) struct PersonsComments {
        /// The comments, newest first.
        comments: CommentOnPost,
    }
}

page_query! {
    /// The parameters of these lists.
    pub(crate) struct PersonsCommentsQuery {}
    /// How many to give at most.
    limit
}

/// What an account has commented.
struct OfPerson {
    /// Which of the two lists it is.
    name: &'static str,
    account_id: Uuid,
    reader: Reader,
    /// Whether it is for others: then it has what is said below posts in lists, whose text all may read.
    is_for_others: bool,
}

/// What the token's subject has commented
///
/// What is deleted is left out, and so is what is on a post that cannot be read, until it can be again.
#[utoipa::path(
    get, path = "/v1/me/comments", operation_id = "list_my_comments", tag = "me", params(PersonsCommentsQuery),
    responses(
        (status = 200, description = "A page of comments", body = PersonsComments),
    )
)]
pub(crate) async fn mine(
    Authenticated(reader): Authenticated,
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<PersonsCommentsQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.keep(Keep::Private).depends_on_the_reader();
    let (account_id, reader) = (reader.id, Reader::of(Some(&reader)));
    let list = OfPerson { name: "my comments", account_id, reader, is_for_others: false };
    list.answer(query.paging(), &library.database, reply).await
}

/// What an author has commented, unless they keep that to themselves.
const COMMENTS: ListOfAuthor<'static> = ListOfAuthor {
    what: "/comments",
    kept_by: Some(("comments_list", "what this author comments is listed for themselves only")),
};

/// What an author has commented
#[utoipa::path(
    get, path = "/v1/authors/{user_name}/comments", operation_id = "list_comments_of_author", tag = "authors",
    description = "Newest first, without what is deleted. Others are shown what is said below posts that are in lists \
                   and whose text everyone may read; their author, what is below any post that is published. An author \
                   who prefers so (`comments_list`) keeps this list to themselves; it does not hide the comments below \
                   their posts.",
    params(("user_name" = String, Path, description = "The user name"), PersonsCommentsQuery),
    responses(
        (status = 200, description = "A page of comments", body = PersonsComments),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: its owner keeps this list to themselves"),
        NamedAuthor,
    ),
    security((), ("token" = []))
)]
pub(crate) async fn of_author(
    library: Data<Library>,
    request: HttpRequest,
    name: Path<String>,
    Query(query): Query<PersonsCommentsQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let begun = COMMENTS.begin(&library, &request, (reader.as_ref(), &name), query.position.as_ref()).await?;
    let Begun { account_id, is_for_others, keep, reply } = match begun {
        ControlFlow::Break(moved) => return Ok(moved),
        ControlFlow::Continue(begun) => begun,
    };
    let reader = Reader::of(reader.as_ref());
    let reply = reply.keep(if reader.is_known() { Keep::Private } else { keep }).depends_on_the_reader();
    let reply = reply.lists::<views::PersonBlocks>();
    let list = OfPerson { name: "comments of", account_id, reader, is_for_others };
    list.answer(query.paging(), &library.database, reply).await
}

impl CommentOnPost {
    /// The list that a `SELECT` begins with which calls comments `c`, and the posts that they are on `p`.
    pub(crate) fn columns() -> String {
        format!("c.post_id, p.slug AS post_slug, p.title AS post_title, {}", Comment::columns())
    }

    /// The comment's id.
    pub(crate) fn id(&self) -> Uuid {
        self.comment.id()
    }

    /// Fills in what readers see of comments, and says that an answer shows it.
    ///
    /// # Errors
    /// Postgres does not answer.
    pub(crate) async fn complete<'a>(
        entries: Vec<&mut Self>,
        database: &Database,
        reply: Reply<'a>,
    ) -> Result<Reply<'a>, Problem> {
        let ids: Vec<Uuid> = entries.iter().map(|entry| entry.id()).collect();
        let comments = entries.into_iter().map(|entry| &mut entry.comment).collect();
        let people = Comment::complete(comments, database).await?;
        let reply = reply.lists::<views::Comments>().lists::<views::Posts>();
        Ok(reply.shows::<views::Reactions>(ids).shows::<views::Authors>(people.ids()))
    }
}

impl OfPerson {
    async fn answer(&self, paging: Paging<'_>, database: &Database, reply: Reply<'_>) -> Result<HttpResponse, Problem> {
        let mut page = both_ways::page(self, paging, database).await?;
        let reply = CommentOnPost::complete(page.entries.iter_mut().collect(), database, reply).await?;
        page.answer::<PersonsComments>(reply.shows::<views::Authors>([self.account_id]))
    }
}

impl List for OfPerson {
    type Key = TimeKey;
    type Entry = CommentOnPost;

    fn id(&self) -> ListId {
        let to = if self.is_for_others { "others" } else { "oneself" };
        ListId::of([self.name, &self.account_id.to_string(), to])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!(
            "SELECT {} FROM content.comments c \
             JOIN content.posts p ON p.post_id = c.post_id WHERE NOT c.deleted AND {} AND c.author_id = ",
            CommentOnPost::columns(),
            public("p")
        ));
        query.push_bind(self.account_id);
        self.reader.only_what_is_shown(&mut query);
        if self.is_for_others {
            query.push(format_args!(" AND {} AND p.visibility <> ", listed("p")));
            query.push_bind(Visibility::Members.name());
        }
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["c.written_at", "c.comment_id"])
    }

    fn key(entry: &CommentOnPost) -> TimeKey {
        entry.comment.place()
    }
}
