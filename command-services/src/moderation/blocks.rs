//! `/v1/me/blocks/{account_id}`: people whom the caller wants neither to answer nor to see.

use actix_web::{HttpResponse, web};
use domain::moderation::{Command as ModerationCommand, Moderation, Pair};
use serde::Serialize;
use service_kit::{Access, FieldError, Problem, Quota, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::subjects::Subjects;
use super::{Log, rejected};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::reply::refused;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account, Quota::Blocks => block, unblock;
    }
}

/// Two people after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct BlockReply {
    /// Whom the caller blocks, or does not.
    pub account_id: Uuid,
    /// Whether the caller blocks them now.
    pub blocked: bool,
    /// The version of the pair; 0 if the one never blocked the other.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Blocks an account, which must be there and active, and is not told. From then on neither answers the other, and
/// neither is shown what the other says; neither follows the other anew, or invites them to write a post. Doing so
/// again changes nothing.
#[utoipa::path(put, path = "/v1/me/blocks/{account_id}", operation_id = "block_account", tag = "moderation",
    params(CommandHeaders, ("account_id" = Uuid, Path, description = "Whom to block")),
    responses((status = 200, body = BlockReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The caller's account is deactivated."),
        (status = 404, description = "There is no such account, or it is deactivated; or the caller has none."),
        (status = 422, description = "It is the caller's own.")))]
pub(super) async fn block(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let pair = Pair { blocker_id: subjects.acting(&caller.actor)?, blocked_id: *id };
    if pair.blocker_id == pair.blocked_id {
        return Err(Problem::invalid(vec![FieldError::parameter("account_id", "is your own")]));
    }
    change(&caller, &log, pair, Some(subjects.other(*id).map(|_| ()))).await
}

/// Blocks an account no more, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/blocks/{account_id}", operation_id = "unblock_account", tag = "moderation",
    params(CommandHeaders, ("account_id" = Uuid, Path, description = "Whom to block no more")),
    responses((status = 200, body = BlockReply, headers(("ETag" = String), ("Inklog-Position" = String)))))]
pub(super) async fn unblock(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let pair = Pair { blocker_id: caller.actor.id, blocked_id: *id };
    change(&caller, &log, pair, None).await
}

/// Blocks if that is permitted, or, where it is not asked for, unblocks.
async fn change(
    caller: &Caller,
    log: &Log,
    pair: Pair,
    block: Option<Result<(), Problem>>,
) -> Result<HttpResponse, Problem> {
    let blocked = block.is_some();
    let (asked, body) = match blocked {
        true => ("block", ModerationCommand::Block(pair)),
        false => ("unblock", ModerationCommand::Unblock(pair)),
    };
    let command: Command<'_, Moderation> = caller.command(log, pair.id(), &(asked, pair.blocked_id));
    match command.execute_if(block.unwrap_or(Ok(())), body).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "pair", rejected)),
        Decided::Accepted(accepted) => {
            let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
            let account_id = pair.blocked_id;
            Ok(accepted.reply(&BlockReply { account_id, blocked, version, changed }, None))
        }
    }
}
