//! A second factor: besides the password, a code of an authenticator (TOTP, RFC 6238), or a recovery code where that
//! was lost. Each code is taken once. Its owner logs in in two steps, see `challenges.rs`.

mod totp;

pub use totp::TotpSecret;

use actix_web::{HttpRequest, HttpResponse, web};
use domain::Role;
use domain::personal::{PersonalText, Sealed};
use domain::security::Note;
use domain::values::Invalid;
use serde::{Deserialize, Serialize};
use service_kit::auth::Verified;
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Route, routes, times};
use utoipa::ToSchema;
use uuid::Uuid;

use super::code::{Code, RecoveryCode};
use super::reauthentication::{Reauthenticated, ShowAgain, no_account, wrong_code};
use super::report::report;
use super::sessions::timestamp;
use super::throttling::Network;
use super::vault::second_factors::{Confirmed, Removal, SecondFactor};
use super::{Identity, Shared, unkept};

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => show, begin, confirm, renew, remove;
        Access::AtLeast(Role::Admin) => remove_for;
    }
}

/// A second factor as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SecondFactorReply {
    /// Whether codes are asked for.
    pub active: bool,
    /// Since when.
    #[schema(format = DateTime)]
    pub active_since: Option<String>,
    /// Recovery codes that were not used.
    pub recovery_codes: i64,
}

/// What an authenticator needs. It is shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewSecondFactor {
    /// In base 32, for who types it.
    pub secret: String,
    /// The same as an `otpauth:` address, to be shown as a QR code.
    pub otpauth_uri: String,
}

/// The first code of a new authenticator.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstCode {
    /// Six digits.
    pub code: Code,
}

/// Codes for when the authenticator is lost. They are shown this once, and each is good once.
#[derive(Clone, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten.
    #[schema(value_type = Vec<String>)]
    pub recovery_codes: Vec<RecoveryCode>,
}

/// Whether the account has a second factor.
#[utoipa::path(get, path = "/v1/me/second-factor", tag = "second factor",
    responses((status = 200, body = SecondFactorReply)))]
pub async fn show(caller: Verified, identity: Shared) -> Result<HttpResponse, Problem> {
    let factor = identity.vault.second_factor(caller.actor.id).await?;
    let active_since = factor.as_ref().and_then(|factor| factor.confirmed_at).map(|at| times::format(timestamp(at)));
    let recovery_codes = factor.map_or(0, |factor| factor.recovery_codes);
    let reply = SecondFactorReply { active: active_since.is_some(), active_since, recovery_codes };
    Ok(unkept(HttpResponse::Ok().json(reply)))
}

/// Begins a second factor: what an authenticator needs. No codes are asked for before the first one is shown, which
/// must be within an hour.
#[utoipa::path(post, path = "/v1/me/second-factor", tag = "second factor", request_body = ShowAgain,
    responses((status = 201, body = NewSecondFactor),
        (status = 409, description = "There is one already: remove it first.")))]
pub async fn begin(shown: Reauthenticated<ShowAgain>, identity: Shared) -> Result<HttpResponse, Problem> {
    let (account_id, secret) = (shown.account_id, TotpSecret::draw());
    let sealed = identity.sealer(account_id).await?.seal(Base32(secret.base32()));
    if !identity.vault.begin_second_factor(account_id, &shown.person.password_hash, sealed.as_str()).await? {
        return Err(exists());
    }
    let otpauth_uri = secret.uri(&identity.authenticator_issuer, shown.account.user_name.as_str());
    Ok(unkept(HttpResponse::Created().json(NewSecondFactor { secret: secret.base32(), otpauth_uri })))
}

/// Shows the first code of a new authenticator: from now on codes are asked for. The other sessions end.
#[utoipa::path(post, path = "/v1/me/second-factor/confirm", operation_id = "confirm_second_factor",
    tag = "second factor", request_body = FirstCode,
    responses((status = 200, body = RecoveryCodes), (status = 409, description = "It is confirmed already.")))]
pub async fn confirm(
    request: HttpRequest,
    caller: Verified,
    identity: Shared,
    body: Json<FirstCode>,
) -> Result<HttpResponse, Problem> {
    let (account_id, Code::Totp(digits)) = (caller.actor.id, &body.0.code) else {
        return Err(broken_rule("/code", "is not six digits"));
    };
    let account = identity.account(account_id)?.ok_or_else(no_account)?;
    let attempt = identity.throttle.code(account_id, &body.0.code, &Network::of(&request)).await?;
    let factor = identity.vault.second_factor(account_id).await?.ok_or_else(not_begun)?;
    if factor.confirmed_at.is_some() {
        return Err(exists());
    }
    let step =
        identity.secret(account_id, &factor).await?.step_of(digits, totp::unix_seconds()).ok_or_else(wrong_code)?;
    identity.throttle.logged_in(&attempt).await?;
    let (codes, user_name) = (RecoveryCode::draw(), account.user_name.as_str());
    let (secret, recovery_codes) = (factor.secret.as_str(), codes.as_slice());
    let confirmed = Confirmed { account_id, secret, step, recovery_codes, keep: caller.session, user_name };
    let ended = identity.vault.confirm_second_factor(confirmed).await?.ok_or_else(exists)?;
    identity.forget_sessions(&ended);
    report(Note::SecondFactorAdded, Some(account_id), caller.session);
    Ok(unkept(HttpResponse::Ok().json(RecoveryCodes { recovery_codes: codes })))
}

/// Gets new recovery codes; the former ones are good no more.
#[utoipa::path(post, path = "/v1/me/second-factor/recovery-codes", tag = "second factor", request_body = ShowAgain,
    responses((status = 200, body = RecoveryCodes)))]
pub async fn renew(shown: Reauthenticated<ShowAgain>, identity: Shared) -> Result<HttpResponse, Problem> {
    let recovery_codes = RecoveryCode::draw();
    let hash = &shown.person.password_hash;
    if !identity.vault.replace_recovery_codes(shown.account_id, hash, &recovery_codes).await? {
        return Err(none());
    }
    report(Note::RecoveryCodesRenewed, Some(shown.account_id), shown.session);
    Ok(unkept(HttpResponse::Ok().json(RecoveryCodes { recovery_codes })))
}

/// Removes the second factor. The other sessions end; this one too, where the account's roles ask for one.
#[utoipa::path(post, path = "/v1/me/second-factor/remove", operation_id = "remove_second_factor",
    tag = "second factor", request_body = ShowAgain,
    responses((status = 204)))]
pub async fn remove(shown: Reauthenticated<ShowAgain>, identity: Shared) -> Result<HttpResponse, Problem> {
    let (account_id, user_name) = (shown.account_id, shown.account.user_name.as_str());
    let keep = shown.session.filter(|_| !identity.demands_second_factor(&shown.account));
    let hash = Some(shown.person.password_hash.as_str());
    let removal = Removal { account_id, removed_by: account_id, shown: hash, keep, user_name };
    identity.remove_second_factor(removal).await
}

/// Removes the second factor of an owner who lost it and their recovery codes. All their sessions end.
#[utoipa::path(delete, path = "/v1/accounts/{id}/second-factor", tag = "second factor", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub async fn remove_for(caller: Verified, identity: Shared, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let account = identity.account(*id)?.ok_or_else(|| Problem::not_found("there is no such account"))?;
    let (account_id, removed_by, user_name) = (*id, caller.actor.id, account.user_name.as_str());
    identity.remove_second_factor(Removal { account_id, removed_by, shown: None, keep: None, user_name }).await
}

impl Identity {
    /// Whether a code is one of the account's second factor that was not taken before; it is taken then. Guesses are
    /// counted.
    ///
    /// # Errors
    /// 429: too many; 503: the vault cannot be reached, or the secret not be read.
    pub(super) async fn takes_code(
        &self,
        account_id: Uuid,
        user_name: &str,
        code: &Code,
        from: &Network,
    ) -> Result<bool, Problem> {
        let attempt = self.throttle.code(account_id, code, from).await?;
        let taken = match code {
            Code::Totp(digits) => self.takes_digits(account_id, digits).await?,
            Code::Recovery(code) => self.vault.take_recovery_code(account_id, code, user_name).await?,
        };
        if taken {
            self.throttle.logged_in(&attempt).await?;
        }
        match (taken, code) {
            (false, _) => {
                report(Note::SecondFactorFailed, Some(account_id), None);
                self.noted_of(account_id, Note::SecondFactorFailed).await;
            }
            (true, Code::Recovery(_)) => report(Note::RecoveryCodeUsed, Some(account_id), None),
            (true, Code::Totp(_)) => {}
        }
        Ok(taken)
    }

    async fn takes_digits(&self, account_id: Uuid, digits: &str) -> Result<bool, Problem> {
        let factor = self.vault.second_factor(account_id).await?.filter(|factor| factor.confirmed_at.is_some());
        let Some(factor) = factor else { return Ok(false) };
        match self.secret(account_id, &factor).await?.step_of(digits, totp::unix_seconds()) {
            Some(step) => self.vault.take_step(account_id, step).await,
            None => Ok(false),
        }
    }

    /// The secret is sealed under the person's data key: so a copy of the database only is of no use, and who is
    /// forgotten has no second factor either.
    async fn secret(&self, account_id: Uuid, factor: &SecondFactor) -> Result<TotpSecret, Problem> {
        let key = self.vault.data_key(&self.key_ring, account_id).await?;
        let opened = Sealed::try_from(factor.secret.clone()).ok().zip(key).and_then(|(sealed, key)| {
            let opened = key.open(account_id, Base32::FIELD, &sealed);
            opened.inspect_err(|error| tracing::error!(%account_id, %error, "a second factor cannot be read")).ok()?
        });
        opened
            .as_deref()
            .and_then(TotpSecret::of_base32)
            .ok_or_else(|| Problem::unavailable("codes cannot be checked at the moment; a recovery code is good", 600))
    }

    async fn remove_second_factor(&self, removal: Removal<'_>) -> Result<HttpResponse, Problem> {
        let ended = self.vault.remove_second_factor(removal).await?;
        self.forget_sessions(&ended.ok_or_else(none)?);
        report(Note::SecondFactorRemoved, Some(removal.account_id), removal.keep);
        Ok(HttpResponse::NoContent().finish())
    }
}

/// A secret as it is sealed.
struct Base32(String);

impl PersonalText for Base32 {
    const FIELD: &'static str = "second_factor";
}

impl TryFrom<String> for Base32 {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Ok(Self(text))
    }
}

impl AsRef<str> for Base32 {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

fn exists() -> Problem {
    Problem::new(&Kind::SECOND_FACTOR_EXISTS, "the account has a second factor; remove it before another is added")
}

fn none() -> Problem {
    Problem::not_found("the account has no second factor")
}

fn not_begun() -> Problem {
    Problem::not_found("no second factor was begun within the last hour")
}
