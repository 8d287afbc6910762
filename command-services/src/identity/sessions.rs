//! `/v1/sessions`: log in, refresh, log out.

use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::Timestamp;
use domain::accounts::Account;
use domain::security::Note;
use domain::values::{Limited, Limits};
use serde::{Deserialize, Serialize};
use service_kit::auth::Verified;
use service_kit::problem::Kind;
use service_kit::times::rfc3339;
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use time::OffsetDateTime;
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use super::email::Email;
use super::entry::{self, TokenReply, wrong};
use super::passwords::{Presented, Verdict};
use super::report::report;
use super::secret::Token;
use super::throttling::Network;
use super::vault::lock::changed_meanwhile;
use super::vault::log_ins::Shown;
use super::vault::people::Person;
use super::vault::sessions::{Refreshed, Session, Which};
use super::{CATCHING_UP, Identity, Shared, unkept};
use crate::commands::Caller;
use crate::freshness::{can_deny, read_to_the_end};

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => list;
        Access::Anyone => log_in;
        Access::Account => end_others;
        Access::Anyone => refresh;
        Access::Account => log_out, end;
    }
}

/// What a caller logs in under, as the OpenAPI document describes it: a longer text is no account's name or address.
#[derive(Clone, Copy, Debug)]
pub enum Login {}

impl Limited for Login {
    const LIMITS: Limits = Limits::of(0, Email::LIMITS.most);
}

service_kit::describe! {
    Login as "Login" = schemas::text(Login::LIMITS);
}

/// A caller who shows who they are.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The user name or the e-mail address.
    #[schema(value_type = Login)]
    pub login: String,
    /// The password.
    pub password: Presented,
    /// Whether the session is to be a lasting one, for a client that knows of no refreshing: `session_token` of the
    /// reply gets it access tokens (`POST /v1/sessions/access`) until the session ends, and changes password and
    /// address without the password being shown again. Not for accounts with a second factor.
    #[serde(default)]
    pub lasting: bool,
}

/// What a session goes on with.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token that was got last.
    #[schema(value_type = Token)]
    pub refresh_token: String,
}

/// The sessions of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionList {
    /// The one used last is the first.
    pub sessions: Vec<SessionEntry>,
}

/// A session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionEntry {
    /// Its id.
    pub id: Uuid,
    /// What the client calls itself.
    pub client: String,
    /// When it began.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was refreshed last.
    #[serde(with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Timestamp,
    /// Whether the request's token is of this session.
    pub current: bool,
}

/// Logs in. Whether the account or the password is wrong is not told. An account with a second factor is answered with
/// the problem `second-factor-required`, whose member `challenge` goes to `/v1/sessions/second-factor` with a code.
#[utoipa::path(post, path = "/v1/sessions", tag = "sessions", request_body = LogIn,
    responses((status = 201, body = TokenReply),
        (status = 429, description = "Too many bad log-ins; see Retry-After.")))]
pub async fn log_in(request: HttpRequest, identity: Shared, body: Json<LogIn>) -> Result<HttpResponse, Problem> {
    let LogIn { login, password, lasting } = body.0;
    let login = if Login::LIMITS.check(&login).is_ok() { login.trim().to_lowercase() } else { String::new() };
    // Another instance may have registered it a moment ago. Also of an account that is known: who asks for one that is
    // not waits no longer.
    let caught_up = read_to_the_end(&identity.log, Instant::now() + CATCHING_UP).await;
    for _ in 0..entry::LOOKS {
        let (whose, found) = identity.find(&login)?;
        if found.is_none() {
            caught_up.clone()?;
        }
        let attempt = identity.throttle.log_in(&whose, &Network::of(&request)).await?;
        let (account, person) = identity.shown(found, &password).await?.ok_or_else(wrong)?;
        identity.throttle.logged_in(&attempt).await?;
        if !person.registered {
            identity.vault.settle(person.account_id, account.user_name.as_str()).await?;
        }
        let shown = Shown::Password(&person.password_hash);
        if let Some(entered) = identity.enter(&request, person.account_id, shown, lasting).await? {
            return Ok(entered);
        }
    }
    Err(changed_meanwhile())
}

/// Gets new tokens for a session. A refresh token that was used before ends its session: another client has it.
#[utoipa::path(post, path = "/v1/sessions/refresh", tag = "sessions", request_body = Refresh,
    responses((status = 200, body = TokenReply)))]
pub async fn refresh(request: HttpRequest, identity: Shared, body: Json<Refresh>) -> Result<HttpResponse, Problem> {
    let Some(token) = Token::presented(&body.0.refresh_token) else { return Err(over()) };
    // Before the token is used up: an instance that cannot answer for accounts begins nothing with it.
    can_deny(&identity.log)?;
    let version_of = |account_id: Uuid| identity.log.confirmed(&account_id.to_string()).map_or(0, |seen| seen.0);
    match identity.vault.refresh(&token, version_of).await? {
        Refreshed::Next { session_id, account_id, token } => {
            // This instance has not read of the account yet. Asked again with the same token, it or another one may
            // have.
            let account = identity.known(account_id)?.ok_or_else(|| Problem::moving(1))?;
            if account.erased || account.deactivated {
                return Err(over());
            }
            let reply = identity.tokens(account_id, &account, session_id, &token).await?;
            Ok(unkept(HttpResponse::Ok().json(reply)))
        }
        Refreshed::Unknown => {
            identity.throttle.stranger("refresh", &Network::of(&request)).await?;
            Err(over())
        }
        Refreshed::Behind => Err(Problem::moving(1)),
        Refreshed::Reused { session_id, account_id } => {
            identity.forget_sessions(&[session_id]);
            report(Note::RefreshReused(session_id), Some(account_id), Some(session_id));
            Err(over())
        }
    }
}

/// The caller's sessions.
#[utoipa::path(get, path = "/v1/sessions", tag = "sessions", responses((status = 200, body = SessionList)))]
pub async fn list(caller: Verified, identity: Shared) -> Result<HttpResponse, Problem> {
    let sessions = identity.vault.sessions(caller.actor.id).await?;
    let sessions = sessions.into_iter().map(|session| SessionEntry::of(session, caller.session)).collect();
    Ok(unkept(HttpResponse::Ok().json(SessionList { sessions })))
}

/// Logs out: ends the session that the token is of.
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "sessions", responses((status = 204)))]
pub async fn log_out(caller: Verified, identity: Shared) -> Result<HttpResponse, Problem> {
    match caller.session {
        Some(session) => identity.end(caller.actor.id, Which::One(session)).await,
        None => Err(Problem::not_found("the token is of no session")),
    }
}

/// Ends one of the caller's sessions.
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "sessions", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub async fn end(caller: Verified, identity: Shared, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    identity.end(caller.actor.id, Which::One(*id)).await
}

/// Ends all of the caller's sessions but the one that the token is of.
#[utoipa::path(delete, path = "/v1/sessions", tag = "sessions", responses((status = 204)))]
pub async fn end_others(caller: Verified, identity: Shared) -> Result<HttpResponse, Problem> {
    identity.end(caller.actor.id, Which::AllBut(caller.session)).await
}

impl Identity {
    /// The account and person that a password shows, if it does. Takes as long for an account that does not exist.
    ///
    /// # Errors
    /// 503: too many passwords are waiting, or the vault cannot be reached, or lacks what the log says it has.
    pub(super) async fn shown(
        &self,
        found: Option<(Uuid, Account)>,
        password: &Presented,
    ) -> Result<Option<(Account, Person)>, Problem> {
        // An account that does not exist is looked up, too: that takes as long.
        let id = found.as_ref().map_or(Uuid::nil(), |(id, _)| *id);
        let person = self.vault.person(id).await?;
        let hash = person.as_ref().map(|person| person.password_hash.as_str());
        let verdict = self.passwords.verify(password, hash).await?;
        match (found, person, verdict) {
            (Some((_, account)), Some(mut person), Verdict::Good(better)) => {
                if let Some(better) = better
                    && self.vault.rehash(id, &person.password_hash, &better).await?
                {
                    person.password_hash = better;
                }
                Ok(Some((account, person)))
            }
            (Some((_, account)), None, Verdict::Wrong) if !account.email_key.is_none() => {
                // The account is in the log and was registered with a password; the log loses nothing.
                report(Note::SecretsMissing, Some(id), None);
                self.noted_of(id, Note::SecretsMissing).await;
                let detail = "this account's secrets are missing: the vault is older than the log; no log-in works";
                Err(Problem::unavailable(detail, 600))
            }
            (found, _, Verdict::Wrong | Verdict::Good(_)) => {
                let id = found.map(|(id, _)| id);
                report(Note::LogInFailed, id, None);
                self.failures.note(&self.vault, id);
                Ok(None)
            }
        }
    }

    /// Ends all sessions of an account, as follows from a command that holds by now, from this version on. The caller
    /// must not be told that nothing was done; asked again with the same key, it is done whole.
    ///
    /// # Errors
    /// 504: the vault cannot be reached.
    pub(crate) async fn end_sessions_after(
        &self,
        caller: &Caller,
        account_id: Uuid,
        version: u64,
    ) -> Result<(), Problem> {
        let ended = self.vault.end_sessions_before(account_id, version).await;
        // What failed has said so.
        self.forget_sessions(&ended.map_err(|_| Problem::outcome_unknown(&caller.key))?);
        Ok(())
    }

    async fn end(&self, account_id: Uuid, which: Which) -> Result<HttpResponse, Problem> {
        let ended = self.vault.end_sessions(account_id, which).await?;
        self.forget_sessions(&ended);
        for session in ended {
            report(Note::SessionEnded(session), Some(account_id), Some(session));
        }
        // One that is not there, or another's, is not the caller's any more: what was asked for is so.
        Ok(HttpResponse::NoContent().finish())
    }
}

impl SessionEntry {
    fn of(session: Session, current: Option<Uuid>) -> Self {
        let Session { session_id, client, created_at, last_used_at } = session;
        let (created_at, last_used_at) = (timestamp(created_at), timestamp(last_used_at));
        Self { id: session_id, client, created_at, last_used_at, current: current == Some(session_id) }
    }
}

pub(super) fn timestamp(time: OffsetDateTime) -> Timestamp {
    Timestamp(i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or_default())
}

fn over() -> Problem {
    let detail = "the refresh token is not good, or not any more; log in again";
    Problem::new(&Kind::INVALID_CREDENTIALS, detail).header(WWW_AUTHENTICATE.as_str(), "Bearer")
}
