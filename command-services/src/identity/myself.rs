//! `/v1/me`: what people change about how they are known and how they log in.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::accounts::{Account, Accounts, Change, Command as AccountCommand};
use domain::security::Note;
use domain::values::UserName;
use serde::{Deserialize, Serialize};
use service_kit::auth::Verified;
use service_kit::json::broken_rule;
use service_kit::problem::ProblemDetails;
use service_kit::{Json, Methods, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::email::Email;
use super::passwords::{Password, Presented};
use super::secret::Token;
use super::security::SecurityEvent;
use super::throttling::Network;
use super::vault::one_time::{NewPassword, NewToken, Purpose};
use super::vault::outbox::Kind;
use super::vault::people::Person;
use super::vault::sessions::Which;
use super::{Identity, Shared};
use crate::accounts::{not_claimed, reply};
use crate::claiming::{OfAccount, release, with_claim};
use crate::commanding::{Caller, Command, Decided};
use crate::reply::AccountReply;

/// Registers the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(Methods::at("/v1/me/password").on(Method::POST, change_password).build())
        .service(Methods::at("/v1/me/email").on(Method::POST, change_email).build())
        .service(Methods::at("/v1/me/email/verification").on(Method::POST, send_verification).build())
        .service(Methods::at("/v1/me/user-name").on(Method::POST, change_user_name).build())
        .service(Methods::at("/v1/me/deactivate").on(Method::POST, deactivate).build());
}

/// A change of password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present one.
    #[schema(value_type = String, format = "password")]
    pub current_password: Presented,
    /// 8 to 128 characters of any kind, but none that is common.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 128)]
    pub new_password: Password,
}

/// A change of address.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The address that the account is to have.
    #[schema(value_type = String, format = "email", max_length = 254)]
    pub email: Email,
    /// The password.
    #[schema(value_type = String, format = "password")]
    pub current_password: Presented,
}

/// A change of name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUserName {
    /// Letters a to z, digits, `.`, `_` and `-`; 1 to 64.
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    pub user_name: UserName,
}

/// Somebody who shows their password again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowPassword {
    /// The password.
    #[schema(value_type = String, format = "password")]
    pub current_password: Presented,
}

/// Changes the password. The session that does it goes on, the others end.
#[utoipa::path(post, path = "/v1/me/password", tag = "accounts", request_body = ChangePassword, responses((status = 204)))]
pub async fn change_password(
    request: HttpRequest,
    caller: Verified,
    identity: Shared,
    body: Json<ChangePassword>,
) -> Result<HttpResponse, Problem> {
    let account_id = caller.actor.id;
    let (account, person) = identity.shown_again(&request, account_id, &body.0.current_password).await?;
    let about = [account.user_name.as_str(), person.email.as_str()];
    let hash = identity.passwords.hash(&body.0.new_password, &about).await?;
    let after = &hash.map_err(|invalid| broken_rule("/new_password", invalid))?;
    // A better hash of the same password may have been written a moment ago.
    let person = identity.vault.person(account_id).await?.unwrap_or(person);
    let (before, user_name) = (person.password_hash.as_str(), account.user_name.as_str());
    let change = NewPassword { account_id, before, after, keep: caller.session, user_name };
    let ended = identity.vault.change_password(change).await?.ok_or_else(wrong_password)?;
    identity.forget_sessions(&ended);
    SecurityEvent::PasswordChanged.happened(Some(account_id), caller.session);
    Ok(HttpResponse::NoContent().finish())
}

/// Asks for another address: a letter goes there, and only what is in it makes it the account's.
#[utoipa::path(post, path = "/v1/me/email", tag = "accounts", request_body = ChangeEmail, responses((status = 202)))]
pub async fn change_email(
    request: HttpRequest,
    caller: Verified,
    identity: Shared,
    body: Json<ChangeEmail>,
) -> Result<HttpResponse, Problem> {
    let account_id = caller.actor.id;
    let (account, _) = identity.shown_again(&request, account_id, &body.0.current_password).await?;
    identity.send(account_id, &account, &body.0.email, Purpose::ChangeEmail).await
}

/// Has the letter sent again that asks to confirm the address.
#[utoipa::path(post, path = "/v1/me/email/verification", tag = "accounts", responses((status = 202)))]
pub async fn send_verification(caller: Verified, identity: Shared) -> Result<HttpResponse, Problem> {
    let account_id = caller.actor.id;
    let account = identity.account(account_id).ok_or_else(no_account)?;
    let person = identity.vault.person(account_id).await?.ok_or_else(no_account)?;
    if account.email_verified {
        return Ok(HttpResponse::Accepted().finish());
    }
    let email = person.email.parse().map_err(|_| Problem::internal("an address in the vault is none"))?;
    identity.send(account_id, &account, &email, Purpose::VerifyEmail).await
}

/// Takes another user name. The former one leads to the account, and is nobody else's for 30 days.
#[utoipa::path(post, path = "/v1/me/user-name", tag = "accounts", request_body = ChangeUserName, params(crate::openapi::CommandHeaders),
    responses((status = 200, body = AccountReply),
        (status = 409, body = ProblemDetails, content_type = "application/problem+json", description = "The user name is taken.")))]
pub async fn change_user_name(
    caller: Caller,
    identity: Shared,
    body: Json<ChangeUserName>,
) -> Result<HttpResponse, Problem> {
    let (id, expected) = (caller.actor.id, caller.expected()?);
    let before = identity.account(id).ok_or_else(no_account)?.user_name;
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &("rename", &body.0));
    let user_name = body.0.user_name;
    let value = OfAccount::UserName(user_name.clone());
    let act = |grant| {
        let change = Change::UserName { user_name: user_name.clone(), grant };
        AccountCommand::Change { account_id: id, change }
    };
    let decided = with_claim(&command, &value, id, expected, act).await.map_err(|why| not_claimed(&value, why))?;
    if let Decided::Accepted(accepted) = &decided
        && before.canonical() != user_name.canonical()
    {
        if let Err(problem) = release(&command, &OfAccount::UserName(before), id).await {
            tracing::info!(%problem, "a user name was not released; whoever wants it next sees to it");
        }
        SecurityEvent::UserNameChanged.happened(Some(id), None);
        identity.noted(id, accepted.receipt.version, id, Note::UserNameChanged).await;
    }
    reply(id, decided)
}

/// Deactivates the account: nobody logs in to it any more, and all its sessions end. An admin can undo that.
#[utoipa::path(post, path = "/v1/me/deactivate", tag = "accounts", request_body = ShowPassword, params(crate::openapi::CommandHeaders),
    responses((status = 200, body = AccountReply)))]
pub async fn deactivate(
    request: HttpRequest,
    caller: Caller,
    identity: Shared,
    body: Json<ShowPassword>,
) -> Result<HttpResponse, Problem> {
    let id = caller.actor.id;
    identity.shown_again(&request, id, &body.0.current_password).await?;
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &"deactivate");
    let decided = command.execute(AccountCommand::Change { account_id: id, change: Change::Deactivate }, None).await?;
    if let Decided::Accepted(accepted) = &decided {
        let ended = identity.vault.end_sessions(id, Which::AllBut(None)).await?;
        identity.forget_sessions(&ended);
        SecurityEvent::Deactivated.happened(Some(id), None);
        if accepted.receipt.changed {
            identity.noted(id, accepted.receipt.version, id, Note::Deactivated).await;
        }
    }
    reply(id, decided)
}

impl Identity {
    /// The account of somebody who is logged in and shows their password again. Guesses are counted like log-ins.
    pub(super) async fn shown_again(
        &self,
        request: &HttpRequest,
        account_id: Uuid,
        password: &Presented,
    ) -> Result<(Account, Person), Problem> {
        let account = self.account(account_id).ok_or_else(no_account)?;
        let attempt = self.throttle.log_in(&account_id.to_string(), &Network::of(request)).await?;
        let shown = self.shown(Some((account_id, account)), password).await?.ok_or_else(wrong_password)?;
        self.throttle.logged_in(&attempt).await?;
        Ok(shown)
    }

    async fn send(
        &self,
        account_id: Uuid,
        account: &Account,
        email: &Email,
        purpose: Purpose,
    ) -> Result<HttpResponse, Problem> {
        if self.throttle.letter(&email.canonical()).await? {
            let (token, kind) = (Token::draw(), purpose.letter());
            let new = NewToken { account_id, purpose, email: email.as_str(), token: &token };
            self.vault.send_token(new, kind, account.user_name.as_str()).await?;
        }
        Ok(HttpResponse::Accepted().finish())
    }
}

impl Purpose {
    fn letter(self) -> Kind {
        match self {
            Self::VerifyEmail => Kind::VerifyEmail,
            Self::ChangeEmail => Kind::ChangeEmail,
            Self::ResetPassword => Kind::ResetPassword,
        }
    }
}

fn no_account() -> Problem {
    Problem::not_found("the token's subject has no account that logs in")
}

fn wrong_password() -> Problem {
    broken_rule("/current_password", "is not the account's password")
}
