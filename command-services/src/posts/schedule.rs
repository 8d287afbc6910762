//! `/v1/posts/{id}/schedule` and `/v1/posts/{id}/expiry`: what is to happen to a post by itself. It is carried out by
//! [`crate::due`], but for releases whose owner may publish nothing when they are due.

mod when;

pub use when::When;

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::accounts::Accounts;
use domain::moderation::Moderation;
use domain::posts::schedule::Command::{Expire, Release};
use domain::posts::schedule::{Due as PostDue, Planned, Rejection};
use domain::posts::{Command as PostCommand, Posts, State};
use event_log::{Due, EventLog};
use futures::FutureExt as _;
use futures::future::ready;
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Quota, Route, routes};
use uuid::Uuid;

use super::{Log, Policy, PostReply, made_public, simple};
use crate::accounts::standing::{People, Standing, standing};
use crate::commands::{Caller, CommandHeaders};
use crate::due;
use crate::freshness::stale;
use crate::media::alt;
use crate::moderation::sanctions::{Cases, is_barred, may_take_part};
use crate::part::Process;

/// The routes, and whom they answer. A release is a publication, whenever it comes.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Author), Quota::Publications => schedule;
        Access::AtLeast(Role::Author) => unschedule, set_expiry, withdraw_expiry;
    }
}

/// Carries out what is due, see [`crate::due`].
///
/// # Errors
/// The process has no log of posts, or none of accounts or moderation.
pub(super) fn carry_out(process: &mut Process) -> anyhow::Result<()> {
    let posts = process.logs.of::<Posts>()?;
    let people: People = web::Data::new(process.logs.of::<Accounts>()?);
    let cases: Cases = web::Data::new(process.logs.of::<Moderation>()?);
    due::carry_out::<Posts, _>(process, move |due: &Due<Posts>| ready(judge(&posts, &people, &cases, due)).boxed())
}

/// Nothing new becomes public in the name of an account that is deactivated or erased, or that a moderator blocks at
/// the time: a release is called off. An owner of whom there is no account has nothing that could end.
///
/// # Errors
/// This instance cannot say how the owner stands: it has not read enough.
fn judge(posts: &EventLog<Posts>, people: &People, cases: &Cases, due: &Due<Posts>) -> Result<PostCommand, Problem> {
    let planned = || due.command.clone();
    let PostCommand::CarryOut(release @ PostDue { what: Planned::Release, .. }) = &due.command else {
        return Ok(planned());
    };
    let State::Post(post) = posts.confirmed(&due.aggregate_id).map_err(stale)?.1 else { return Ok(planned()) };
    let may_publish = match standing(people, post.author_id)? {
        Standing::Active | Standing::Unknown => !is_barred(cases, post.author_id)?,
        Standing::Deactivated | Standing::Erased => false,
    };
    Ok(if may_publish { planned() } else { PostCommand::CarryOut(release.called_off()) })
}

/// Has a draft published by itself at a time to come; a time set before gives way. What is published or unpublished
/// before then has no schedule any more. A deleted post is not published; one that is restored before the time is.
#[utoipa::path(put, path = "/v1/posts/{id}/schedule", tag = "posts", request_body = When,
    params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply),
        (status = 403, description = "A moderator has blocked the account (`blocked`), or the post is another's."),
        (status = 409, description = "It is published already (`published`), or deleted."),
        (status = 422, description = "It is no time to come, or behind the expiry; or the post shows a picture that \
                                      nothing describes (`alt-text-missing`).")))]
pub(super) async fn schedule(
    caller: Caller,
    log: Log,
    (alt, policy, cases): (web::Data<alt::Rule>, Policy, Cases),
    id: web::Path<Uuid>,
    body: Json<When>,
) -> Result<HttpResponse, Problem> {
    let moment = body.0.moment()?;
    let release =
        may_take_part(&cases, caller.actor.id).map(|()| policy.on(PostCommand::Schedule(Release(Some(moment)))));
    made_public(&caller, &log, (*id, &("schedule", &body.0), &alt), release).await
}

/// Leaves a draft what it is until it is published by hand.
#[utoipa::path(delete, path = "/v1/posts/{id}/schedule", tag = "posts", params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply)))]
pub(super) async fn unschedule(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    simple(&caller, &log, *id, &"unschedule", PostCommand::Schedule(Release(None))).await
}

/// Has a post unpublished by itself at a time to come; a time set before gives way. Once it has passed, the post is not
/// published again before it is changed or withdrawn.
#[utoipa::path(put, path = "/v1/posts/{id}/expiry", tag = "posts", request_body = When,
    params(CommandHeaders, ("id" = Uuid, Path)), responses((status = 200, body = PostReply)))]
pub(super) async fn set_expiry(
    caller: Caller,
    log: Log,
    id: web::Path<Uuid>,
    body: Json<When>,
) -> Result<HttpResponse, Problem> {
    let expiry = PostCommand::Schedule(Expire(Some(body.0.moment()?)));
    simple(&caller, &log, *id, &("set expiry", &body.0), expiry).await
}

/// Has a post stay as it is, for good.
#[utoipa::path(delete, path = "/v1/posts/{id}/expiry", tag = "posts", params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply)))]
pub(super) async fn withdraw_expiry(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    simple(&caller, &log, *id, &"withdraw expiry", PostCommand::Schedule(Expire(None))).await
}

/// The problem of a rejection.
pub(super) fn rejected(rejection: Rejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        Rejection::Published => Problem::new(&Kind::PUBLISHED, detail).version(version),
        Rejection::Expired => Problem::new(&Kind::EXPIRED, detail).version(version),
        Rejection::NotToCome | Rejection::ExpiresBeforeRelease | Rejection::NotYet => {
            broken_rule("", detail).version(version)
        }
    }
}
