//! The last step of a log-in, be it the first or the second factor that was shown: a session begins, as long as the
//! account and the password still are what they were when the caller was looked at.

use std::collections::BTreeSet;

use actix_web::http::header::{CACHE_CONTROL, USER_AGENT, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use domain::Role;
use domain::accounts::Account;
use domain::security::Note;
use serde::Serialize;
use service_kit::Problem;
use service_kit::auth::{ACCESS_TOKEN_SECONDS, SessionClaims};
use service_kit::problem::Kind;
use utoipa::ToSchema;
use uuid::Uuid;

use super::report::report;
use super::secret::Token;
use super::throttling::Network;
use super::vault::challenges::CHALLENGE_SECONDS;
use super::vault::log_ins::{Begun, LogIn, Shown};
use super::vault::sessions::{IDLE_SECONDS, LONGEST_SECONDS, NewSession};
use super::{Identity, unkept};

/// How often a caller is looked at who logs in while their account, or the password, is being changed.
pub(super) const LOOKS: usize = 2;

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
    /// Of a lasting session that has just begun: what gets access tokens until it ends, within 90 days, or 30 in which
    /// it is not used. A JWT that is no access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
}

impl Identity {
    /// Begins a session of a caller who has shown who they are. The account is looked at only now: verifying took its
    /// time. Nothing if it, or the password, was changed meanwhile: the caller has to be looked at again.
    ///
    /// # Errors
    /// A code is needed besides, or was shown to no challenge that is good; the account is deactivated, or none; 503:
    /// the vault cannot be reached.
    pub(super) async fn enter(
        &self,
        request: &HttpRequest,
        account_id: Uuid,
        shown: Shown<'_>,
        is_lasting: bool,
    ) -> Result<Option<HttpResponse>, Problem> {
        let (version, account) = self.seen(account_id)?.ok_or_else(wrong)?;
        if account.deactivated {
            return Err(deactivated());
        }
        let network = self.throttle.hashed(account_id, &Network::of(request));
        let log_in = LogIn { account_id, version, shown, client: &client(request), network: &network, is_lasting };
        let NewSession { session_id, token, lasting, made_room } = match self.vault.log_in(log_in).await? {
            Begun::Session(session) => session,
            Begun::CodeNeeded(challenge) => return Err(code_needed(&challenge)),
            Begun::Changed => return Ok(None),
            Begun::Over => return Err(over()),
        };
        self.forget_sessions(&made_room);
        report(Note::LoggedIn(session_id), Some(account_id), Some(session_id));
        let mut reply = self.tokens(account_id, &account, session_id, &token).await?;
        if let Some(secret) = lasting {
            let signed = self.signing.sign_lasting((account_id, session_id), secret.expose(), LONGEST_SECONDS as u64);
            reply.session_token = Some(signed.map_err(Problem::internal)?);
        }
        Ok(Some(unkept(HttpResponse::Created().json(reply))))
    }

    pub(super) async fn tokens(
        &self,
        account_id: Uuid,
        account: &Account,
        session_id: Uuid,
        token: &Token,
    ) -> Result<TokenReply, Problem> {
        let (roles, second_factor_required) = self.token_roles(account_id, account).await?;
        let confirmed = account.email_verified;
        let claims = SessionClaims { subject: account_id, session: session_id, roles: &roles, confirmed };
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
            session_token: None,
        })
    }
}

/// What the client calls itself: at most 200 characters, of one line.
fn client(request: &HttpRequest) -> String {
    let said = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The account takes no log-in.
pub(super) fn deactivated() -> Problem {
    Problem::new(&Kind::ACCOUNT_DEACTIVATED, "the account is deactivated; an admin can undo that")
}

/// Which of the two is wrong is told to no caller.
pub(super) fn wrong() -> Problem {
    let detail = "there is no such account, or the password is another";
    Problem::new(&Kind::INVALID_CREDENTIALS, detail).header(WWW_AUTHENTICATE.as_str(), "Bearer")
}

/// What a caller is answered that showed the password of an account with a second factor.
pub(super) fn code_needed(challenge: &Token) -> Problem {
    let detail = "the password is right; show a code, too, within five minutes: POST /v1/sessions/second-factor";
    let problem = Problem::new(&Kind::SECOND_FACTOR_REQUIRED, detail);
    let problem = problem.with("challenge", challenge.expose()).with("expires_in", CHALLENGE_SECONDS);
    problem.header(WWW_AUTHENTICATE.as_str(), "Bearer").header(CACHE_CONTROL.as_str(), "no-store")
}

/// The challenge was met before, or is void.
pub(super) fn over() -> Problem {
    refused("the challenge is not good, or not any more; log in again")
}

/// What was shown besides the password is not good.
pub(super) fn refused(detail: &str) -> Problem {
    Problem::new(&Kind::INVALID_CREDENTIALS, detail).header(WWW_AUTHENTICATE.as_str(), "Bearer")
}
