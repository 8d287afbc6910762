//! Who writes a post together: invitations at `/v1/posts/{id}/invitations` and `/v1/me/invitations/{post_id}`,
//! co-authors at `/v1/posts/{id}/co-authors`, and handing a post over.

mod permitted;
mod whom;

pub use whom::Whom;

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::posts::{Action, CoAuthorCommand, CoAuthorRejection, Command as PostCommand, Posts, Rejection, State};
use domain::{Actor, Role};
use event_log::EventLog;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Quota, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Log, hidden_or_not, rejected, seen, told};
use crate::accounts::standing::{People, Standing, standing};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::freshness::read_on;
use crate::identity::vault::Vault;
use crate::logs::Logs;
use crate::moderation::sanctions::{Cases, may_take_part};
use crate::part::end_each;
use crate::reply::{Accepted, refused};
use permitted::{may_accept, not_apart, not_invited, permit, permit_answer, reachable};

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Author), Quota::Invitations => invite;
        Access::AtLeast(Role::Author) => withdraw, accept, hand_over;
        Access::Account => decline, remove;
    }
}

/// A post after a command on who writes it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoAuthorReply {
    /// The post.
    pub post_id: Uuid,
    /// The account that the command was about.
    pub account_id: Uuid,
    /// The post's slug; null where the command makes the caller no author of it, and leaves them none.
    #[schema(required = true)]
    pub slug: Option<String>,
    /// The post's version.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Invites an account to be a co-author. It is named as one when it accepts. Inviting again changes nothing.
#[utoipa::path(post, path = "/v1/posts/{id}/invitations", tag = "co-authors", request_body = Whom,
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = CoAuthorReply),
        (status = 403, description = "Only the owner and editors invite; or a moderator has blocked the caller's \
                                      account (`blocked`)."),
        (status = 404, description = "There is no such post, or no such account, or it is deactivated; or it and the \
                                      caller, or the owner, block each other."),
        (status = 409, description = "The account declined before (`declined`), too many are invited (`too-many`), \
                                      or the post is deleted.")))]
pub async fn invite(
    caller: Caller,
    log: Log,
    (people, cases): (People, Cases),
    id: web::Path<Uuid>,
    body: Json<Whom>,
) -> Result<HttpResponse, Problem> {
    // A caller who may not invite is told nothing of accounts.
    let may = may_take_part(&cases, caller.actor.id)
        .and_then(|()| permit(&caller, &log, *id, Action::Invite))
        .and_then(|()| reachable(&caller, &log, &people, *id, &body.0))
        .and_then(|account_id| not_apart(&caller, &log, &cases, (*id, account_id)).map(|()| account_id));
    let account_id = match meant(&caller, &log, ("invite", *id, &body.0), CoAuthorCommand::Invite, may).await? {
        Ok(account_id) => account_id,
        Err(before) => return Ok(before),
    };
    let asked = Asked { verb: "invite", post_id: *id, account_id };
    asked.of(&caller, &log, CoAuthorCommand::Invite(account_id), body.0.pointer()).await
}

/// Takes an invitation back. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/posts/{id}/invitations/{account_id}", operation_id = "withdraw_invitation",
    tag = "co-authors",
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post"),
        ("account_id" = Uuid, Path, description = "The account that is invited")),
    responses((status = 200, body = CoAuthorReply)))]
pub async fn withdraw(caller: Caller, log: Log, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    let (post_id, account_id) = *path;
    let asked = Asked { verb: "withdraw", post_id, account_id };
    asked.of(&caller, &log, CoAuthorCommand::Withdraw(account_id), "").await
}

/// Accepts the caller's invitation: they are a co-author from now on. Doing so again changes nothing.
#[utoipa::path(post, path = "/v1/me/invitations/{post_id}/accept", tag = "co-authors",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = CoAuthorReply),
        (status = 403, description = "The subject's role is less than author, or their account is deactivated, or a \
                                      moderator has blocked it (`blocked`)."),
        (status = 404, description = "There is no such invitation, or the owner and the subject block each other, or \
                                      the subject has no account.")))]
pub async fn accept(
    caller: Caller,
    log: Log,
    (people, cases): (People, Cases),
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let asked = Asked { verb: "accept", post_id: *id, account_id: caller.actor.id };
    if let Err(problem) = may_accept(&caller, &log, (&people, &cases), *id) {
        return asked.answered_before(&caller, &log, CoAuthorCommand::Accept, problem).await;
    }
    asked.of(&caller, &log, CoAuthorCommand::Accept, "").await
}

/// Declines the caller's invitation: the post's owner cannot invite them again. Doing so again changes nothing.
#[utoipa::path(post, path = "/v1/me/invitations/{post_id}/decline", tag = "co-authors",
    params(CommandHeaders, ("post_id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = CoAuthorReply),
        (status = 404, description = "There is no such invitation.")))]
pub async fn decline(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let asked = Asked { verb: "decline", post_id: *id, account_id: caller.actor.id };
    if let Err(problem) = permit_answer(&caller, &log, *id) {
        return asked.answered_before(&caller, &log, CoAuthorCommand::Decline, problem).await;
    }
    asked.of(&caller, &log, CoAuthorCommand::Decline, "").await
}

/// Has an account be a co-author no more: co-authors leave by their own, owners and editors remove others. Doing so
/// again changes nothing.
#[utoipa::path(delete, path = "/v1/posts/{id}/co-authors/{account_id}", operation_id = "remove_co_author",
    tag = "co-authors",
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post"),
        ("account_id" = Uuid, Path, description = "The co-author")),
    responses((status = 200, body = CoAuthorReply)))]
pub async fn remove(caller: Caller, log: Log, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    let (post_id, account_id) = *path;
    let asked = Asked { verb: "remove", post_id, account_id };
    asked.of(&caller, &log, CoAuthorCommand::Remove(account_id), "").await
}

/// Hands a post over to a co-author who accepted an invitation. The former owner is its co-author then, and may leave.
#[utoipa::path(post, path = "/v1/posts/{id}/hand-over", tag = "co-authors", request_body = Whom,
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = CoAuthorReply),
        (status = 404, description = "There is no such post, or no such account, or it is deactivated."),
        (status = 409, description = "The post is scheduled, or has open invitations (`still-open`).")))]
pub async fn hand_over(
    caller: Caller,
    log: Log,
    people: People,
    vault: web::Data<Vault>,
    id: web::Path<Uuid>,
    body: Json<Whom>,
) -> Result<HttpResponse, Problem> {
    // A former owner who asks again is told that it is so.
    let may =
        permit(&caller, &log, *id, Action::ReadDraft).and_then(|()| reachable(&caller, &log, &people, *id, &body.0));
    let account_id = match meant(&caller, &log, ("hand_over", *id, &body.0), CoAuthorCommand::HandOver, may).await? {
        Ok(account_id) => account_id,
        Err(before) => return Ok(before),
    };
    let asked = Asked { verb: "hand_over", post_id: *id, account_id };
    // An editor's hand-over would name for good who was erased.
    let owner = seen(&caller, &log, *id)?.map(|post| post.author_id);
    let erased = match owner {
        Some(owner) if standing(&people, owner)? == Standing::Erased => Some(owner),
        Some(_) | None => None,
    };
    if let Some(owner) = erased {
        // First, so that they are removed whatever crashes then.
        vault.expect_late_comers(owner).await?;
    }
    let reply = asked.of(&caller, &log, CoAuthorCommand::HandOver(account_id), body.0.pointer()).await?;
    if let Err(problem) = note_owner(&caller, &log, &vault, *id).await {
        tracing::info!(post_id = %*id, %problem, "whose a working copy is will be noted when that matters");
    }
    if let Some(owner) = erased {
        remove_erased(&caller, &log, *id, owner).await;
    }
    Ok(reply)
}

/// Notes at the working copy whose the post is by now: where the request came again, another may own it than it names.
async fn note_owner(caller: &Caller, log: &EventLog<Posts>, vault: &Vault, id: Uuid) -> Result<(), Problem> {
    read_on(log, &id.to_string(), caller.deadline).await?;
    match hidden_or_not(log, id)? {
        Some(post) => vault.copy_is_of(id, post.author_id).await,
        None => Ok(()),
    }
}

/// Has an erased account be a co-author no more at once; the sweeper of erasures does it if this fails.
async fn remove_erased(caller: &Caller, log: &Arc<EventLog<Posts>>, post_id: Uuid, account_id: Uuid) {
    let key = format!("erasure/{}", Uuid::now_v7());
    let owner = Caller::in_the_name_of(Actor::new(account_id), &key, caller.deadline);
    let command: Command<'_, Posts> = owner.command(log, post_id.to_string(), &"erase");
    let removed = command.execute(PostCommand::CoAuthors(CoAuthorCommand::Remove(account_id)), None).await;
    if !matches!(removed, Ok(Decided::Accepted(_))) {
        tracing::info!(%post_id, %account_id, "that an erased account is a co-author no more is left to the sweeper");
    }
}

/// The account that is meant, where the caller may turn to it by now (`may`); else the reply to the same request of
/// before, which is known by the account's id.
async fn meant(
    caller: &Caller,
    log: &Arc<EventLog<Posts>>,
    (verb, post_id, whom): (&'static str, Uuid, &Whom),
    command: fn(Uuid) -> CoAuthorCommand,
    may: Result<Uuid, Problem>,
) -> Result<Result<Uuid, HttpResponse>, Problem> {
    match (may, whom.id()) {
        (Ok(account_id), _) => Ok(Ok(account_id)),
        (Err(problem), Some(account_id)) => {
            let asked = Asked { verb, post_id, account_id };
            asked.answered_before(caller, log, command(account_id), problem).await.map(Err)
        }
        (Err(problem), None) => Err(problem),
    }
}

/// What a client asks, which a repeated command is known by: its digest is in the log. So these words stay, whatever
/// becomes of the domain's.
#[derive(Clone, Copy, Serialize)]
struct Asked {
    verb: &'static str,
    post_id: Uuid,
    account_id: Uuid,
}

impl Asked {
    async fn of(
        self,
        caller: &Caller,
        log: &Arc<EventLog<Posts>>,
        command: CoAuthorCommand,
        pointer: &str,
    ) -> Result<HttpResponse, Problem> {
        let asked: Command<'_, Posts> = caller.command(log, self.post_id.to_string(), &self);
        match told(caller, log, self.post_id, asked.execute(PostCommand::CoAuthors(command), None).await?)? {
            Decided::Refused(refusal) => Err(refused(refusal, "post", |rejection, version| match rejection {
                Rejection::CoAuthors(CoAuthorRejection::NotInvited) => not_invited(),
                // Whether there is such a post is nothing that who is not invited is told.
                Rejection::NotFound if is_answer(command) => not_invited(),
                Rejection::CoAuthors(rejection) => not_so(rejection, pointer, version),
                rejection => rejected(rejection, version),
            })),
            Decided::Accepted(accepted) => Ok(self.accepted(command, &accepted)),
        }
    }

    /// The reply to the same command of before, which is now refused for another reason than what it asks.
    async fn answered_before(
        self,
        caller: &Caller,
        log: &Arc<EventLog<Posts>>,
        command: CoAuthorCommand,
        problem: Problem,
    ) -> Result<HttpResponse, Problem> {
        let asked: Command<'_, Posts> = caller.command(log, self.post_id.to_string(), &self);
        let before = asked.remembered(PostCommand::CoAuthors(command)).await?;
        before.map_or(Err(problem), |accepted| Ok(self.accepted(command, &accepted)))
    }

    fn accepted(self, command: CoAuthorCommand, accepted: &Accepted) -> HttpResponse {
        let Self { post_id, account_id, .. } = self;
        let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
        let slug = accepted.receipt.note.as_deref().map(str::to_owned).filter(|_| is_of_an_author(command));
        accepted.reply(&CoAuthorReply { post_id, account_id, slug, version, changed }, None)
    }
}

/// Whether it is accepted only of an account that reads the post.
fn is_of_an_author(command: CoAuthorCommand) -> bool {
    matches!(command, CoAuthorCommand::Accept | CoAuthorCommand::HandOver(_))
}

fn is_answer(command: CoAuthorCommand) -> bool {
    matches!(command, CoAuthorCommand::Accept | CoAuthorCommand::Decline)
}

/// The problem of a rejection; `pointer` is where the body names the account.
pub(super) fn not_so(rejection: CoAuthorRejection, pointer: &str, version: u64) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        CoAuthorRejection::NotAsked => {
            let detail = format!("{detail}: POST /v1/posts/{{id}}/invitations");
            broken_rule("/co_author_ids", detail).version(version)
        }
        CoAuthorRejection::NotInvited => not_invited(),
        CoAuthorRejection::IsTheOwner | CoAuthorRejection::IsNoCoAuthor => {
            broken_rule(pointer, detail).version(version)
        }
        CoAuthorRejection::StillOpen => Problem::new(&Kind::STILL_OPEN, detail).version(version),
        CoAuthorRejection::HasDeclined => Problem::new(&Kind::DECLINED, detail).version(version),
        CoAuthorRejection::TooMany | CoAuthorRejection::TooManyAsked => {
            Problem::new(&Kind::TOO_MANY, detail).version(version)
        }
    }
}

/// Ends what an erased account has to do with posts that are not its own. Its own stay.
pub(super) fn forget<'a>(logs: &'a Logs, caller: &'a Caller, account_id: Uuid) -> BoxFuture<'a, Result<(), Problem>> {
    end_each::<Posts>(logs, caller, account_id, move |_, state| match state {
        State::Post(post) => post.end_of(account_id).map(PostCommand::CoAuthors),
        State::Nothing | State::Reservation(..) => None,
    })
    .boxed()
}
