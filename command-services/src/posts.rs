//! `/v1/posts`: the commands on posts.

mod about;
mod archive;
mod body;
pub mod co_authors;
mod drafting;
mod known;
mod permitted;
mod policy;
pub mod previews;
mod readers;
pub mod review;
mod schedule;
mod shown;
mod slugs;
pub mod working_copy;

pub use body::{EditPost, LARGEST, NewPost, PutPost};
pub use drafting::drafted;
pub use policy::ReviewPolicy;
pub use readers::{readable, unreadable};
pub use schedule::When;
pub use slugs::given_up;

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::accounts::Accounts;
use domain::moderation::Moderation;
use domain::posts::{Command as PostCommand, Post, Posts, Rejection, ReleaseRejection, Unique};
use domain::values::Slug;
use domain::{Decider as _, Role};
use event_log::EventLog;
use serde::Serialize;
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Quota, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use about::Rules;
use known::{denied, hidden_or_not, known_version, seen, told};
use permitted::{permit, permit_editing, permit_naming, permit_putting};
use shown::{Showing, Shown, made_public};

use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::media::alt;
use crate::moderation::sanctions::{Cases, may_take_part};
use crate::part::{Part, Process};
use crate::reply::{about_value, refused};
use crate::reservations::{Bears, NotReserved, with_reservation};

type Log = web::Data<Arc<EventLog<Posts>>>;
type Policy = web::Data<ReviewPolicy>;

/// The context, as a part of a service.
pub const PART: Part =
    Part { start, looks_up: LOOKS_UP, forget: Some(co_authors::forget), ..Part::of::<Posts>(routes) };

/// Who can do what with posts.
const LOOKS_UP: &[&str] = &[Accounts::NAME, Moderation::NAME];

fn start(process: &mut Process) -> anyhow::Result<()> {
    process.provide(Arc::new(process.vault.clone()));
    process.provide(Arc::new(Rules(process.args.custom_fields_schema.clone())));
    process.provide(Arc::new(process.args.review));
    process.spawn(working_copy::settle_what_is_left(process.vault.clone(), process.logs.of::<Posts>()?));
    schedule::carry_out(process)
}

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    let of_posts = routes! {
        Access::AtLeast(Role::Author), Quota::Drafts => draft, put;
        Access::AtLeast(Role::Author) => edit, delete;
        Access::AtLeast(Role::Author), Quota::Publications => publish, restore;
        Access::Account => unpublish;
    };
    let beside = [schedule::routes(), slugs::routes(), co_authors::routes(), working_copy::routes()].concat();
    [of_posts, beside, previews::routes(), review::routes(), archive::routes()].concat()
}

/// A post after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PostReply {
    /// Its id.
    pub id: Uuid,
    /// Its version: what `If-Match` takes.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
    /// Its slug.
    pub slug: String,
}

/// Drafts a post. Without a slug one is made from the title, and made unique.
#[utoipa::path(post, path = "/v1/posts", tag = "posts", request_body = NewPost, params(CommandHeaders),
    responses((status = 201, body = PostReply),
        (status = 409, description = "The slug is taken.")))]
pub async fn draft(
    caller: Caller,
    log: Log,
    rules: web::Data<Rules>,
    body: Json<NewPost, LARGEST>,
) -> Result<HttpResponse, Problem> {
    let id = caller.new_id("posts");
    let command = caller.command(&log, id.to_string(), &("draft", &body.0));
    let (slug, is_suggestion) = match &body.0.slug {
        Some(slug) => (slug.clone(), false),
        None => (Slug::suggested_by(body.0.title.as_str()), true),
    };
    let author_id = body.0.author_id.unwrap_or(caller.actor.id);
    let permitted = async {
        permit(&caller, author_id)?;
        permit_naming(&caller, &body.0)?;
        rules.permit(&caller, &log, id, body.0.judged()).await
    };
    if let Err(problem) = permitted.await {
        return reply(id, command.accepted_or(problem, PostCommand::Publish).await?);
    }
    let decided = drafted(&command, id, body.0.content(author_id, slug), is_suggestion).await;
    reply(id, decided.map_err(not_reserved)?)
}

/// Makes a post be as given: drafts it if there is none, edits what differs if there is.
#[utoipa::path(put, path = "/v1/posts/{id}", operation_id = "put_post", tag = "posts",
    request_body(content = NewPost, description = "The post as it should be; `slug` is required."),
    params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply, description = "It was there; `changed` says whether it is as it was."),
        (status = 201, body = PostReply),
        (status = 409, description = "The slug is taken (`slug-taken`), or the post is deleted or `archived`."),
        (status = 428, description = "It is there and differs: say in If-Match which version is overwritten.")))]
pub async fn put(
    caller: Caller,
    log: Log,
    (rules, alt, policy, cases): (web::Data<Rules>, web::Data<alt::Rule>, Policy, Cases),
    id: web::Path<Uuid>,
    body: Json<PutPost, LARGEST>,
) -> Result<HttpResponse, Problem> {
    let (id, overwrite) = (*id, caller.conditions.expect_something());
    let command = caller.command(&log, id.to_string(), &("put", &body.0));
    let there = hidden_or_not(&log, id)?;
    let is_hidden = there.as_ref().is_some_and(|post| !post.is_known_to(&caller.actor));
    let seen = there.filter(|_| !is_hidden);
    let author_id = body.0.post.author_id.or(seen.as_ref().map(|post| post.author_id)).unwrap_or(caller.actor.id);
    let permitted = async {
        permit_putting(&caller, seen.as_ref(), author_id, &body.0.post)?;
        rules.permit(&caller, &log, id, body.0.post.judged()).await
    };
    if let Err(problem) = permitted.await {
        return reply(id, command.accepted_or(problem, PostCommand::Publish).await?);
    }
    let (slug, shown) = (body.0.slug.clone(), Shown::sent(body.0.post.shows()));
    let content = body.0.post.content(author_id, slug.clone());
    let act = |lease| policy.on(PostCommand::Put { content: content.clone(), overwrite, lease });
    // What is hidden has a slug of its own: the leader refuses before another is reserved in its name.
    let bears = if is_hidden { Bears::Another } else { Bears::of(seen.as_ref().map(Post::slug), &slug) };
    let may_take_part = may_take_part(&cases, caller.actor.id);
    let showing = Showing { caller: &caller, log: &log, alt: &alt, id, shown, may_take_part };
    let value = Unique::Slug(slug);
    let decided = showing
        .decided(&command, async |version| with_reservation(&command, &value, id, (version, bears), &act).await)
        .await;
    reply(id, told(&caller, &log, id, decided.map_err(not_reserved)?)?)
}

/// Changes some fields of a post. `If-Match` says which version the author saw.
#[utoipa::path(patch, path = "/v1/posts/{id}", tag = "posts", request_body = EditPost,
    params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply), (status = 428),
        (status = 403, description = "It is public, and a moderator has blocked the account (`blocked`) or no editor \
                                      has approved the change (`not-approved`); or the post is another's."),
        (status = 409, description = "The slug is taken (`slug-taken`), or the post is deleted or `archived`."),
        (status = 422, description = "A field breaks a rule; or the post is public, and would show a picture that \
                                      nothing describes (`alt-text-missing`).")))]
pub async fn edit(
    caller: Caller,
    log: Log,
    (rules, alt, policy, cases): (web::Data<Rules>, web::Data<alt::Rule>, Policy, Cases),
    id: web::Path<Uuid>,
    body: Json<EditPost, LARGEST>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    caller.must_say_version(|| known_version(&caller, &log, id))?;
    let seen = seen(&caller, &log, id)?;
    let command = caller.command(&log, id.to_string(), &("edit", &body.0));
    let permitted = async {
        permit_editing(&caller, seen.as_ref())?;
        rules.permit(&caller, &log, id, body.0.judged()).await
    };
    if let Err(problem) = permitted.await {
        return reply(id, command.accepted_or(problem, PostCommand::Publish).await?);
    }
    let (slug, shown) = (body.0.slug.clone(), Shown::sent(body.0.shows()));
    let change = body.0.change();
    let may_take_part = may_take_part(&cases, caller.actor.id);
    let showing = Showing { caller: &caller, log: &log, alt: &alt, id, shown, may_take_part };
    let edit = |lease| policy.on(PostCommand::Edit { change: change.clone(), lease });
    let decided = match slug {
        None => showing.decided(&command, async |version| command.execute(edit(None), version).await).await?,
        Some(slug) => {
            // Of what is not to be seen, or not read yet, the leader is asked first: a caller who may not edit it is
            // told nothing of slugs, and keeps none from others.
            let bears = seen.as_ref().map_or(Bears::Another, |post| Bears::of(Some(post.slug()), &slug));
            let (value, act) = (Unique::Slug(slug), |lease| edit(Some(lease)));
            showing
                .decided(&command, async |version| with_reservation(&command, &value, id, (version, bears), act).await)
                .await
                .map_err(not_reserved)?
        }
    };
    reply(id, told(&caller, &log, id, decided)?)
}

/// Lets everyone read a post.
#[utoipa::path(post, path = "/v1/posts/{id}/publish", tag = "posts", params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply),
        (status = 403, description = "A moderator has blocked the account (`blocked`), no editor has approved what is \
                                      to be approved (`not-approved`), or the post is another's."),
        (status = 409, description = "Its expiry has passed (`expired`), or it is deleted."),
        (status = 422, description = "It shows a picture that nothing describes (`alt-text-missing`).")))]
pub async fn publish(
    caller: Caller,
    log: Log,
    (alt, policy, cases): (web::Data<alt::Rule>, Policy, Cases),
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let publish = may_take_part(&cases, caller.actor.id).map(|()| policy.on(PostCommand::Publish));
    made_public(&caller, &log, (*id, &"publish", &alt), publish).await
}

/// Lets only its authors read a post. An owner whose role was taken away may do it, too.
#[utoipa::path(post, path = "/v1/posts/{id}/unpublish", tag = "posts", params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply)))]
pub async fn unpublish(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    simple(&caller, &log, *id, &"unpublish", PostCommand::Unpublish).await
}

/// Deletes a post; it can be restored.
#[utoipa::path(delete, path = "/v1/posts/{id}", operation_id = "delete_post", tag = "posts",
    params(CommandHeaders, ("id" = Uuid, Path)), responses((status = 200, body = PostReply)))]
pub async fn delete(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    simple(&caller, &log, *id, &"delete", PostCommand::Delete).await
}

/// Restores a deleted post as it was.
#[utoipa::path(post, path = "/v1/posts/{id}/restore", tag = "posts", params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply)))]
pub async fn restore(caller: Caller, log: Log, cases: Cases, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let restore = may_take_part(&cases, caller.actor.id).map(|()| PostCommand::Restore);
    if_permitted(&caller, &log, *id, &"restore", restore).await
}

async fn simple(
    caller: &Caller,
    log: &Log,
    id: Uuid,
    asked: &impl Serialize,
    body: PostCommand,
) -> Result<HttpResponse, Problem> {
    if_permitted(caller, log, id, asked, Ok(body)).await
}

/// Has a command decided that what was looked up permits; or says why not, where it was not accepted before.
async fn if_permitted(
    caller: &Caller,
    log: &Log,
    id: Uuid,
    asked: &impl Serialize,
    body: Result<PostCommand, Problem>,
) -> Result<HttpResponse, Problem> {
    let command: Command<'_, Posts> = caller.command(log, id.to_string(), asked);
    match body {
        Ok(body) => reply(id, told(caller, log, id, command.execute(body, None).await?)?),
        Err(problem) => reply(id, command.accepted_or(problem, PostCommand::Publish).await?),
    }
}

fn reply(id: Uuid, decided: Decided<Posts>) -> Result<HttpResponse, Problem> {
    match decided {
        Decided::Refused(refusal) => Err(refused(refusal, "post", rejected)),
        Decided::Accepted(accepted) => {
            let receipt = &accepted.receipt;
            let slug = receipt.note.as_deref().unwrap_or_default().to_owned();
            let location = format!("/v1/posts/{slug}");
            let body = PostReply { id, version: receipt.version, changed: receipt.changed, slug };
            Ok(accepted.reply(&body, Some(location)))
        }
    }
}

fn not_reserved(why: NotReserved) -> Problem {
    match why {
        NotReserved::Taken => Problem::slug_taken("another post has this slug, or had it"),
        NotReserved::Changed => Problem::unavailable("the post was changed meanwhile; try again", 1),
        NotReserved::Problem(problem) => problem,
    }
}

fn rejected(rejection: Rejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        Rejection::NotFound => Problem::not_found(detail),
        Rejection::NotAnAuthor | Rejection::NotAModerator => Problem::new(&Kind::FORBIDDEN, detail),
        Rejection::NotTheAuthor => Problem::not_the_author(detail),
        Rejection::Featured => Problem::new(&Kind::FORBIDDEN, detail),
        Rejection::Removed => Problem::gone(detail),
        Rejection::Deleted => Problem::deleted(detail).version(version),
        Rejection::Differs => Problem::precondition_required(version),
        Rejection::AuthorIsFixed => broken_rule("/author_id", detail).version(version),
        Rejection::OriginalDate => broken_rule("/originally_published_at", detail),
        Rejection::TooManySlugs => broken_rule("/slug", detail).version(version),
        Rejection::PresentSlug => broken_rule("", detail).version(version),
        Rejection::NamedTwice { field, .. } => broken_rule(&format!("/{field}"), detail),
        Rejection::Archive(rejection) => archive::not_so(rejection, version),
        Rejection::Schedule(rejection) => schedule::rejected(rejection, version),
        Rejection::Release(ReleaseRejection::Outdated) => Problem::new(&Kind::OUTDATED, detail).version(version),
        Rejection::Review(rejection) => review::not_so(rejection, version),
        Rejection::Previews(rejection) => previews::not_given(rejection, version),
        Rejection::CoAuthors(rejection) => co_authors::not_so(rejection, "", version),
        Rejection::Reservation(rejection) => about_value(&rejection, "post", Problem::slug_taken),
    }
}
