//! `POST /v1/sessions/access`: access tokens of a lasting session, for clients that know of no refreshing.

use std::collections::BTreeSet;

use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Role;
use domain::values::{Limited, Limits};
use serde::{Deserialize, Serialize};
use service_kit::auth::{ACCESS_TOKEN_SECONDS, SessionClaims};
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use super::secret::Token;
use super::throttling::Network;
use super::{Shared, unkept};
use crate::freshness::can_deny;

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => access;
    }
}

/// The token of a lasting session, as the OpenAPI document describes it.
#[derive(Clone, Copy, Debug)]
pub enum SessionToken {}

impl Limited for SessionToken {
    const LIMITS: Limits = Limits::of(1, 1024);
}

service_kit::describe! {
    SessionToken as "SessionToken" = schemas::text(SessionToken::LIMITS);
}

/// What a lasting session goes on with.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LastingAccess {
    /// The `session_token` that the log-in was answered with.
    #[schema(value_type = SessionToken)]
    pub session_token: String,
}

/// An access token of a lasting session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessReply {
    /// To be sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// How long the access token is good, in seconds.
    pub expires_in: u64,
    /// The session.
    pub session_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// Its user name.
    pub user_name: String,
    /// What the access token allows.
    #[schema(value_type = Vec<String>)]
    pub roles: BTreeSet<Role>,
}

/// The claim that makes it good. What signed it may be withdrawn long since, so that is not looked at.
#[derive(Deserialize)]
struct Secret {
    jti: String,
}

/// Gets an access token for a lasting session.
#[utoipa::path(post, path = "/v1/sessions/access", operation_id = "get_access", tag = "sessions",
    request_body = LastingAccess,
    responses((status = 200, body = AccessReply),
        (status = 429, description = "Too many bad tokens; see Retry-After.")))]
pub async fn access(
    request: HttpRequest,
    identity: Shared,
    body: Json<LastingAccess>,
) -> Result<HttpResponse, Problem> {
    can_deny(&identity.log)?;
    let session = match secret(&body.0.session_token) {
        Some(token) => identity.vault.lasting_session(&token).await?,
        None => None,
    };
    let Some(session) = session else {
        identity.throttle.stranger("session-token", &Network::of(&request)).await?;
        return Err(over());
    };
    // An instance that has not read of the account says so: another one may have.
    let (version, account) = identity.seen(session.account_id)?.ok_or_else(|| Problem::moving(1))?;
    if !session.is_known_at(version) {
        return Err(Problem::moving(1));
    }
    if account.deactivated {
        return Err(over());
    }
    let (account_id, session_id) = (session.account_id, session.session_id);
    let (roles, _) = identity.token_roles(account_id, &account).await?;
    let confirmed = account.email_verified;
    let claims = SessionClaims { subject: account_id, session: session_id, roles: &roles, confirmed };
    let access_token = identity.signing.sign(claims).map_err(Problem::internal)?;
    let (token_type, expires_in, user_name) = ("Bearer", ACCESS_TOKEN_SECONDS, account.user_name.to_string());
    let reply = AccessReply { access_token, token_type, expires_in, session_id, account_id, user_name, roles };
    Ok(unkept(HttpResponse::Ok().json(reply)))
}

fn secret(token: &str) -> Option<Token> {
    SessionToken::LIMITS.check(token).ok()?;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let Secret { jti } = serde_json::from_slice(&claims).ok()?;
    Token::presented(&jti)
}

fn over() -> Problem {
    let detail = "the session token is not good, or its session has ended; log in again";
    Problem::new(&Kind::INVALID_CREDENTIALS, detail).header(WWW_AUTHENTICATE.as_str(), "Bearer")
}
