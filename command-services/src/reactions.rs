//! `/v1/me/reactions` and `/v1/me/shares`: how the caller reacts to posts and comments, and where they shared posts.

pub mod args;
mod target;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::accounts::Accounts;
use domain::comments::{Comments, comment_id};
use domain::posts::Posts;
use domain::reactions::{Command as ReactionCommand, Mark, Reactions, Rejection, Target, What};
use domain::values::{ReactionKind, SharePlace, TargetKind};
use domain::{Actor, Decider as _};
use event_log::EventLog;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use service_kit::{Access, FieldError, Problem, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::standing::{People, active};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::logs::Logs;
use crate::part::{Part, Process, end_each};
use crate::reply::{Accepted, refused};
use args::ReactionArgs;
use target::Targets;

type Log = web::Data<Arc<EventLog<Reactions>>>;
type Offered = web::Data<ReactionArgs>;

/// The context, as a part of a service.
pub const PART: Part = Part {
    looks_up: &[Accounts::NAME, Comments::NAME, Posts::NAME],
    start,
    forget: Some(forget),
    ..Part::of::<Reactions>(routes)
};

fn start(process: &mut Process) -> anyhow::Result<()> {
    process.provide(Arc::new(process.args.reactions.clone()));
    Ok(())
}

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => react, withdraw, react_to_comment, withdraw_from_comment, share, unshare;
    }
}

/// A reaction after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReactionReply {
    /// What it is given to, or was.
    #[schema(value_type = schemas::TargetKind)]
    pub target_kind: TargetKind,
    /// Which of those.
    pub target_id: Uuid,
    /// Of which kind it is.
    #[schema(value_type = schemas::ReactionKind)]
    pub kind: ReactionKind,
    /// Whether the caller gives it now.
    pub given: bool,
    /// The version of the reaction; 0 if there never was one.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// A share after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ShareReply {
    /// What was shared, or was said to be.
    #[schema(value_type = schemas::TargetKind)]
    pub target_kind: TargetKind,
    /// Which of those.
    pub target_id: Uuid,
    /// Where.
    #[schema(value_type = schemas::SharePlace)]
    pub place: SharePlace,
    /// Whether the caller shares it there now.
    pub shared: bool,
    /// The version of the share; 0 if there never was one.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// A reaction to a post, as an address names it.
type ReactionPath = web::Path<(Uuid, ReactionKind)>;
/// A reaction to a comment, as an address names it.
type CommentPath = web::Path<(Uuid, i64, ReactionKind)>;
/// A share of a post, as an address names it.
type SharePath = web::Path<(Uuid, SharePlace)>;

/// Gives a post a reaction, in the name of the caller's active account. Doing so again changes nothing. Which kinds
/// there are the installation says.
#[utoipa::path(put, path = "/v1/me/reactions/post/{post_id}/{kind}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("kind" = schemas::ReactionKind, Path, description = "The kind of reaction")),
    responses((status = 200, body = ReactionReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The caller's account is deactivated, or the post is for members."),
        (status = 404, description = "There is no such post, or the caller cannot read it; or they have no account."),
        (status = 409, description = "The post is a draft."),
        (status = 410, description = "The post was deleted."),
        (status = 422, description = "There is no such kind here.")))]
pub async fn react(
    caller: Caller,
    log: Log,
    (targets, people): (Targets, People),
    offered: Offered,
    path: ReactionPath,
) -> Result<HttpResponse, Problem> {
    let (post_id, kind) = path.into_inner();
    offered.reaction_kinds.have(&kind).map_err(|why| unknown("kind", why))?;
    let target = targets.post(answering(&caller, &people)?, post_id)?;
    reaction(&caller, &log, ReactionCommand::Make, (target, kind)).await
}

/// Takes a reaction back, whatever has become of the post, and of the kinds there are. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/reactions/post/{post_id}/{kind}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("kind" = schemas::ReactionKind, Path, description = "The kind of reaction")),
    responses((status = 200, body = ReactionReply, headers(("ETag" = String), ("Inklog-Position" = String)))))]
pub async fn withdraw(caller: Caller, log: Log, path: ReactionPath) -> Result<HttpResponse, Problem> {
    let (id, kind) = path.into_inner();
    reaction(&caller, &log, ReactionCommand::TakeBack, (Target { kind: TargetKind::Post, id }, kind)).await
}

/// Gives a comment a reaction, in the name of the caller's active account. Doing so again changes nothing.
#[utoipa::path(put, path = "/v1/me/reactions/comment/{post_id}/{number}/{kind}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post that it is on"),
        ("number" = i64, Path, minimum = 1, maximum = 100_000, description = "The comment's number there"),
        ("kind" = schemas::ReactionKind, Path, description = "The kind of reaction")),
    responses((status = 200, body = ReactionReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The caller's account is deactivated, or the post is for members."),
        (status = 404, description = "There is no such comment, or the caller cannot read the post; or they have no \
                                      account."),
        (status = 409, description = "The post is a draft."),
        (status = 410, description = "The comment or the post was deleted."),
        (status = 422, description = "There is no such kind here.")))]
pub async fn react_to_comment(
    caller: Caller,
    log: Log,
    (targets, people): (Targets, People),
    offered: Offered,
    path: CommentPath,
) -> Result<HttpResponse, Problem> {
    let (post_id, number, kind) = path.into_inner();
    offered.reaction_kinds.have(&kind).map_err(|why| unknown("kind", why))?;
    let target = targets.comment(answering(&caller, &people)?, post_id, number)?;
    reaction(&caller, &log, ReactionCommand::Make, (target, kind)).await
}

/// Takes a reaction to a comment back, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/reactions/comment/{post_id}/{number}/{kind}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post that it is on"),
        ("number" = i64, Path, minimum = 1, maximum = 100_000, description = "The comment's number there"),
        ("kind" = schemas::ReactionKind, Path, description = "The kind of reaction")),
    responses((status = 200, body = ReactionReply, headers(("ETag" = String), ("Inklog-Position" = String)))))]
pub async fn withdraw_from_comment(caller: Caller, log: Log, path: CommentPath) -> Result<HttpResponse, Problem> {
    let (post_id, number, kind) = path.into_inner();
    let target = Target { kind: TargetKind::Comment, id: comment_id(post_id, number) };
    reaction(&caller, &log, ReactionCommand::TakeBack, (target, kind)).await
}

/// Says that the caller shared a post somewhere, in the name of their active account. Doing so again changes nothing:
/// a person counts once at each place. Which places there are the installation says.
#[utoipa::path(put, path = "/v1/me/shares/post/{post_id}/{place}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("place" = schemas::SharePlace, Path, description = "Where it was shared")),
    responses((status = 200, body = ShareReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The caller's account is deactivated, or the post is for members."),
        (status = 404, description = "There is no such post, or the caller cannot read it; or they have no account."),
        (status = 409, description = "The post is a draft."),
        (status = 410, description = "The post was deleted."),
        (status = 422, description = "There is no such place here.")))]
pub async fn share(
    caller: Caller,
    log: Log,
    (targets, people): (Targets, People),
    offered: Offered,
    path: SharePath,
) -> Result<HttpResponse, Problem> {
    let (post_id, place) = path.into_inner();
    offered.share_places.have(&place).map_err(|why| unknown("place", why))?;
    let target = targets.post(answering(&caller, &people)?, post_id)?;
    shared(&caller, &log, ReactionCommand::Make, (target, place)).await
}

/// Says that the caller does not share a post there, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/shares/post/{post_id}/{place}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("place" = schemas::SharePlace, Path, description = "Where it was shared")),
    responses((status = 200, body = ShareReply, headers(("ETag" = String), ("Inklog-Position" = String)))))]
pub async fn unshare(caller: Caller, log: Log, path: SharePath) -> Result<HttpResponse, Problem> {
    let (id, place) = path.into_inner();
    shared(&caller, &log, ReactionCommand::TakeBack, (Target { kind: TargetKind::Post, id }, place)).await
}

/// Who answers: an account that is there and active, for what it says is shown.
fn answering<'a>(caller: &'a Caller, people: &People) -> Result<&'a Actor, Problem> {
    active(&caller.actor, people).map(|_| &caller.actor)
}

fn unknown(parameter: &str, why: String) -> Problem {
    Problem::invalid(vec![FieldError::parameter(parameter, why)])
}

async fn reaction(
    caller: &Caller,
    log: &Log,
    ask: fn(Mark) -> ReactionCommand,
    (target, kind): (Target, ReactionKind),
) -> Result<HttpResponse, Problem> {
    let (what, Target { kind: target_kind, id: target_id }) = (What::Reaction(kind.clone()), target);
    let (accepted, given) = change(caller, log, ask(Mark { account_id: caller.actor.id, what, target })).await?;
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    Ok(accepted.reply(&ReactionReply { target_kind, target_id, kind, given, version, changed }, None))
}

async fn shared(
    caller: &Caller,
    log: &Log,
    ask: fn(Mark) -> ReactionCommand,
    (target, place): (Target, SharePlace),
) -> Result<HttpResponse, Problem> {
    let (what, Target { kind: target_kind, id: target_id }) = (What::Share(place.clone()), target);
    let (accepted, shared) = change(caller, log, ask(Mark { account_id: caller.actor.id, what, target })).await?;
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    Ok(accepted.reply(&ShareReply { target_kind, target_id, place, shared, version, changed }, None))
}

/// Has a command decided; says, too, whether the reaction or share is there after it.
async fn change(caller: &Caller, log: &Log, body: ReactionCommand) -> Result<(Accepted, bool), Problem> {
    let (mark, is_there) = match &body {
        ReactionCommand::Make(mark) => (mark, true),
        ReactionCommand::TakeBack(mark) => (mark, false),
    };
    let command: Command<'_, Reactions> = caller.command(log, mark.id(), &asked(mark, is_there));
    match command.execute(body, None).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "reaction", |rejection, _| rejected(rejection))),
        Decided::Accepted(accepted) => Ok((accepted, is_there)),
    }
}

/// What a client asks, which a repeated command is known by: its digest is in the log. So these words stay, whatever
/// becomes of the domain's.
fn asked(mark: &Mark, is_there: bool) -> BTreeMap<&'static str, String> {
    BTreeMap::from([(if is_there { "Make" } else { "TakeBack" }, mark.id())])
}

/// Takes back all that an account gave and shared.
fn forget<'a>(logs: &'a Logs, caller: &'a Caller, account_id: Uuid) -> BoxFuture<'a, Result<(), Problem>> {
    end_each::<Reactions>(logs, caller, account_id, |id, state| {
        Mark::of(id).filter(|_| state.is_there).map(ReactionCommand::TakeBack)
    })
    .boxed()
}

fn rejected(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::NotTheOwner => Problem::not_the_author(rejection.to_string()),
    }
}

#[cfg(test)]
mod tests;
