//! What came by mail: confirming an address, and setting a new password.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

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
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use super::email::Email;
use super::passwords::Password;
use super::report::report;
use super::secret::Token;
use super::throttling::{Asks, Network};
use super::vault::new_passwords::Reset;
use super::vault::one_time::{NewToken, Proof, Purpose};
use super::vault::outbox::Kind;
use super::vault::people::UNSETTLED_SECONDS;
use super::{Identity, Shared};
use crate::accounts::identifiers::{self, Seen};
use crate::accounts::replies::{AccountReply, not_reserved, reply};
use crate::commands::{Anyone, Caller, Command, Decided, RepeatableHeaders};
use crate::reservations::NotReserved;

/// For telling the log that an address was confirmed, while the caller waits.
const TELLING: Duration = Duration::from_secs(5);
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
    #[schema(value_type = Token)]
    pub token: String,
}

/// An owner who forgot their password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    /// Their address.
    pub email: Email,
}

/// A new password for the reader of the account's mail.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// What came by mail.
    #[schema(value_type = Token)]
    pub token: String,
    /// 8 to 128 characters of any kind, but none that is common.
    pub new_password: Password,
}

/// Confirms an address, be it the one registered with or one that the account is to have from now on.
#[utoipa::path(post, path = "/v1/email/confirm", operation_id = "confirm_email", tag = "accounts",
    request_body = Confirmation,
    params(RepeatableHeaders), responses((status = 200, body = AccountReply)))]
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
    let decided = identity.confirm(&caller, &seen, (purpose, &token), email_key.clone()).await?;
    let version = match &decided {
        Decided::Refused(Refusal::Rejected { .. }) => return Err(not_good()),
        Decided::Refused(_) => return reply(proof.account_id, decided),
        Decided::Accepted(accepted) => accepted.receipt.version,
    };
    // By now it holds: the caller must not be told that nothing was done. Asked again with the same key, it is done
    // whole.
    let noted = identity.vault.email_confirmed(&token, &proof, version, before.user_name.as_str()).await;
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
        (purpose, token): (Purpose, &Token),
        email_key: EmailKey,
    ) -> Result<Decided<Accounts>, Problem> {
        let account_id = seen.account_id;
        let command = caller.command(&self.log, account_id.to_string(), &("confirm", &email_key));
        if purpose == Purpose::ChangeEmail {
            // A new password, say, either comes before this and voids the letter, or after it.
            let claim_id = Uuid::new_v4();
            if !self.vault.claim(token, claim_id, UNSETTLED_SECONDS).await? {
                return Err(not_good());
            }
            let decided = identifiers::change_email(&command, seen, (&email_key, true)).await;
            if let Ok(Decided::Refused(_)) | Err(NotReserved::Taken | NotReserved::Changed) = &decided {
                // Whether that works or not: it ends by itself.
                let _ = self.vault.unclaim(token, claim_id).await;
            }
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
    let from = Network::of(&request);
    identity.throttle.stranger("forgot", &from).await?;
    // The answer does not wait, so its time does not tell either.
    let permit = Arc::clone(&FORGOTTEN).try_acquire_owned().map_err(|_| Problem::overloaded(2))?;
    let email = body.0.email;
    actix_web::rt::spawn(async move {
        if let Err(problem) = identity.send_reset(&email, &from).await {
            tracing::warn!(%problem, "a letter for a new password was not written");
        }
        drop(permit);
    });
    Ok(HttpResponse::Accepted().finish())
}

impl Identity {
    async fn send_reset(&self, email: &Email, from: &Network) -> Result<(), Problem> {
        let (whose, found) = self.find(email.as_str())?;
        if !self.throttle.letter(Purpose::ResetPassword, email, Asks::Stranger(&whose, from)).await? {
            return Ok(());
        }
        let Some((account_id, account)) = found else { return Ok(()) };
        // To the address as its owner wrote it.
        let Some(person) = self.vault.person(account_id).await? else { return Ok(()) };
        let token = Token::draw();
        let new = NewToken { account_id, purpose: Purpose::ResetPassword, email: &person.email, token: &token };
        self.vault.send_token(new, None, Kind::ResetPassword, account.user_name.as_str()).await
    }
}

/// Sets a new password, once; every session of the account ends. Where its address was never confirmed it is by this,
/// and a second factor that was added before is removed.
#[utoipa::path(post, path = "/v1/password/reset", tag = "accounts", request_body = NewPassword,
    responses((status = 204)))]
pub async fn reset(request: HttpRequest, identity: Shared, body: Json<NewPassword>) -> Result<HttpResponse, Problem> {
    let (token, proof) = proof(&request, &identity, &body.0.token).await?;
    if proof.purpose() != Some(Purpose::ResetPassword) || proof.used {
        return Err(not_good());
    }
    let account = identity.account(proof.account_id)?.ok_or_else(not_good)?;
    // A letter to an address that the account had before says nothing about its owner.
    let email: Email = proof.email.parse().map_err(|_| Problem::internal("an address in the vault is none"))?;
    if account.email_key != identity.email_key.email(&email) {
        return Err(not_good());
    }
    let about = [account.user_name.as_str(), proof.email.as_str()];
    let hash = identity.passwords.hash(&body.0.new_password, &about).await?;
    let hash = hash.map_err(|invalid| broken_rule("/new_password", invalid))?;
    let (account_id, user_name, unconfirmed) = (proof.account_id, account.user_name.as_str(), !account.email_verified);
    let network = &identity.throttle.hashed(account_id, &Network::of(&request));
    let reset = Reset { account_id, token: &token, hash: &hash, user_name, network, unconfirmed };
    let ended = identity.vault.reset_password(reset).await?;
    identity.forget_sessions(&ended.ok_or_else(not_good)?);
    report(Note::PasswordReset, Some(account_id), None);
    if unconfirmed && let Err(problem) = identity.tell_proven(account_id, &email, Instant::now() + TELLING).await {
        tracing::info!(%problem, %account_id, "that an address was confirmed is left to the sweeper to tell");
    }
    Ok(HttpResponse::NoContent().finish())
}

impl Identity {
    /// Tells the log that an owner was shown to answer to this address. It can be repeated.
    ///
    /// # Errors
    /// The log or the vault cannot be reached; the sweeper tries again.
    pub(super) async fn tell_proven(&self, account_id: Uuid, email: &Email, deadline: Instant) -> Result<(), Problem> {
        let email_key = self.email_key.email(email);
        // A key of its own each time: what was refused once may be right by now.
        let key = format!("proven/{}", Uuid::now_v7());
        let caller = Caller::in_the_name_of(Actor::new(account_id), &key, deadline);
        let command: Command<'_, Accounts> =
            caller.command(&self.log, account_id.to_string(), &("confirm", &email_key));
        let change = Change::VerifyEmail { email_key };
        let decided = command.execute(AccountCommand::Change { account_id, change }, None).await?;
        // It is refused where the account has another address by now, is deactivated, or is being forgotten.
        self.vault.proof_told(account_id, matches!(decided, Decided::Accepted(_))).await
    }
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
