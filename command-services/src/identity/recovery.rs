//! What came by mail: confirming an address, and setting a new password.

use std::sync::{Arc, LazyLock};

use actix_web::{HttpRequest, HttpResponse};
use domain::Actor;
use domain::accounts::{Accounts, Change, Command as AccountCommand, Unique};
use domain::security::Note;
use domain::values::EmailKey;
use event_log::Refusal;
use serde::Deserialize;
use service_kit::json::broken_rule;
use service_kit::{Access, Json, Problem, Route, routes};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::email::Email;
use super::passwords::Password;
use super::report::report;
use super::secret::Token;
use super::throttling::Network;
use super::vault::one_time::{NewToken, Proof, Purpose};
use super::vault::outbox::Kind;
use super::{Identity, Shared};
use crate::accounts::identifiers::{self, Seen};
use crate::accounts::replies::{AccountReply, not_reserved, reply};
use crate::commands::{Anyone, Caller, Command, CommandHeaders, Decided};

/// Requests for a new password that are worked on at once, beyond their answers.
const FORGOTTEN_AT_ONCE: usize = 16;

static FORGOTTEN: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(FORGOTTEN_AT_ONCE)));

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => confirm, forgot, reset;
    }
}

/// What a letter's reader confirms with.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// What came by mail.
    pub token: String,
}

/// An owner who forgot their password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// Their address.
    #[schema(value_type = String, format = "email")]
    pub email: Email,
}

/// A new password for the reader of the account's mail.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// What came by mail.
    pub token: String,
    /// 8 to 128 characters of any kind, but none that is common.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 128)]
    pub new_password: Password,
}

/// Confirms an address, be it the one registered with or one that the account is to have from now on.
#[utoipa::path(post, path = "/v1/email/confirm", tag = "accounts", request_body = Confirmation, params(CommandHeaders),
    responses((status = 200, body = AccountReply)))]
pub async fn confirm(
    request: HttpRequest,
    anyone: Anyone,
    identity: Shared,
    body: Json<Confirmation>,
) -> Result<HttpResponse, Problem> {
    let (token, proof) = proof(&request, &identity, &body.0.token).await?;
    let email: Email = proof.email.parse().map_err(|_| Problem::internal("an address in the vault is none"))?;
    let email_key = identity.email_key.email(&email);
    let (version, before) = identity.seen(proof.account_id)?.ok_or_else(not_good)?;
    let purpose = proof.purpose().filter(|purpose| *purpose != Purpose::ResetPassword).ok_or_else(not_good)?;
    // An address that was confirmed and given up since is not taken again because its reader opens an old letter.
    if proof.used && before.email_key != email_key {
        return Err(not_good());
    }
    let caller = anyone.known_as(Actor::new(proof.account_id));
    let seen = Seen { account_id: proof.account_id, version, bore: before.email_key };
    let decided = identity.confirm(&caller, &seen, purpose, email_key.clone()).await?;
    if let Decided::Refused(Refusal::Rejected { .. }) = &decided {
        return Err(not_good());
    }
    // By now it holds: the caller must not be told that nothing was done. Asked again with the same key, it is done
    // whole.
    let noted = identity.vault.email_confirmed(&token, &proof, before.user_name.as_str()).await;
    noted.map_err(|_| Problem::outcome_unknown(&caller.key))?;
    let command: Command<'_, Accounts> = caller.command(&identity.log, proof.account_id.to_string(), &"release");
    identifiers::give_up_email(&command, &seen, &email_key).await;
    report(Note::EmailConfirmed, Some(proof.account_id), None);
    reply(proof.account_id, decided)
}

impl Identity {
    async fn confirm(
        &self,
        caller: &Caller,
        seen: &Seen<EmailKey>,
        purpose: Purpose,
        email_key: EmailKey,
    ) -> Result<Decided<Accounts>, Problem> {
        let account_id = seen.account_id;
        let command = caller.command(&self.log, account_id.to_string(), &("confirm", &email_key));
        if purpose == Purpose::ChangeEmail {
            let decided = identifiers::change_email(&command, seen, &email_key).await;
            return decided.map_err(|why| not_reserved(&Unique::Email(email_key), why));
        }
        command.execute(AccountCommand::Change { account_id, change: Change::VerifyEmail { email_key } }, None).await
    }
}

/// Has a letter sent with which a new password can be set, if there is an account of this address. The caller is not
/// told whether there is.
#[utoipa::path(post, path = "/v1/password/forgot", tag = "accounts", request_body = Forgotten,
    responses((status = 202, description = "If there is such an account, a letter is on its way.")))]
pub async fn forgot(request: HttpRequest, identity: Shared, body: Json<Forgotten>) -> Result<HttpResponse, Problem> {
    identity.throttle.stranger("forgot", &Network::of(&request)).await?;
    // The answer does not wait, so its time does not tell either.
    let permit = Arc::clone(&FORGOTTEN).try_acquire_owned().map_err(|_| Problem::overloaded(2))?;
    let email = body.0.email;
    actix_web::rt::spawn(async move {
        if let Err(problem) = identity.send_reset(&email).await {
            tracing::warn!(%problem, "a letter for a new password was not written");
        }
        drop(permit);
    });
    Ok(HttpResponse::Accepted().finish())
}

impl Identity {
    async fn send_reset(&self, email: &Email) -> Result<(), Problem> {
        if !self.throttle.letter(&email.canonical()).await? {
            return Ok(());
        }
        let Some((account_id, account)) = self.find(email.as_str())? else { return Ok(()) };
        // To the address as its owner wrote it.
        let Some(person) = self.vault.person(account_id).await? else { return Ok(()) };
        let token = Token::draw();
        let new = NewToken { account_id, purpose: Purpose::ResetPassword, email: &person.email, token: &token };
        self.vault.send_token(new, Kind::ResetPassword, account.user_name.as_str()).await
    }
}

/// Sets a new password, once; every session of the account ends.
#[utoipa::path(post, path = "/v1/password/reset", tag = "accounts", request_body = NewPassword,
    responses((status = 204)))]
pub async fn reset(request: HttpRequest, identity: Shared, body: Json<NewPassword>) -> Result<HttpResponse, Problem> {
    let (token, proof) = proof(&request, &identity, &body.0.token).await?;
    if proof.purpose() != Some(Purpose::ResetPassword) || proof.used {
        return Err(not_good());
    }
    let account = identity.account(proof.account_id)?.ok_or_else(not_good)?;
    let about = [account.user_name.as_str(), proof.email.as_str()];
    let hash = identity.passwords.hash(&body.0.new_password, &about).await?;
    let hash = hash.map_err(|invalid| broken_rule("/new_password", invalid))?;
    let ended = identity.vault.reset_password(&token, &hash, account.user_name.as_str()).await?;
    identity.forget_sessions(&ended.ok_or_else(not_good)?);
    report(Note::PasswordReset, Some(proof.account_id), None);
    Ok(HttpResponse::NoContent().finish())
}

async fn proof(request: &HttpRequest, identity: &Identity, token: &str) -> Result<(Token, Proof), Problem> {
    identity.throttle.stranger("one-time-token", &Network::of(request)).await?;
    let token = Token::presented(token).ok_or_else(not_good)?;
    let proof = identity.vault.proof(&token).await?.ok_or_else(not_good)?;
    Ok((token, proof))
}

fn not_good() -> Problem {
    broken_rule("/token", "is not good, or not any more: ask for another letter")
}
