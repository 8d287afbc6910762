//! `/v1/me/email`: the address that an owner has, and taking another at once.

use actix_web::{HttpRequest, HttpResponse};
use domain::accounts::{Accounts, Unique};
use serde::Serialize;
use service_kit::auth::Verified;
use service_kit::{Access, Problem, Route, routes};
use utoipa::ToSchema;

use super::credentials::ChangeEmail;
use super::email::Email;
use super::reauthentication::{Reauthenticated, no_account};
use super::throttling::Network;
use super::vault::lock::changed_meanwhile;
use super::{Shared, unkept};
use crate::accounts::identifiers::{self, Seen};
use crate::accounts::replies::{AccountReply, not_reserved, reply};
use crate::commands::{Caller, Command, CommandHeaders, Decided};

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => address, take;
    }
}

/// Where an owner reads mail.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Address {
    /// The address; null where the account has none any more, for it was not confirmed in time.
    #[schema(required = true)]
    pub email: Option<String>,
    /// Whether its owner was shown to answer to it.
    pub confirmed: bool,
}

/// The address of the caller's account.
#[utoipa::path(get, path = "/v1/me/email", operation_id = "read_email", tag = "accounts",
    responses((status = 200, body = Address)))]
pub async fn address(caller: Verified, identity: Shared) -> Result<HttpResponse, Problem> {
    let person = identity.vault.person(caller.actor.id).await?.ok_or_else(no_account)?;
    // Another instance may have registered it a moment ago.
    let account = identity.account(caller.actor.id)?;
    let email = Some(person.email).filter(|email| !email.is_empty());
    // What this instance has read may be of the address before.
    let key = email.as_deref().and_then(|email| email.parse::<Email>().ok());
    let key = key.map(|email| identity.email_key.email(&email));
    let confirmed = account.is_some_and(|account| account.email_verified && Some(account.email_key) == key);
    Ok(unkept(HttpResponse::Ok().json(Address { email, confirmed })))
}

/// Takes another address at once. It is not confirmed: a letter to it asks whether it is the caller's, and one to the
/// address before tells of it. An address that is not confirmed in time is given up, as one that was registered with.
#[utoipa::path(put, path = "/v1/me/email", operation_id = "take_email", tag = "accounts", request_body = ChangeEmail,
    params(CommandHeaders),
    responses((status = 200, body = AccountReply), (status = 409, description = "The address is taken.")))]
pub async fn take(
    request: HttpRequest,
    caller: Caller,
    identity: Shared,
    shown: Reauthenticated<ChangeEmail>,
) -> Result<HttpResponse, Problem> {
    let (account_id, in_place) = (shown.account_id, shown.in_place());
    let email = shown.body.email;
    let (version, account) = identity.seen(account_id)?.ok_or_else(no_account)?;
    let email_key = identity.email_key.email(&email);
    // The address that the account has changes nothing, and no letter goes out.
    if account.email_key != email_key {
        identity.throttle.letters_of_taking(&email, account_id, &Network::of(&request)).await?;
    }
    if let Some(session) = in_place
        && !identity.vault.is_lasting(session).await?
    {
        return Err(changed_meanwhile());
    }
    let seen = Seen { account_id, version, bore: account.email_key };
    let command: Command<'_, Accounts> =
        caller.command(&identity.log, account_id.to_string(), &("take-email", &email_key));
    let decided = identifiers::change_email(&command, &seen, (&email_key, false)).await;
    let decided = decided.map_err(|why| not_reserved(&Unique::Email(email_key.clone()), why))?;
    if let Decided::Accepted(accepted) = &decided
        && accepted.receipt.changed
    {
        // By now it holds: the caller must not be told that nothing was done. Asked again with the same key, it is done
        // whole.
        let (version, user_name) = (accepted.receipt.version, account.user_name.as_str());
        let noted = identity.vault.email_taken((account_id, in_place), email.as_str(), version, user_name).await;
        noted.map_err(|_| Problem::outcome_unknown(&caller.key))?;
        identifiers::give_up_email(&command, &seen, &email_key).await;
    }
    reply(account_id, decided)
}
