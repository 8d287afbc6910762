//! `/v1/me/reactions` and `/v1/me/shares`: how the caller reacts to posts and comments, and where they shared posts.

pub mod args;
mod target;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::Decider as _;
use domain::accounts::Accounts;
use domain::comments::{Comments, comment_id};
use domain::moderation::Moderation;
use domain::posts::Posts;
use domain::reactions::{Command as ReactionCommand, Mark, Reactions, Rejection, Target, What};
use domain::values::{ReactionKind, SharePlace, TargetKind};
use event_log::EventLog;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use service_kit::{Access, FieldError, Problem, Quota, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

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
    looks_up: &[Accounts::NAME, Comments::NAME, Moderation::NAME, Posts::NAME],
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
        Access::Account, Quota::Reactions => react, withdraw, react_to_comment, withdraw_from_comment, share, unshare;
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

/// Gives a post a reaction, in the name of the caller's active account: one that is before readers, in the archive too.
/// Doing so again changes nothing. Which kinds there are the installation says.
#[utoipa::path(put, path = "/v1/me/reactions/post/{post_id}/{kind}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("kind" = schemas::ReactionKind, Path, description = "The kind of reaction")),
    responses((status = 200, body = ReactionReply),
        (status = 403, description = "The caller's account is deactivated, a moderator has blocked it (`blocked`), or \
                                      the post is for members."),
        (status = 404, description = "There is no such post, or the caller cannot read it; or they have no account."),
        (status = 409, description = "The post is a draft."),
        (status = 410, description = "The post was deleted."),
        (status = 422, description = "There is no such kind here.")))]
pub async fn react(
    caller: Caller,
    log: Log,
    (targets, offered): (Targets, Offered),
    path: ReactionPath,
) -> Result<HttpResponse, Problem> {
    let (id, kind) = path.into_inner();
    let permitted = offered.kind(&kind).and_then(|()| targets.permit_post(&caller.actor, id));
    reaction(&caller, &log, Asked::Make(permitted), (Target { kind: TargetKind::Post, id }, kind)).await
}

/// Takes a reaction back, whatever has become of the post, and of the kinds there are. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/reactions/post/{post_id}/{kind}", operation_id = "withdraw_reaction",
    tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("kind" = schemas::ReactionKind, Path, description = "The kind of reaction")),
    responses((status = 200, body = ReactionReply)))]
pub async fn withdraw(caller: Caller, log: Log, path: ReactionPath) -> Result<HttpResponse, Problem> {
    let (id, kind) = path.into_inner();
    reaction(&caller, &log, Asked::TakeBack, (Target { kind: TargetKind::Post, id }, kind)).await
}

/// Gives a comment a reaction, in the name of the caller's active account: on a post that is before readers, in the
/// archive too. Doing so again changes nothing.
#[utoipa::path(put, path = "/v1/me/reactions/comment/{post_id}/{number}/{kind}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post that it is on"),
        ("number" = i64, Path, minimum = 1, maximum = 100_000, description = "The comment's number there"),
        ("kind" = schemas::ReactionKind, Path, description = "The kind of reaction")),
    responses((status = 200, body = ReactionReply),
        (status = 403, description = "The caller's account is deactivated, a moderator has blocked it (`blocked`), or \
                                      the post is for members."),
        (status = 404, description = "There is no such comment, or the caller cannot read the post; or they have no \
                                      account."),
        (status = 409, description = "The post is a draft."),
        (status = 410, description = "The comment or the post was deleted."),
        (status = 422, description = "There is no such kind here.")))]
pub async fn react_to_comment(
    caller: Caller,
    log: Log,
    (targets, offered): (Targets, Offered),
    path: CommentPath,
) -> Result<HttpResponse, Problem> {
    let (post_id, number, kind) = path.into_inner();
    let permitted = offered.kind(&kind).and_then(|()| targets.permit_comment(&caller.actor, post_id, number));
    reaction(&caller, &log, Asked::Make(permitted), (comment(post_id, number), kind)).await
}

/// Takes a reaction to a comment back, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/reactions/comment/{post_id}/{number}/{kind}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post that it is on"),
        ("number" = i64, Path, description = "The comment's number there"),
        ("kind" = schemas::ReactionKind, Path, description = "The kind of reaction")),
    responses((status = 200, body = ReactionReply)))]
pub async fn withdraw_from_comment(caller: Caller, log: Log, path: CommentPath) -> Result<HttpResponse, Problem> {
    let (post_id, number, kind) = path.into_inner();
    reaction(&caller, &log, Asked::TakeBack, (comment(post_id, number), kind)).await
}

/// Says that the caller shared a post somewhere, in the name of their active account: one that is before readers, in
/// the archive too. Doing so again changes nothing: a person counts once at each place. Which places there are the
/// installation says.
#[utoipa::path(put, path = "/v1/me/shares/post/{post_id}/{place}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("place" = schemas::SharePlace, Path, description = "Where it was shared")),
    responses((status = 200, body = ShareReply),
        (status = 403, description = "The caller's account is deactivated, a moderator has blocked it (`blocked`), or \
                                      the post is for members."),
        (status = 404, description = "There is no such post, or the caller cannot read it; or they have no account."),
        (status = 409, description = "The post is a draft."),
        (status = 410, description = "The post was deleted."),
        (status = 422, description = "There is no such place here.")))]
pub async fn share(
    caller: Caller,
    log: Log,
    (targets, offered): (Targets, Offered),
    path: SharePath,
) -> Result<HttpResponse, Problem> {
    let (id, place) = path.into_inner();
    let permitted = offered.place(&place).and_then(|()| targets.permit_post(&caller.actor, id));
    shared(&caller, &log, Asked::Make(permitted), (Target { kind: TargetKind::Post, id }, place)).await
}

/// Says that the caller does not share a post there, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/shares/post/{post_id}/{place}", tag = "reactions",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("place" = schemas::SharePlace, Path, description = "Where it was shared")),
    responses((status = 200, body = ShareReply)))]
pub async fn unshare(caller: Caller, log: Log, path: SharePath) -> Result<HttpResponse, Problem> {
    let (id, place) = path.into_inner();
    shared(&caller, &log, Asked::TakeBack, (Target { kind: TargetKind::Post, id }, place)).await
}

/// A comment, as a target.
fn comment(post_id: Uuid, number: i64) -> Target {
    Target { kind: TargetKind::Comment, id: comment_id(post_id, number) }
}

impl ReactionArgs {
    /// Whether there is such a kind of reaction.
    fn kind(&self, kind: &ReactionKind) -> Result<(), Problem> {
        self.reaction_kinds.have(kind).map_err(|why| unknown("kind", why))
    }

    /// Whether there is such a place.
    fn place(&self, place: &SharePlace) -> Result<(), Problem> {
        self.share_places.have(place).map_err(|why| unknown("place", why))
    }
}

fn unknown(parameter: &str, why: String) -> Problem {
    Problem::invalid(vec![FieldError::parameter(parameter, why)])
}

/// What a client asks of a reaction or a share.
enum Asked {
    /// That it be there, if this permits it.
    Make(Result<(), Problem>),
    /// That it be there no more.
    TakeBack,
}

async fn reaction(
    caller: &Caller,
    log: &Log,
    asked: Asked,
    (target, kind): (Target, ReactionKind),
) -> Result<HttpResponse, Problem> {
    let (what, Target { kind: target_kind, id: target_id }) = (What::Reaction(kind.clone()), target);
    let (accepted, given) = change(caller, log, asked, Mark { account_id: caller.actor.id, what, target }).await?;
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    Ok(accepted.reply(&ReactionReply { target_kind, target_id, kind, given, version, changed }, None))
}

async fn shared(
    caller: &Caller,
    log: &Log,
    asked: Asked,
    (target, place): (Target, SharePlace),
) -> Result<HttpResponse, Problem> {
    let (what, Target { kind: target_kind, id: target_id }) = (What::Share(place.clone()), target);
    let (accepted, shared) = change(caller, log, asked, Mark { account_id: caller.actor.id, what, target }).await?;
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    Ok(accepted.reply(&ShareReply { target_kind, target_id, place, shared, version, changed }, None))
}

/// Has a command decided; says, too, whether the reaction or share is there after it.
async fn change(caller: &Caller, log: &Log, asked: Asked, mark: Mark) -> Result<(Accepted, bool), Problem> {
    let (permitted, is_there) = match asked {
        Asked::Make(permitted) => (permitted, true),
        Asked::TakeBack => (Ok(()), false),
    };
    let command: Command<'_, Reactions> = caller.command(log, mark.id(), &words(&mark, is_there));
    let body = if is_there { ReactionCommand::Make(mark) } else { ReactionCommand::TakeBack(mark) };
    match command.execute_if(permitted, body).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "reaction", |rejection, _| rejected(rejection))),
        Decided::Accepted(accepted) => Ok((accepted, is_there)),
    }
}

/// What a client asks, which a repeated command is known by: its digest is in the log. So these words stay, whatever
/// becomes of the domain's.
fn words(mark: &Mark, is_there: bool) -> BTreeMap<&'static str, String> {
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
