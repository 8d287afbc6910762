//! `/v1/me`: what owners change about how they log in.

use actix_web::{HttpRequest, HttpResponse};
use domain::accounts::Account;
use domain::security::Note;
use serde::Deserialize;
use service_kit::auth::Verified;
use service_kit::json::broken_rule;
use service_kit::{Access, Problem, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::code::Code;
use super::email::Email;
use super::passwords::{Password, Presented};
use super::reauthentication::{Reauthenticated, Shows, no_account, wrong_password};
use super::report::report;
use super::secret::Token;
use super::throttling::{Asks, Network};
use super::vault::new_passwords::NewPassword;
use super::vault::one_time::{NewToken, Purpose};
use super::vault::outbox::Kind;
use super::vault::people::Person;
use super::{Identity, Shared};

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => change_password, change_email, send_verification;
    }
}

/// A change of password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present one. In a lasting session it may be missing.
    pub current_password: Option<Presented>,
    /// 8 to 128 characters of any kind, but none that is common.
    pub new_password: Password,
    /// Where the account has a second factor: six digits, or a recovery code.
    pub code: Option<Code>,
}

/// A change of address.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The address that the account is to have.
    pub email: Email,
    /// The password. In a lasting session it may be missing.
    pub current_password: Option<Presented>,
    /// Where the account has a second factor: six digits, or a recovery code.
    pub code: Option<Code>,
}

impl Shows for ChangePassword {
    fn shown(&self) -> (Option<&Presented>, Option<&Code>) {
        (self.current_password.as_ref(), self.code.as_ref())
    }
}

impl Shows for ChangeEmail {
    fn shown(&self) -> (Option<&Presented>, Option<&Code>) {
        (self.current_password.as_ref(), self.code.as_ref())
    }
}

/// Changes the password. The session that does it goes on, the others end.
#[utoipa::path(post, path = "/v1/me/password", tag = "accounts", request_body = ChangePassword,
    responses((status = 204)))]
pub async fn change_password(
    shown: Reauthenticated<ChangePassword>,
    identity: Shared,
) -> Result<HttpResponse, Problem> {
    let in_place = shown.in_place();
    let Reauthenticated { account_id, session, account, person, body } = shown;
    let about = [account.user_name.as_str(), person.email.as_str()];
    let hash = identity.passwords.hash(&body.new_password, &about).await?;
    let after = &hash.map_err(|invalid| broken_rule("/new_password", invalid))?;
    let person = match &body.current_password {
        Some(password) => identity.still_shown(account_id, &account, person, password).await?,
        None => person,
    };
    let (before, user_name) = (person.password_hash.as_str(), account.user_name.as_str());
    let change = NewPassword { account_id, before, in_place, after, keep: session, user_name };
    let ended = identity.vault.change_password(change).await?.ok_or_else(wrong_password)?;
    identity.forget_sessions(&ended);
    report(Note::PasswordChanged, Some(account_id), session);
    Ok(HttpResponse::NoContent().finish())
}

/// Asks for another address: a letter goes there, and only what is in it makes it the account's.
#[utoipa::path(post, path = "/v1/me/email", tag = "accounts", request_body = ChangeEmail, responses((status = 202)))]
pub async fn change_email(
    request: HttpRequest,
    shown: Reauthenticated<ChangeEmail>,
    identity: Shared,
) -> Result<HttpResponse, Problem> {
    let hash = Some(shown.person.password_hash.as_str());
    let asks = Asks::Owner(shown.account_id, &Network::of(&request));
    identity.send(asks, shown.account_id, &shown.account, hash, &shown.body.email, Purpose::ChangeEmail).await
}

/// Has the letter sent again that asks to confirm the address.
#[utoipa::path(post, path = "/v1/me/email/verification", tag = "accounts", responses((status = 202)))]
pub async fn send_verification(
    request: HttpRequest,
    caller: Verified,
    identity: Shared,
) -> Result<HttpResponse, Problem> {
    let account_id = caller.actor.id;
    let account = identity.account(account_id)?.ok_or_else(no_account)?;
    let person = identity.vault.person(account_id).await?.ok_or_else(no_account)?;
    if account.email_verified {
        return Ok(HttpResponse::Accepted().finish());
    }
    if person.email.is_empty() {
        return Err(Problem::not_found("the account has no e-mail address any more: it was not confirmed in time"));
    }
    let email = person.email.parse().map_err(|_| Problem::internal("an address in the vault is none"))?;
    let asks = Asks::Owner(account_id, &Network::of(&request));
    identity.send(asks, account_id, &account, None, &email, Purpose::VerifyEmail).await
}

impl Identity {
    /// The person as the vault has them now: a better hash of the password that was shown may have been written since,
    /// or, by a caller who asked at the same time, that of another one.
    async fn still_shown(
        &self,
        account_id: Uuid,
        account: &Account,
        before: Person,
        password: &Presented,
    ) -> Result<Person, Problem> {
        let now = self.vault.person(account_id).await?;
        if now.is_none_or(|now| now.password_hash == before.password_hash) {
            return Ok(before);
        }
        let shown = self.shown(Some((account_id, account.clone())), password).await?;
        shown.map(|(_, person)| person).ok_or_else(wrong_password)
    }

    async fn send(
        &self,
        asks: Asks<'_>,
        account_id: Uuid,
        account: &Account,
        shown: Option<&str>,
        email: &Email,
        purpose: Purpose,
    ) -> Result<HttpResponse, Problem> {
        if self.throttle.letter(purpose, email, asks).await? {
            let (token, kind) = (Token::draw(), purpose.letter());
            let new = NewToken { account_id, purpose, email: email.as_str(), token: &token };
            self.vault.send_token(new, shown, kind, account.user_name.as_str()).await?;
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
