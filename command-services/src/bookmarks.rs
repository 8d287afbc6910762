//! `/v1/me/bookmarks`: the posts that the caller keeps for later.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::bookmarks::{Bookmark, Bookmarks, Command as BookmarkCommand, Rejection};
use domain::posts::{Posts, Sight, State as PostState};
use event_log::EventLog;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use service_kit::{Access, Problem, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::freshness::{can_deny, stale};
use crate::logs::Logs;
use crate::part::{Part, end_each};
use crate::reply::refused;

type Log = web::Data<Arc<EventLog<Bookmarks>>>;
type PostLog = web::Data<Arc<EventLog<Posts>>>;

/// The context, as a part of a service.
pub const PART: Part = Part { forget: Some(forget), ..Part::of::<Bookmarks>(routes) };

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => add, remove;
    }
}

/// A bookmark after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BookmarkReply {
    /// The post.
    pub post_id: Uuid,
    /// Whether the caller keeps it now.
    pub bookmarked: bool,
    /// The version of the bookmark; 0 if there never was one.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Keeps a post for later, which the caller must be able to read. Doing so again changes nothing.
#[utoipa::path(put, path = "/v1/me/bookmarks/{post_id}", tag = "bookmarks",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = BookmarkReply),
        (status = 404, description = "There is no such post, or the caller cannot read it.")))]
pub async fn add(caller: Caller, log: Log, posts: PostLog, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let permitted = may_read(&caller, &posts, *id);
    let bookmark = Bookmark { account_id: caller.actor.id, post_id: *id };
    change(&caller, &log, permitted, BookmarkCommand::Add(bookmark)).await
}

/// Keeps a post no more, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/bookmarks/{post_id}", operation_id = "remove_bookmark", tag = "bookmarks",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = BookmarkReply)))]
pub async fn remove(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let bookmark = Bookmark { account_id: caller.actor.id, post_id: *id };
    change(&caller, &log, Ok(()), BookmarkCommand::Remove(bookmark)).await
}

/// As far as this instance has read: a caller who was shown a post that this instance has not read yet is told 404, and
/// finds it a moment later.
fn may_read(caller: &Caller, posts: &PostLog, id: Uuid) -> Result<(), Problem> {
    let may = match posts.confirmed(&id.to_string()).map_err(stale)?.1 {
        PostState::Post(post) => !matches!(post.sight(&caller.actor), Sight::Nothing | Sight::Deleted),
        PostState::Nothing | PostState::Reservation(..) => can_deny(posts).map(|()| false)?,
    };
    if may { Ok(()) } else { Err(Problem::not_found("there is no such post, or you cannot read it")) }
}

/// A place for a bookmark as a client means it.
#[derive(Serialize)]
struct Asked {
    account_id: Uuid,
    post_id: Uuid,
}

/// What a client asks, which a repeated command is known by: its digest is in the log. So these words stay, whatever
/// becomes of the domain's.
fn asked(command: &BookmarkCommand) -> BTreeMap<&'static str, Asked> {
    let (what, Bookmark { account_id, post_id }) = match command {
        BookmarkCommand::Add(bookmark) => ("Add", *bookmark),
        BookmarkCommand::Remove(bookmark) => ("Remove", *bookmark),
    };
    BTreeMap::from([(what, Asked { account_id, post_id })])
}

async fn change(
    caller: &Caller,
    log: &Log,
    permitted: Result<(), Problem>,
    body: BookmarkCommand,
) -> Result<HttpResponse, Problem> {
    let (bookmark, bookmarked) = match body {
        BookmarkCommand::Add(bookmark) => (bookmark, true),
        BookmarkCommand::Remove(bookmark) => (bookmark, false),
    };
    let command: Command<'_, Bookmarks> = caller.command(log, bookmark.id(), &asked(&body));
    match command.execute_if(permitted, body).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "bookmark", |rejection, _| rejected(rejection))),
        Decided::Accepted(accepted) => {
            let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
            let reply = BookmarkReply { post_id: bookmark.post_id, bookmarked, version, changed };
            Ok(accepted.reply(&reply, None))
        }
    }
}

/// Removes all bookmarks of an account.
fn forget<'a>(logs: &'a Logs, caller: &'a Caller, account_id: Uuid) -> BoxFuture<'a, Result<(), Problem>> {
    end_each::<Bookmarks>(logs, caller, account_id, |id, state| {
        Bookmark::of(id).filter(|_| state.is_there).map(BookmarkCommand::Remove)
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
