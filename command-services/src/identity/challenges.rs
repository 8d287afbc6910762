//! The second step of a log-in: `POST /v1/sessions` answers the owner of a second factor with a challenge, and here it
//! is met. A challenge is good for five minutes, for one account, once.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use service_kit::{Access, Json, Problem, Route, routes};
use utoipa::ToSchema;

use super::Shared;
use super::code::Code;
use super::entry::{self, TokenReply, deactivated, over, refused};
use super::secret::Token;
use super::throttling::Network;
use super::vault::lock::changed_meanwhile;
use super::vault::log_ins::Shown;

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
    #[schema(value_type = Token)]
    pub challenge: String,
    /// Six digits, or a recovery code.
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
    for _ in 0..entry::LOOKS {
        if let Some(entered) = identity.enter(&request, account_id, Shown::Code(&challenge), false).await? {
            return Ok(entered);
        }
    }
    Err(changed_meanwhile())
}
