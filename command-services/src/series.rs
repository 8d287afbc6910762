//! `/v1/series`: the commands on series, which are posts in an order.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::moderation::Moderation;
use domain::posts::{Posts, State as PostState};
use domain::series::{self, Changed, Command as SeriesCommand, Created, MOST_POSTS, Rejection, Series, State, Unique};
use domain::values::{Slug, Summary, Title};
use domain::{Decider as _, Role};
use event_log::EventLog;
use serde::{Deserialize, Serialize};
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Quota, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::body::{BoundedVec, empty, new_text, new_text_or_empty, typed};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::freshness::{looked_up, stale};
use crate::moderation::sanctions::{Cases, may_take_part};
use crate::part::Part;
use crate::reply::{about_value, refused};
use crate::reservations::{Bears, NotReserved, with_reservation, with_suggestion};

type Log = web::Data<Arc<EventLog<Series>>>;
type PostLog = web::Data<Arc<EventLog<Posts>>>;

/// The longest part of an id that is worth adding to a slug that is taken.
const SUFFIX: usize = 8;

/// The context, as a part of a service.
pub const PART: Part = Part { looks_up: &[Posts::NAME, Moderation::NAME], ..Part::of::<Series>(routes) };

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Author), Quota::Drafts => create;
        Access::AtLeast(Role::Author) => edit, delete, add, remove, order;
    }
}

/// A series after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SeriesReply {
    /// Its id.
    pub id: Uuid,
    /// Its version: what `If-Match` takes.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
    /// Its slug.
    pub slug: String,
}

/// A series to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSeries {
    /// The part of its address that names it, which no other has or had; made from the title where it is missing.
    #[schema(value_type = Option<schemas::Slug>)]
    pub slug: Option<Slug>,
    /// What it is called: one line of 1 to 300 characters.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::Title)]
    pub title: Title,
    /// What it is about: at most 2,000 characters.
    #[serde(default = "empty", deserialize_with = "typed")]
    #[schema(value_type = schemas::Summary)]
    pub description: Summary,
}

/// Fields of a series to change, as a JSON merge patch (RFC 7396): what is missing stays as it is; null empties the
/// description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditSeries {
    /// The new slug; the former one redirects to it.
    #[serde(default, deserialize_with = "new_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Slug, required = false)]
    pub slug: Option<Slug>,
    /// The new title.
    #[serde(default, deserialize_with = "new_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Title, required = false)]
    pub title: Option<Title>,
    /// The new description.
    #[serde(default, deserialize_with = "new_text_or_empty", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Summary>)]
    pub description: Option<Summary>,
}

/// An order of the posts of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesOrder {
    /// All of them, drafts and deleted ones too, each once, in their new order.
    #[schema(value_type = AllPosts)]
    pub post_ids: BoundedVec<Uuid, MOST_POSTS>,
}

/// The list of all posts of a series, as the OpenAPI document describes it.
#[derive(Clone, Copy, Debug)]
enum AllPosts {}

service_kit::describe! {
    AllPosts as "AllPostIds" = schemas::few(MOST_POSTS, schemas::id());
}

/// Makes a series of the caller's, without posts. Without a slug one is made from the title, and made unique.
#[utoipa::path(post, path = "/v1/series", operation_id = "create_series", tag = "series", request_body = NewSeries,
    params(CommandHeaders),
    responses((status = 201, body = SeriesReply),
        (status = 409, description = "The slug is taken.")))]
pub async fn create(caller: Caller, log: Log, cases: Cases, body: Json<NewSeries>) -> Result<HttpResponse, Problem> {
    let id = caller.new_id("series");
    let command = caller.command(&log, id.to_string(), &("create", &body.0));
    if let Err(problem) = may_take_part(&cases, caller.actor.id) {
        return reply(id, command.accepted_or(problem, SeriesCommand::Delete).await?);
    }
    let NewSeries { slug, title, description } = body.0;
    let is_suggestion = slug.is_none();
    let slug = slug.unwrap_or_else(|| Slug::suggested_by(title.as_str()));
    let new = Created { owner_id: caller.actor.id, slug, title, description };
    reply(id, created(&command, id, new, is_suggestion).await.map_err(not_reserved)?)
}

/// Has a series made as given; under a slug with a part of its id, if the one given is a suggestion and taken.
async fn created(
    command: &Command<'_, Series>,
    id: Uuid,
    new: Created,
    is_suggestion: bool,
) -> Result<Decided<Series>, NotReserved> {
    match created_under(command, id, new.slug.clone(), &new).await {
        Err(NotReserved::Taken) if is_suggestion => {
            let plain = id.simple().to_string();
            created_under(command, id, new.slug.with_suffix(&plain[plain.len() - SUFFIX..]), &new).await
        }
        decided => decided,
    }
}

async fn created_under(
    command: &Command<'_, Series>,
    id: Uuid,
    slug: Slug,
    new: &Created,
) -> Result<Decided<Series>, NotReserved> {
    let new = Created { slug: slug.clone(), ..new.clone() };
    let create = |lease| SeriesCommand::Create { series: new.clone(), lease };
    with_suggestion(command, &Unique::Slug(slug), id, create).await
}

/// Changes some fields of a series.
#[utoipa::path(patch, path = "/v1/series/{id}", operation_id = "edit_series", tag = "series",
    request_body = EditSeries, params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = SeriesReply), (status = 409, description = "The slug is taken."),
        (status = 410, description = "It was deleted.")))]
pub async fn edit(
    caller: Caller,
    log: Log,
    cases: Cases,
    id: web::Path<Uuid>,
    body: Json<EditSeries>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let command = caller.command(&log, id.to_string(), &("edit", &body.0));
    // Its title and description are read by all.
    if let Err(problem) = may_take_part(&cases, caller.actor.id) {
        return reply(id, command.accepted_or(problem, SeriesCommand::Delete).await?);
    }
    let EditSeries { slug, title, description } = body.0.clone();
    let change = Changed { slug: slug.clone(), title, description };
    let Some(slug) = slug else {
        return reply(id, command.execute(SeriesCommand::Change { change, lease: None }, None).await?);
    };
    // Of what is not there, or not read yet, the leader is asked first: nobody keeps a slug from others by asking for a
    // change of a series that never was.
    let bears = match log.confirmed(&id.to_string()).map_err(stale)?.1 {
        State::Sequence(seen) => {
            // Who may not change it does not get to reserve a slug either.
            if let Err(rejection) = series::permit(&caller.actor, seen.owner_id) {
                return reply(id, command.accepted_or(rejected(rejection, 0), SeriesCommand::Delete).await?);
            }
            Bears::of(Some(seen.slug()), &slug)
        }
        State::Nothing | State::Reservation(..) => Bears::Another,
    };
    let act = |lease| SeriesCommand::Change { change: change.clone(), lease: Some(lease) };
    let decided = with_reservation(&command, &Unique::Slug(slug.clone()), id, (None, bears), act).await;
    reply(id, decided.map_err(not_reserved)?)
}

/// Puts a post into a series, as the last; the caller must be one of its authors, or an editor. What is not published
/// of a series is not shown to readers.
#[utoipa::path(put, path = "/v1/series/{id}/posts/{post_id}", operation_id = "add_to_series", tag = "series",
    params(CommandHeaders, ("id" = Uuid, Path), ("post_id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = SeriesReply), (status = 409, description = "It has as many posts as it may have."),
        (status = 410, description = "It was deleted.")))]
pub async fn add(
    caller: Caller,
    log: Log,
    posts: PostLog,
    path: web::Path<(Uuid, Uuid)>,
) -> Result<HttpResponse, Problem> {
    let (id, post_id) = *path;
    let permitted = match permit_post(&caller, &posts, post_id).await? {
        Some(permitted) => permitted.map_err(|rejection| rejected(rejection, 0)),
        None => Err(Problem::not_found("there is no such post")),
    };
    let command: Command<'_, Series> = caller.command(&log, id.to_string(), &("add", post_id));
    reply(id, command.execute_if(permitted, SeriesCommand::Add { post_id }).await?)
}

/// Takes a post out of a series. Its authors may do so too, whichever account owns the series.
#[utoipa::path(delete, path = "/v1/series/{id}/posts/{post_id}", operation_id = "remove_from_series", tag = "series",
    params(CommandHeaders, ("id" = Uuid, Path), ("post_id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = SeriesReply), (status = 410, description = "It was deleted.")))]
pub async fn remove(
    caller: Caller,
    log: Log,
    posts: PostLog,
    path: web::Path<(Uuid, Uuid)>,
) -> Result<HttpResponse, Problem> {
    let (id, post_id) = *path;
    let by_its_author = permit_post(&caller, &posts, post_id).await?.is_some_and(|permitted| permitted.is_ok());
    let remove = SeriesCommand::Remove { post_id, by_its_author };
    simple(&caller, &log, id, &("remove", post_id), remove).await
}

/// Puts the posts of a series into an order.
#[utoipa::path(put, path = "/v1/series/{id}/order", operation_id = "order_series", tag = "series",
    request_body = SeriesOrder, params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = SeriesReply), (status = 410, description = "It was deleted.")))]
pub async fn order(
    caller: Caller,
    log: Log,
    id: web::Path<Uuid>,
    body: Json<SeriesOrder>,
) -> Result<HttpResponse, Problem> {
    let order = SeriesCommand::Order { post_ids: body.0.post_ids.0.clone() };
    simple(&caller, &log, *id, &("order", &body.0), order).await
}

/// Deletes a series for good. Its posts stay as they are, and its slugs stay taken.
#[utoipa::path(delete, path = "/v1/series/{id}", operation_id = "delete_series", tag = "series",
    params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = SeriesReply)))]
pub async fn delete(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    simple(&caller, &log, *id, &"delete", SeriesCommand::Delete).await
}

/// Whether the caller may put a post into a series; `None` if there is no such post, as far as the caller may know, or
/// it is deleted.
async fn permit_post(
    caller: &Caller,
    posts: &EventLog<Posts>,
    post_id: Uuid,
) -> Result<Option<Result<(), Rejection>>, Problem> {
    let permitted = |state: &PostState| match state {
        PostState::Post(post) if post.deleted || !post.is_known_to(&caller.actor) => None,
        PostState::Post(post) => Some(series::permit_post(&caller.actor, post)),
        PostState::Nothing | PostState::Reservation(..) => None,
    };
    let is_permitted = |state: &PostState| permitted(state) == Some(Ok(()));
    let (_, found) = looked_up(posts, &post_id.to_string(), caller.deadline, is_permitted).await?;
    Ok(permitted(&found))
}

async fn simple(
    caller: &Caller,
    log: &Log,
    id: Uuid,
    asked: &impl Serialize,
    body: SeriesCommand,
) -> Result<HttpResponse, Problem> {
    let command: Command<'_, Series> = caller.command(log, id.to_string(), asked);
    reply(id, command.execute(body, None).await?)
}

fn reply(id: Uuid, decided: Decided<Series>) -> Result<HttpResponse, Problem> {
    match decided {
        Decided::Refused(refusal) => Err(refused(refusal, "series", rejected)),
        Decided::Accepted(accepted) => {
            let receipt = &accepted.receipt;
            let slug = receipt.note.as_deref().unwrap_or_default().to_owned();
            let location = format!("/v1/series/{slug}");
            let body = SeriesReply { id, version: receipt.version, changed: receipt.changed, slug };
            Ok(accepted.reply(&body, Some(location)))
        }
    }
}

fn not_reserved(why: NotReserved) -> Problem {
    match why {
        NotReserved::Taken => Problem::slug_taken("another series has this slug, or had it"),
        NotReserved::Changed => Problem::unavailable("the series was changed meanwhile; try again", 1),
        NotReserved::Problem(problem) => problem,
    }
}

fn rejected(rejection: Rejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        Rejection::NotFound => Problem::not_found(detail),
        Rejection::NotAnAuthor => Problem::new(&Kind::FORBIDDEN, detail),
        Rejection::NotTheOwner | Rejection::NotThePostsAuthor => Problem::not_the_author(detail),
        Rejection::Exists => Problem::new(&Kind::EXISTS, detail).version(version),
        Rejection::Deleted => Problem::gone(detail).version(version),
        Rejection::TooManyPosts => Problem::new(&Kind::TOO_MANY, detail).version(version),
        Rejection::NotThePosts => broken_rule("/post_ids", detail).version(version),
        Rejection::TooManySlugs => broken_rule("/slug", detail).version(version),
        Rejection::Reservation(rejection) => about_value(&rejection, "series", Problem::slug_taken),
    }
}

#[cfg(test)]
mod tests;
