//! `/v1/comments`: what readers answer to a post, and to each other. Who may is in `permission.rs`, and what filters
//! hold in `judging.rs`.

pub mod args;
mod judging;
mod permission;

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use anyhow::Context as _;
use domain::Decider as _;
use domain::accounts::Accounts;
use domain::comments::{
    Command as CommentCommand, Comments, Judged, MOST_COMMENTS, MOST_ERASED, Rejection, comment_id,
};
use domain::following::Following;
use domain::moderation::Moderation;
use domain::posts::Posts;
use domain::values::{CommentText, Slug};
use event_log::EventLog;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use sealing::KeyRing;
use serde::{Deserialize, Serialize};
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Quota, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::standing::{People, active, bearer};
use crate::body::typed;
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::freshness::{can_deny, stale};
use crate::identity::sealer::Sealer;
use crate::identity::vault::Vault;
use crate::logs::Logs;
use crate::moderation::sanctions;
use crate::part::{Part, Process, end_each};
use crate::reply::{Accepted, refused};
use args::CommentArgs;
use permission::Looked;

type Log = web::Data<Arc<EventLog<Comments>>>;
type Shared = web::Data<Desk>;

/// The context, as a part of a service.
pub const PART: Part = Part {
    looks_up: &[Posts::NAME, Accounts::NAME, Following::NAME, Moderation::NAME],
    start,
    forget: Some(forget),
    ..Part::of::<Comments>(routes)
};

/// What seals comments, and the rules that an operator sets for them.
pub struct Desk {
    vault: Vault,
    key_ring: KeyRing,
    args: CommentArgs,
}

fn start(process: &mut Process) -> anyhow::Result<()> {
    let key_ring = process.args.identity.key_ring_file.clone();
    let key_ring = key_ring.context("INKLOG_KEY_RING_FILE is needed where comments are taken")?;
    let (vault, args) = (process.vault.clone(), process.args.comments.clone());
    process.provide(Arc::new(Desk { vault, key_ring, args }));
    Ok(())
}

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account, Quota::Comments => write, edit;
        Access::Account => delete;
    }
}

/// A comment to write.
// It cannot be serialized: a command is remembered by what is sealed, never by what was typed.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// What it says, in Markdown without HTML: 1 to 5,000 characters. `@` and a user name mentions an account, but not
    /// in code or a link; 20 times at most.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::CommentText)]
    pub text: CommentText,
    /// The number of the comment that it answers; where it is missing it answers the post.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    pub reply_to: Option<i64>,
}

/// What a comment is to say instead.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditComment {
    /// See `NewComment`.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::CommentText)]
    pub text: CommentText,
}

/// A comment after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CommentReply {
    /// Its id.
    pub id: Uuid,
    /// The post.
    pub post_id: Uuid,
    /// Its number among the comments on the post.
    pub number: i64,
    /// The version of the post's comments, all of them together.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Comments on a post that the caller can read, or answers a comment on it. Who may is the post's author's to say
/// (`comments` of the post). A comment that the installation's filters hold is shown when a moderator has read it.
#[utoipa::path(post, path = "/v1/comments/{post_id}", operation_id = "write_comment", tag = "comments",
    request_body = NewComment, params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post")),
    responses((status = 201, body = CommentReply),
        (status = 403, description = "The post takes comments of others only: of those who follow its author, or \
                                      have confirmed their address (`may-not-comment`); its text is for members \
                                      (`private`); or a moderator has muted or blocked the account (`muted`, \
                                      `blocked`)."),
        (status = 404, description = "There is no such post, or the caller cannot read it; or they have no account."),
        (status = 409, description = "The post takes no comments (`comments-closed`), is not published \
                                      (`not-published`), or has as many as it may have (`too-many`)."),
        (status = 410, description = "The post was deleted, or the comment that is to be answered; or the account \
                                      was erased.")))]
pub async fn write(
    caller: Caller,
    log: Log,
    looked: Looked,
    desk: Shared,
    id: web::Path<Uuid>,
    body: Json<NewComment>,
) -> Result<HttpResponse, Problem> {
    let (post_id, author_id) = (*id, active(&caller.actor, &looked.people)?);
    let NewComment { text, reply_to } = body.0;
    let sealer = desk.sealer(author_id).await?;
    let typed = sealer.seal(text.clone());
    let command: Command<'_, Comments> = caller.command(&log, post_id.to_string(), &("write", &typed, reply_to));
    let permitted = looked.may_comment(&caller.actor, post_id).and_then(|slug| {
        looked.may_answer(author_id, &log, post_id, reply_to)?;
        Ok((slug, kept(&text, &looked.people)?))
    });
    let (slug, plain) = match permitted {
        Ok(permitted) => permitted,
        Err(problem) => {
            // What was accepted before the post was closed, or a name was borne, is answered as it was then.
            let before = command.remembered(CommentCommand::Erase { post_id, account_id: author_id }).await?;
            return before.map_or(Err(problem), |accepted| written(post_id, looked.slug(post_id), &accepted));
        }
    };
    let judged = judging::judged(&looked, &log, &caller.actor, post_id, &plain)?;
    let (deepest, editable_ms) = (i64::from(desk.args.comment_depth), desk.args.edit_window_ms());
    let text = sealer.seal(plain);
    let write = CommentCommand::Write { post_id, author_id, reply_to, text, deepest, editable_ms, judged };
    match command.execute(write, None).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "comment", rejected)),
        Decided::Accepted(accepted) => written(post_id, Some(slug), &accepted),
    }
}

/// Has a comment of the caller's say something else, while it may be edited, whatever has become of the post. What it
/// said stays in its history. Saying the same again changes nothing.
#[utoipa::path(patch, path = "/v1/comments/{post_id}/{number}", operation_id = "edit_comment", tag = "comments",
    request_body = EditComment, params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("number" = i64, Path, description = "The comment's number")),
    responses((status = 200, body = CommentReply),
        (status = 409, description = "It is too late to edit it (`too-late`), or it was edited too often \
                                      (`too-many`)."),
        (status = 410, description = "It was deleted; or the account was erased.")))]
pub async fn edit(
    caller: Caller,
    log: Log,
    looked: Looked,
    desk: Shared,
    path: web::Path<(Uuid, i64)>,
    body: Json<EditComment>,
) -> Result<HttpResponse, Problem> {
    let (post_id, number) = *path;
    let author_id = active(&caller.actor, &looked.people)?;
    let sealer = desk.sealer(author_id).await?;
    let typed = sealer.seal(body.0.text.clone());
    let command: Command<'_, Comments> = caller.command(&log, post_id.to_string(), &("edit", number, &typed));
    let permitted = sanctions::may_comment(&looked.cases, author_id, post_id).and_then(|()| {
        let plain = kept(&body.0.text, &looked.people)?;
        let judged = judging::judged(&looked, &log, &caller.actor, post_id, &plain)?;
        Ok((sealer.seal(plain), judged))
    });
    let decided = match permitted {
        Ok((text, judged)) => command.execute(CommentCommand::Edit { post_id, number, text, judged }, None).await?,
        // What was accepted before the account was muted, or a name was borne, is answered as it was then.
        Err(problem) => {
            let edit = CommentCommand::Edit { post_id, number, text: typed, judged: Judged::default() };
            command.accepted_or(problem, edit).await?
        }
    };
    reply(post_id, number, decided)
}

/// Takes the words of a comment away from all readers: the caller's own, or for editors anyone's. It keeps its place
/// in the thread, and so do its answers. In the log they stay, sealed, and are gone from there with their author's
/// account. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/comments/{post_id}/{number}", operation_id = "delete_comment", tag = "comments",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post"),
        ("number" = i64, Path, description = "The comment's number")),
    responses((status = 200, body = CommentReply)))]
pub async fn delete(caller: Caller, log: Log, path: web::Path<(Uuid, i64)>) -> Result<HttpResponse, Problem> {
    let (post_id, number) = *path;
    let command: Command<'_, Comments> = caller.command(&log, post_id.to_string(), &("delete", number));
    reply(post_id, number, command.execute(CommentCommand::Delete { post_id, number }, None).await?)
}

impl Desk {
    /// What seals an author's words. A command is remembered by what was typed, sealed so: names come to be borne by
    /// others, and a request that is repeated is the same all the same.
    async fn sealer(&self, author_id: Uuid) -> Result<Sealer, Problem> {
        Sealer::of(&self.vault, &self.key_ring, author_id).await
    }
}

/// What goes into a command, to be judged and sealed: with the accounts that it mentions by their ids.
fn kept(typed: &CommentText, people: &People) -> Result<CommentText, Problem> {
    // An instance that cannot say who bears a name would keep the name.
    can_deny(people)?;
    // Be they deactivated: their name is no less theirs.
    let bearer = |name: &str| bearer(people, &name.parse().ok()?).ok();
    let kept = comment_text::kept(typed.as_str(), bearer).map_err(|many| broken_rule("/text", many))?;
    CommentText::try_from(kept).map_err(|invalid| broken_rule("/text", invalid))
}

/// Takes all words of an account away, on every post.
fn forget<'a>(logs: &'a Logs, caller: &'a Caller, account_id: Uuid) -> BoxFuture<'a, Result<(), Problem>> {
    async move {
        let log = logs.of::<Comments>().map_err(Problem::internal)?;
        let most = log.ending_with(account_id, |_, thread| Some(thread.of(account_id).count())).map_err(stale)?;
        let rounds = most.into_iter().max().unwrap_or(0).div_ceil(MOST_ERASED).max(1);
        for round in 0..rounds {
            // A command on a post's comments is done once under its key, and erases so many.
            let caller = Caller { key: format!("{}/{round}", caller.key), ..caller.clone() };
            end_each::<Comments>(logs, &caller, account_id, |id, thread| {
                let post_id = id.parse().ok()?;
                thread.of(account_id).next().map(|_| CommentCommand::Erase { post_id, account_id })
            })
            .await?;
        }
        Ok(())
    }
    .boxed()
}

/// The reply to a comment that was written: its number is what the log remembers of the command.
fn written(post_id: Uuid, slug: Option<Slug>, accepted: &Accepted) -> Result<HttpResponse, Problem> {
    let number = accepted.receipt.note.as_deref().and_then(|note| note.parse().ok());
    let number = number.ok_or_else(|| Problem::internal("a comment was written and has no number"))?;
    let location = slug.map(|slug| format!("/v1/posts/{slug}/comments/{number}"));
    Ok(accepted.made(&comment(post_id, number, accepted), location))
}

fn reply(post_id: Uuid, number: i64, decided: Decided<Comments>) -> Result<HttpResponse, Problem> {
    match decided {
        Decided::Refused(refusal) => Err(refused(refusal, "comment", rejected)),
        Decided::Accepted(accepted) => Ok(accepted.reply(&comment(post_id, number, &accepted), None)),
    }
}

fn comment(post_id: Uuid, number: i64, accepted: &Accepted) -> CommentReply {
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    CommentReply { id: comment_id(post_id, number), post_id, number, version, changed }
}

fn rejected(rejection: Rejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        Rejection::NotFound => Problem::not_found(detail),
        Rejection::NotTheAuthor => Problem::not_the_author(detail),
        Rejection::NothingToAnswer | Rejection::TooDeep => broken_rule("/reply_to", detail).version(version),
        Rejection::Deleted | Rejection::AnswersDeleted | Rejection::Removed => Problem::gone(detail).version(version),
        Rejection::TooMany | Rejection::TooManyEdits => Problem::new(&Kind::TOO_MANY, detail).version(version),
        Rejection::TooLate => Problem::new(&Kind::TOO_LATE, detail).version(version),
    }
}

const _: () = assert!(MOST_COMMENTS == 100_000, "the description of `reply_to` says so");
