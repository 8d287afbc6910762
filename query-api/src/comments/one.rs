//! A comment by its number, with what it said before.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::Timestamp;
use domain::views;
use serde::Serialize;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use super::entry::{Comment, People, Words};
use super::shown::Reader;
use crate::database::{Database, Time};
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::named_post::CommentedPost;
use crate::reply::Keep;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => by_number;
    }
}

/// A comment, and what it said before.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct CommentWithHistory {
    #[serde(flatten)]
    #[sqlx(flatten)]
    comment: Comment,
    #[serde(skip)]
    former_texts: Vec<String>,
    #[serde(skip)]
    former_texts_at: Vec<i64>,
    #[serde(skip)]
    withheld_texts: i64,
    /// What it said before, the first first; nothing where it is deleted. What was not shown to all, and all that was
    /// before, its author and moderators are shown only.
    #[sqlx(skip)]
    history: Vec<Former>,
}

/// What a comment said before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Former {
    #[serde(flatten)]
    words: Words,
    /// Since when it said so.
    #[schema(value_type = String, format = DateTime)]
    since: Time,
}

/// A comment by its number
#[utoipa::path(
    get, path = "/v1/posts/{slug}/comments/{number}", operation_id = "read_comment", tag = "comments",
    params(("slug" = String, Path, description = "The post's slug, or a former one"),
        ("number" = i64, Path, description = "Its number among the comments on the post"), OneQuery),
    responses(
        (status = 200, description = "The comment", body = CommentWithHistory),
        (status = 301, description = "The post has another slug, or is asked for in another case"),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: what is said of the post is for members"),
        (status = 404, description = "`not-found`: there is no such post or comment, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn by_number(
    library: Data<Library>,
    request: HttpRequest,
    path: Path<(String, String)>,
    Query(query): Query<OneQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let (slug, number) = path.into_inner();
    let reply = library.reply(&request, query.position.as_ref()).await?.depends_on_the_reader();
    let (post, reply) = CommentedPost::find(&library.database, &slug, reader.as_ref(), reply).await?;
    if let Some(moved) = post.moved(&slug, &format!("/{number}"), &request, &reply) {
        return Ok(moved);
    }
    let reader = Reader::of(reader.as_ref());
    let reply = if reader.is_known() { reply.keep(Keep::Private).lists::<views::PersonBlocks>() } else { reply };
    let reply = reply.shows::<views::Comments>([post.post.post_id]);
    let found = match number.parse() {
        Ok(number) => find(&library.database, post.post.post_id, number, reader).await?,
        Err(_) => None,
    };
    let mut comment = found.ok_or_else(|| reply.refused(Problem::not_found("there is no such comment")))?;
    let reply = reply.shows::<views::Reactions>([comment.comment.id()]);
    let people = comment.complete(reader, &library.database).await?;
    reply.shows::<views::Authors>(people.ids()).json(&comment)
}

async fn find(
    database: &Database,
    post_id: Uuid,
    number: i64,
    reader: Reader,
) -> Result<Option<CommentWithHistory>, Problem> {
    let columns = Comment::columns();
    let mut query = QueryBuilder::new(format!(
        "SELECT {columns}, c.former_texts, c.former_texts_at, c.withheld_texts FROM content.comments c \
         WHERE c.post_id = "
    ));
    query.push_bind(post_id).push(" AND c.number = ").push_bind(number);
    reader.only_what_is_shown(&mut query);
    database.run(query.build_query_as().fetch_optional(database.pool())).await
}

impl CommentWithHistory {
    async fn complete(&mut self, reader: Reader, database: &Database) -> Result<People, Problem> {
        let people = Comment::complete(vec![&mut self.comment], database).await?;
        if !self.comment.says_something() {
            return Ok(people);
        }
        let all = self.comment.is_read_whole_by(reader);
        let withheld = if all { 0 } else { usize::try_from(self.withheld_texts).unwrap_or(usize::MAX) };
        let texts: Vec<String> = std::mem::take(&mut self.former_texts).into_iter().skip(withheld).collect();
        let before = People::beside([], texts.iter().map(String::as_str), database).await?;
        let (before, words) = before.all_words(texts).await?;
        let times = self.former_texts_at.iter().skip(withheld).map(|at| Time::nearest(Timestamp(*at)));
        self.history = words.into_iter().zip(times).map(|(words, since)| Former { words, since }).collect();
        Ok(people.and(before))
    }
}
