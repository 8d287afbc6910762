//! `/v1/sessions`: log in, refresh, log out.

use std::collections::BTreeSet;

use actix_web::http::header::{USER_AGENT, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::accounts::Account;
use domain::security::Note;
use domain::{Role, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::auth::{ACCESS_TOKEN_SECONDS, SessionClaims, Verified};
use service_kit::problem::Kind;
use service_kit::times::rfc3339;
use service_kit::{Access, Json, Problem, Route, routes};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::passwords::{Presented, Verdict};
use super::report::report;
use super::secret::Token;
use super::throttling::Network;
use super::vault::people::Person;
use super::vault::sessions::{IDLE_SECONDS, Refreshed, Session, Which};
use super::{Identity, Shared, unkept};
use crate::commands::{Caller, can_deny};

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

/// A caller who shows who they are.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The user name or the e-mail address.
    #[schema(max_length = 254)]
    pub login: String,
    /// The password.
    #[schema(value_type = String, format = "password", max_length = 1024)]
    pub password: Presented,
}

/// What a session goes on with.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token that was got last.
    pub refresh_token: String,
}

/// Tokens of a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokenReply {
    /// To be sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// How long the access token is good, in seconds.
    pub expires_in: u64,
    /// Good for one refresh. If the reply to that is lost, the same refresh can be asked for again within a minute.
    pub refresh_token: String,
    /// How long the refresh token is good, in seconds.
    pub refresh_expires_in: i64,
    /// The session.
    pub session_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// Its user name.
    pub user_name: String,
    /// What the access token allows.
    #[schema(value_type = Vec<String>)]
    pub roles: BTreeSet<Role>,
    /// Whether the account has further roles, which are in its tokens once it has a second factor.
    pub second_factor_required: bool,
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
    let LogIn { login, password } = body.0;
    let login = if login.len() <= 254 { login.trim().to_lowercase() } else { String::new() };
    let attempt = identity.throttle.log_in(&login, &Network::of(&request)).await?;
    let found = identity.find(&login)?;
    let Some((account, person)) = identity.shown(found, &password).await? else {
        return Err(wrong());
    };
    identity.throttle.logged_in(&attempt).await?;
    if account.deactivated {
        return Err(deactivated());
    }
    if !person.registered {
        identity.vault.settle(person.account_id, account.user_name.as_str()).await?;
    }
    if identity.vault.has_second_factor(person.account_id).await? {
        return identity.challenge(person.account_id).await;
    }
    identity.begin_session(&request, person.account_id, &account).await
}

/// Gets new tokens for a session. A refresh token that was used before ends its session: another client has it.
#[utoipa::path(post, path = "/v1/sessions/refresh", tag = "sessions", request_body = Refresh,
    responses((status = 200, body = TokenReply)))]
pub async fn refresh(request: HttpRequest, identity: Shared, body: Json<Refresh>) -> Result<HttpResponse, Problem> {
    let Some(token) = Token::presented(&body.0.refresh_token) else { return Err(over()) };
    // Before the token is used up: an instance that cannot answer for accounts begins nothing with it.
    can_deny(&identity.log)?;
    match identity.vault.refresh(&token).await? {
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
            (Some((_, account)), Some(person), Verdict::Good(better)) => {
                if let Some(better) = better {
                    self.vault.rehash(id, &person.password_hash, &better).await?;
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

    /// Begins a session of a caller who has shown who they are.
    ///
    /// # Errors
    /// 503: the vault cannot be reached.
    pub(super) async fn begin_session(
        &self,
        request: &HttpRequest,
        account_id: Uuid,
        account: &Account,
    ) -> Result<HttpResponse, Problem> {
        let (session_id, token, made_room) = self.vault.begin_session(account_id, &client(request)).await?;
        self.forget_sessions(&made_room);
        report(Note::LoggedIn(session_id), Some(account_id), Some(session_id));
        let reply = self.tokens(account_id, account, session_id, &token).await?;
        Ok(unkept(HttpResponse::Created().json(reply)))
    }

    async fn tokens(
        &self,
        account_id: Uuid,
        account: &Account,
        session_id: Uuid,
        token: &Token,
    ) -> Result<TokenReply, Problem> {
        let (roles, second_factor_required) = self.token_roles(account_id, account).await?;
        let claims = SessionClaims { subject: account_id, session: session_id, roles: &roles };
        Ok(TokenReply {
            access_token: self.signing.sign(claims).map_err(Problem::internal)?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_SECONDS,
            refresh_token: token.expose().to_owned(),
            refresh_expires_in: IDLE_SECONDS,
            session_id,
            account_id,
            user_name: account.user_name.to_string(),
            roles,
            second_factor_required,
        })
    }

    /// Ends all sessions of an account, as follows from a command that holds by now. The caller must not be told that
    /// nothing was done; asked again with the same key, it is done whole.
    ///
    /// # Errors
    /// 504: the vault cannot be reached.
    pub(crate) async fn end_sessions_after(&self, caller: &Caller, account_id: Uuid) -> Result<(), Problem> {
        let ended = self.vault.end_sessions(account_id, Which::AllBut(None)).await;
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

/// What the client calls itself: at most 200 characters, of one line.
fn client(request: &HttpRequest) -> String {
    let said = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.chars().filter(|c| !c.is_control()).take(200).collect()
}

pub(super) fn deactivated() -> Problem {
    Problem::new(&Kind::ACCOUNT_DEACTIVATED, "the account is deactivated; an admin can undo that")
}

fn wrong() -> Problem {
    let detail = "there is no such account, or the password is another";
    Problem::new(&Kind::INVALID_CREDENTIALS, detail).header(WWW_AUTHENTICATE.as_str(), "Bearer")
}

fn over() -> Problem {
    let detail = "the refresh token is not good, or not any more; log in again";
    Problem::new(&Kind::INVALID_CREDENTIALS, detail).header(WWW_AUTHENTICATE.as_str(), "Bearer")
}
