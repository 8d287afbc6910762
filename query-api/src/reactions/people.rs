//! Who reacted to a post, `GET /v1/posts/{slug}/reactions/{kind}`, and to a comment, `GET
//! /v1/posts/{slug}/comments/{number}/reactions/{kind}`: newest first.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::Actor;
use domain::values::{ReactionKind, Slug, TargetKind};
use domain::views::{self, DELETED_PREFIX};
use serde::Serialize;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes, schemas};
use sqlx::{Postgres, QueryBuilder};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::comments::Reader;
use crate::cursor::{ListId, TimeKey};
use crate::database::{Database, Time};
use crate::library::Library;
use crate::named_post::{CommentedPost, NamedPost, missing};
use crate::page::{List, Order, page_body, page_query};
use crate::reply::{Keep, unkept};
use crate::row::row;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => of_post, of_comment;
    }
}

row! {
    /// A person who reacted.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Reacted of "a" {
        /// The account's id.
        id: Uuid = "a.account_id",
        /// What they are called in addresses.
        user_name: String,
        /// What they want to be called; may be empty.
        display_name: String,
        /// Their picture; may be empty.
        image_url: String,
        /// When they reacted.
        #[schema(value_type = String, format = DateTime)]
        since: Time = "r.since",
    }
}

page_body! {
    /// A page of people who reacted.
    pub(crate) struct ReactedList {
        /// The people, the newest first.
        people: Reacted,
    }
}

page_query! {
    /// The parameters of the list.
    pub(crate) struct ReactedQuery {}
    /// How many to give at most.
    limit
}

/// Who gave a target a reaction of a kind.
struct People {
    target: (TargetKind, Uuid),
    kind: ReactionKind,
    /// Who asks: they are shown their own, and none of an account that blocks them, or that they block.
    asks: Option<Uuid>,
    reader: Reader,
}

/// Who gave a post a reaction of this kind
///
/// A person who keeps to themselves what they react to (`reactions_list`) is shown it to themselves only, and one who
/// has been forgotten not at all; nor is an account that the reader blocks, or that blocks the reader.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/reactions/{kind}", operation_id = "list_post_reactions", tag = "posts",
    params(("slug" = String, Path, description = "Its slug, or a former one"),
        ("kind" = inline(schemas::ReactionKind), Path, description = "The kind of reaction"), ReactedQuery),
    responses(
        (status = 200, description = "A page of people", body = ReactedList),
        (status = 301, description = "The post has another slug, or is asked for in another case", headers(
            ("Location" = String, description = "Where"),
        )),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: the text of the post is for members"),
        (status = 404, description = "`not-found`: no post has this slug, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn of_post(
    library: Data<Library>,
    request: HttpRequest,
    path: Path<(String, ReactionKind)>,
    Query(query): Query<ReactedQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let (named, kind) = path.into_inner();
    let slug: Slug = named.to_ascii_lowercase().parse().map_err(|_| missing())?;
    let reply = library.reply(&request, query.position.as_ref()).await?.depends_on_the_reader();
    let Some(post) = NamedPost::find(&library.database, &slug).await? else {
        return Err(reply.lists::<views::Posts>().refused(missing()));
    };
    let reply = reply.shows::<views::Posts>([post.post_id]).shows::<views::Reactions>([post.post_id]);
    let keep = post.permit_reading(reader.as_ref()).map_err(|problem| reply.refused(problem))?;
    if post.slug != named {
        return Ok(reply.moved(&format!("/v1/posts/{}/reactions/{kind}", post.slug), request.query_string()));
    }
    let list = People::of((TargetKind::Post, post.post_id), kind, reader.as_ref());
    let keep = if list.reader.is_known() { Keep::Private } else { keep };
    let reply = reply.keep(keep).lists::<views::Authors>().lists::<views::PersonBlocks>();
    list.page(query.paging(), &library.database).await?.answer::<ReactedList>(reply)
}

/// Who gave a comment a reaction of this kind
///
/// A person who keeps to themselves what they react to (`reactions_list`) is shown it to themselves only, and one who
/// has been forgotten not at all; nor is an account that the reader blocks, or that blocks the reader.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/comments/{number}/reactions/{kind}", operation_id = "list_comment_reactions",
    tag = "comments",
    params(("slug" = String, Path, description = "The post's slug, or a former one"),
        ("number" = i64, Path, description = "The comment's number among those on the post"),
        ("kind" = inline(schemas::ReactionKind), Path, description = "The kind of reaction"), ReactedQuery),
    responses(
        (status = 200, description = "A page of people", body = ReactedList),
        (status = 301, description = "The post has another slug, or is asked for in another case"),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 403, description = "`private`: the text of the post is for members"),
        (status = 404, description = "`not-found`: there is no such post or comment, or only others may see it"),
        (status = 410, description = "`gone`: the comment or the post was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn of_comment(
    library: Data<Library>,
    request: HttpRequest,
    path: Path<(String, i64, ReactionKind)>,
    Query(query): Query<ReactedQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    let (named, number, kind) = path.into_inner();
    let reply = library.reply(&request, query.position.as_ref()).await?.depends_on_the_reader();
    let (post, reply) = CommentedPost::find(&library.database, &named, reader.as_ref(), reply).await?;
    if let Some(moved) = post.moved(&named, &format!("/{number}/reactions/{kind}"), &request, &reply) {
        return Ok(moved);
    }
    let reply = reply.shows::<views::Comments>([post.post.post_id]);
    let reply = reply.lists::<views::PersonBlocks>();
    let found = comment(&library.database, (post.post.post_id, number), Reader::of(reader.as_ref())).await?;
    let id = found.map_err(|problem| reply.refused(problem))?;
    let reply = reply.shows::<views::Reactions>([id]).lists::<views::Authors>();
    let list = People::of((TargetKind::Comment, id), kind, reader.as_ref());
    let reply = if list.reader.is_known() { reply.keep(Keep::Private) } else { reply };
    list.page(query.paging(), &library.database).await?.answer::<ReactedList>(reply)
}

/// The id of the comment of this number on a post; or why there are no reactions to it to be shown to this reader.
async fn comment(
    database: &Database,
    (post_id, number): (Uuid, i64),
    reader: Reader,
) -> Result<Result<Uuid, Problem>, Problem> {
    let mut query = QueryBuilder::new("SELECT c.comment_id, c.deleted FROM content.comments c WHERE c.post_id = ");
    query.push_bind(post_id).push(" AND c.number = ").push_bind(number);
    reader.only_what_is_shown(&mut query);
    let found: Option<(Uuid, bool)> = database.run(query.build_query_as().fetch_optional(database.pool())).await?;
    Ok(match found {
        Some((id, false)) => Ok(id),
        Some((_, true)) => Err(unkept(Problem::gone("the comment was deleted"))),
        None => Err(unkept(Problem::not_found("there is no such comment"))),
    })
}

impl People {
    fn of(target: (TargetKind, Uuid), kind: ReactionKind, reader: Option<&Actor>) -> Self {
        Self { target, kind, asks: reader.map(|reader| reader.id), reader: Reader::of(reader) }
    }
}

impl List for People {
    type Key = TimeKey;
    type Entry = Reacted;

    fn id(&self) -> ListId {
        let (kind, id) = self.target;
        ListId::of(["reacted", kind.name(), &id.to_string(), self.kind.as_str()])
    }

    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!(
            "SELECT {} FROM content.reactions r JOIN content.authors a ON a.account_id = r.account_id \
             LEFT JOIN content.preferences o ON o.account_id = r.account_id WHERE r.active AND r.target_kind = ",
            Reacted::columns()
        ));
        query.push_bind(self.target.0.name()).push(" AND r.target_id = ").push_bind(self.target.1);
        query.push(" AND r.kind = ").push_bind(self.kind.to_string());
        query.push(" AND NOT starts_with(a.user_name, ").push_bind(DELETED_PREFIX).push(")");
        // A wish that this version does not know hides.
        query.push(" AND (COALESCE(o.reactions_list, 'public') = 'public' OR r.account_id = ").push_bind(self.asks);
        query.push(")");
        self.reader.not_apart(&mut query, "r.account_id");
        query
    }

    fn order(&self) -> Order {
        Order::Descending(["r.since", "r.account_id"])
    }

    fn key(reacted: &Reacted) -> TimeKey {
        TimeKey(reacted.since, reacted.id)
    }
}
