//! `/v1/me/user-name`: another user name.

use actix_web::HttpResponse;
use domain::accounts::{Accounts, Unique};
use domain::security::Note;
use domain::values::UserName;
use serde::{Deserialize, Serialize};
use service_kit::{Access, Json, Problem, Quota, Route, routes, schemas};
use utoipa::ToSchema;

use super::replies::{AccountReply, not_reserved, reply};
use crate::accounts::identifiers::{self, Seen};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::identity::Shared;
use crate::identity::reauthentication::no_account;
use crate::identity::report::report;

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account, Quota::Renames => change_user_name;
    }
}

/// A change of name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUserName {
    /// Letters a to z, digits, `.`, `_` and `-`; 1 to 64.
    #[schema(value_type = schemas::UserName)]
    pub user_name: UserName,
}

/// Takes another user name. The former one leads to the account, and is no other account's for 30 days.
#[utoipa::path(post, path = "/v1/me/user-name", tag = "accounts", request_body = ChangeUserName, params(CommandHeaders),
    responses((status = 200, body = AccountReply), (status = 409, description = "The user name is taken.")))]
pub async fn change_user_name(
    caller: Caller,
    identity: Shared,
    body: Json<ChangeUserName>,
) -> Result<HttpResponse, Problem> {
    let id = caller.actor.id;
    identity.look_up(id).await?;
    let (version, account) = identity.seen(id)?.ok_or_else(no_account)?;
    identity.reserved_names.permit(&caller.actor, Some(&account.user_name), &body.0.user_name)?;
    let seen = Seen { account_id: id, version, bore: account.user_name };
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &("rename", &body.0));
    let user_name = body.0.user_name;
    let another = seen.bore.canonical() != user_name.canonical();
    let decided = identifiers::change_user_name(&command, seen, &user_name).await;
    let decided = decided.map_err(|why| not_reserved(&Unique::UserName(user_name), why))?;
    if let Decided::Accepted(accepted) = &decided
        && another
    {
        report(Note::UserNameChanged, Some(id), None);
        identity.noted(id, accepted.receipt.version, id, Note::UserNameChanged).await;
    }
    reply(id, decided)
}
