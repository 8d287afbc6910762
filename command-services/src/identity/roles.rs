//! `/v1/accounts/{id}/roles`: what accounts may do, given and taken by admins.

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::accounts::{Accounts, Change, Command as AccountCommand};
use domain::security::Note;
use service_kit::{Access, Problem, Route, routes};
use uuid::Uuid;

use super::Shared;
use super::security::report;
use crate::accounts::reply;
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::reply::AccountReply;

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Admin) => grant, revoke, reactivate;
    }
}

/// Allows an account a role: reader, author, editor or admin. It is in the tokens that it gets from then on.
#[utoipa::path(put, path = "/v1/accounts/{id}/roles/{role}", tag = "accounts",
    params(CommandHeaders, ("id" = Uuid, Path), ("role" = String, Path)),
    responses((status = 200, body = AccountReply)))]
pub async fn grant(caller: Caller, identity: Shared, path: web::Path<(Uuid, String)>) -> Result<HttpResponse, Problem> {
    let (id, role) = named(path.into_inner())?;
    let decided = change(&caller, &identity, id, ("grant", role), Change::GrantRole(role)).await?;
    happened(&identity, &caller, &decided, Note::RoleGranted(role), id).await;
    reply(id, decided)
}

/// Takes a role away. The account's sessions end, for their tokens still have it.
#[utoipa::path(delete, path = "/v1/accounts/{id}/roles/{role}", tag = "accounts",
    params(CommandHeaders, ("id" = Uuid, Path), ("role" = String, Path)),
    responses((status = 200, body = AccountReply)))]
pub async fn revoke(
    caller: Caller,
    identity: Shared,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, role) = named(path.into_inner())?;
    let decided = change(&caller, &identity, id, ("revoke", role), Change::RevokeRole(role)).await?;
    if let Decided::Accepted(_) = &decided {
        identity.end_sessions_after(&caller, id).await?;
    }
    happened(&identity, &caller, &decided, Note::RoleRevoked(role), id).await;
    reply(id, decided)
}

/// Undoes a deactivation.
#[utoipa::path(post, path = "/v1/accounts/{id}/reactivate", tag = "accounts",
    params(CommandHeaders, ("id" = Uuid, Path)), responses((status = 200, body = AccountReply)))]
pub async fn reactivate(caller: Caller, identity: Shared, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let decided = change(&caller, &identity, *id, "reactivate", Change::Reactivate).await?;
    happened(&identity, &caller, &decided, Note::Reactivated, *id).await;
    reply(*id, decided)
}

fn named((id, role): (Uuid, String)) -> Result<(Uuid, Role), Problem> {
    let role = Role::named(&role).ok_or_else(|| Problem::not_found("there is no such role"))?;
    Ok((id, role))
}

async fn change(
    caller: &Caller,
    identity: &Shared,
    id: Uuid,
    asked: impl serde::Serialize,
    change: Change,
) -> Result<Decided<Accounts>, Problem> {
    let expected = caller.expected()?;
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &asked);
    command.execute(AccountCommand::Change { account_id: id, change }, expected).await
}

async fn happened(identity: &Shared, caller: &Caller, decided: &Decided<Accounts>, note: Note, id: Uuid) {
    if let Decided::Accepted(accepted) = decided
        && accepted.receipt.changed
    {
        report(note, Some(id), None);
        identity.noted(id, accepted.receipt.version, caller.actor.id, note).await;
    }
}
