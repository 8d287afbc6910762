//! Who asks: Ed25519 access tokens (RFC 9068, `typ: at+jwt`), checked by every service itself.

mod args;
mod ended;
mod jwks;
mod key_set;
mod mint;
mod names;
mod pem;
mod signing;
mod source;
mod verify;

pub use args::TokenArgs;
pub use ended::RevokedSessions;
pub use jwks::{Jwk, Jwks};
pub use key_set::KeySet;
pub use mint::{KeyPair, MintArgs, mint};
pub use names::TokenNames;
pub use pem::{PrivateKey, PublicKey};
pub use signing::{ACCESS_TOKEN_SECONDS, KeyFolder, SessionClaims, SigningKeys};
pub use source::JwksSource;
pub use verify::{Refused, TokenVerifier, Verified};

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use domain::Actor;

use crate::Problem;

/// The actor that a request's token names; without a good token the answer is 401. The app holds a
/// `web::Data<TokenVerifier>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated(pub Actor);

/// Like [`Authenticated`], with the session that the token belongs to.
impl FromRequest for Verified {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(required(request))
    }
}

/// Like [`Authenticated`], but a request without any token passes without an actor. A bad token is still 401: a client
/// that sends one means it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaybeAuthenticated(pub Option<Actor>);

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(required(request).map(|verified| Self(verified.actor)))
    }
}

impl FromRequest for MaybeAuthenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(verified(request).map(|verified| Self(verified.map(|verified| verified.actor))))
    }
}

/// What a request's token says. Where the application holds a `web::Data<RevokedSessions>`, the token of a session that
/// has ended says nothing any more: that is for services that take commands. Readers believe a token until it expires.
///
/// # Errors
/// 401: there is a token, and it is not believed.
pub fn verified(request: &HttpRequest) -> Result<Option<Verified>, Problem> {
    let Some(header) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let token = bearer(header.to_str().unwrap_or_default()).ok_or_else(|| refusal(Refused::Scheme))?;
    let verifier = request
        .app_data::<web::Data<TokenVerifier>>()
        .ok_or_else(|| Problem::internal("no token verifier is registered with this application"))?;
    let verified = verifier.verify(token).map_err(refusal)?;
    let ended = request.app_data::<web::Data<RevokedSessions>>();
    if ended.is_some_and(|ended| verified.session.is_some_and(|session| ended.contains(session))) {
        return Err(refusal(Refused::SessionEnded));
    }
    Ok(Some(verified))
}

/// The same where a token is needed. What a middleware found out before is in the request's extensions, and not found
/// out again.
///
/// # Errors
/// 401: there is no token, or it is not believed.
pub fn required(request: &HttpRequest) -> Result<Verified, Problem> {
    if let Some(verified) = request.extensions().get::<Verified>() {
        return Ok(verified.clone());
    }
    verified(request)?.ok_or_else(|| refusal(Refused::Missing))
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refusal(refused: Refused) -> Problem {
    let problem = Problem::unauthorized(refused.to_string());
    match refused {
        Refused::Missing => problem,
        Refused::Scheme
        | Refused::Malformed
        | Refused::Kind
        | Refused::Algorithm
        | Refused::Key
        | Refused::Signature
        | Refused::SessionEnded
        | Refused::Expired
        | Refused::Early
        | Refused::Issuer
        | Refused::Audience
        | Refused::Claim(_) => problem.header("WWW-Authenticate", r#"Bearer error="invalid_token""#),
    }
}

#[cfg(test)]
mod tests;
