//! The second step of a log-in: `POST /v1/sessions` answers the owner of a second factor with a challenge, and here it
//! is met. A challenge is good for five minutes, for one account, once.

use actix_web::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::code::Code;
use super::secret::Token;
use super::sessions::{TokenReply, deactivated};
use super::throttling::Network;
use super::vault::challenges::CHALLENGE_SECONDS;
use super::{Identity, Shared};

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => meet;
    }
}

/// A caller who showed the password, and shows a code.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Met {
    /// The member `challenge` of the problem that logging in was answered with.
    pub challenge: String,
    /// Six digits, or a recovery code.
    #[schema(value_type = String)]
    pub code: Code,
}

/// Logs in, as the second step, with a code.
#[utoipa::path(post, path = "/v1/sessions/second-factor", tag = "sessions", request_body = Met,
    responses((status = 201, body = TokenReply), (status = 429, description = "Too many bad codes; see Retry-After.")))]
pub async fn meet(request: HttpRequest, identity: Shared, body: Json<Met>) -> Result<HttpResponse, Problem> {
    let (Met { challenge, code }, from) = (body.0, Network::of(&request));
    let challenge = Token::presented(&challenge).ok_or_else(over)?;
    let Some(account_id) = identity.vault.challenged(&challenge).await? else {
        identity.throttle.stranger("challenge", &from).await?;
        return Err(over());
    };
    let account = identity.account(account_id)?.ok_or_else(over)?;
    if account.deactivated {
        return Err(deactivated());
    }
    if !identity.takes_code(account_id, account.user_name.as_str(), &code, &from).await? {
        return Err(refused("the code is not good, or was used before"));
    }
    if !identity.vault.challenge_met(&challenge).await? {
        return Err(over());
    }
    identity.begin_session(&request, account_id, &account).await
}

impl Identity {
    /// What a caller is answered that showed the password of an account with a second factor.
    ///
    /// # Errors
    /// Always: this is it, or 503.
    pub(super) async fn challenge(&self, account_id: Uuid) -> Result<HttpResponse, Problem> {
        let challenge = self.vault.challenge(account_id).await?;
        let detail = "the password is right; show a code, too, within five minutes: POST /v1/sessions/second-factor";
        let problem = Problem::new(&Kind::SECOND_FACTOR_REQUIRED, detail);
        let problem = problem.with("challenge", challenge.expose()).with("expires_in", CHALLENGE_SECONDS);
        Err(problem.header(WWW_AUTHENTICATE.as_str(), "Bearer").header(CACHE_CONTROL.as_str(), "no-store"))
    }
}

fn over() -> Problem {
    refused("the challenge is not good, or not any more; log in again")
}

fn refused(detail: &str) -> Problem {
    Problem::new(&Kind::INVALID_CREDENTIALS, detail).header(WWW_AUTHENTICATE.as_str(), "Bearer")
}
