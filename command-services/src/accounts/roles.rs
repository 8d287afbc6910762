//! `/v1/accounts/{id}/roles`: what accounts may do, given and taken by admins.

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::accounts::Change;
use domain::security::Note;
use service_kit::{Access, Problem, Route, routes};
use uuid::Uuid;

use super::changes::{change, noted};
use super::replies::{AccountReply, reply};
use crate::commands::{Caller, CommandHeaders, Decided};
use crate::identity::Shared;

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Admin) => grant, revoke;
    }
}

/// Allows an account a role: reader, author, moderator, editor or admin. It is in the tokens that it gets from then on.
#[utoipa::path(put, path = "/v1/accounts/{id}/roles/{role}", tag = "accounts",
    params(CommandHeaders, ("id" = Uuid, Path), ("role" = String, Path)),
    responses((status = 200, body = AccountReply)))]
pub async fn grant(caller: Caller, identity: Shared, path: web::Path<(Uuid, String)>) -> Result<HttpResponse, Problem> {
    let (id, role) = named(path.into_inner())?;
    let decided = change(&caller, &identity, id, ("grant", role), Change::GrantRole(role)).await?;
    noted(&identity, &caller, &decided, Note::RoleGranted(role), id).await;
    reply(id, decided)
}

/// Takes a role away. The account's sessions end, for their tokens still have it.
#[utoipa::path(delete, path = "/v1/accounts/{id}/roles/{role}", operation_id = "revoke_role", tag = "accounts",
    params(CommandHeaders, ("id" = Uuid, Path), ("role" = String, Path)),
    responses((status = 200, body = AccountReply)))]
pub async fn revoke(
    caller: Caller,
    identity: Shared,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, role) = named(path.into_inner())?;
    let decided = change(&caller, &identity, id, ("revoke", role), Change::RevokeRole(role)).await?;
    if let Decided::Accepted(accepted) = &decided {
        identity.end_sessions_after(&caller, id, accepted.receipt.version).await?;
    }
    noted(&identity, &caller, &decided, Note::RoleRevoked(role), id).await;
    reply(id, decided)
}

fn named((id, role): (Uuid, String)) -> Result<(Uuid, Role), Problem> {
    let role = Role::named(&role).ok_or_else(|| Problem::not_found("there is no such role"))?;
    Ok((id, role))
}
