//! Deactivating an account, and undoing it.

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::accounts::{Accounts, Change, Command as AccountCommand};
use domain::security::Note;
use service_kit::{Access, Problem, Route, routes};
use uuid::Uuid;

use super::changes::{change, noted};
use super::replies::{AccountReply, reply};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::identity::Shared;
use crate::identity::reauthentication::{Reauthenticated, ShowAgain};
use crate::identity::report::report;

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => deactivate;
        Access::AtLeast(Role::Admin) => reactivate;
    }
}

/// Deactivates the account: its owner cannot log in to it any more, and all its sessions end. An admin can undo that.
#[utoipa::path(post, path = "/v1/me/deactivate", tag = "accounts", request_body = ShowAgain, params(CommandHeaders),
    responses((status = 200, body = AccountReply)))]
pub async fn deactivate(
    shown: Reauthenticated<ShowAgain>,
    caller: Caller,
    identity: Shared,
) -> Result<HttpResponse, Problem> {
    let id = shown.account_id;
    let request_id = Uuid::new_v4();
    identity.vault.begin_deactivation(id, &shown.person.password_hash, request_id).await?;
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &"deactivate");
    let decided = command.execute(AccountCommand::Change { account_id: id, change: Change::Deactivate }, None).await?;
    // Whether that works or not: it ends by itself.
    let _ = identity.vault.end_deactivation(id, request_id).await;
    if let Decided::Accepted(accepted) = &decided {
        identity.end_sessions_after(&caller, id, accepted.receipt.version).await?;
        report(Note::Deactivated, Some(id), None);
        if accepted.receipt.changed {
            identity.noted(id, accepted.receipt.version, id, Note::Deactivated).await;
        }
    }
    reply(id, decided)
}

/// Undoes a deactivation.
#[utoipa::path(post, path = "/v1/accounts/{id}/reactivate", tag = "accounts",
    params(CommandHeaders, ("id" = Uuid, Path)), responses((status = 200, body = AccountReply)))]
pub async fn reactivate(caller: Caller, identity: Shared, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let decided = change(&caller, &identity, *id, "reactivate", Change::Reactivate).await?;
    noted(&identity, &caller, &decided, Note::Reactivated, *id).await;
    reply(*id, decided)
}
