//! Who asks: Ed25519 access tokens (RFC 9068, `typ: at+jwt`), checked by every service itself.

mod mint;
mod verify;

pub use mint::{KeyPair, MintArgs, mint};
pub use verify::{Refused, TokenVerifier};

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use domain::Actor;

use crate::Problem;

/// The actor that a request's token names; without a good token the answer is 401. The app holds a
/// `web::Data<TokenVerifier>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated(pub Actor);

/// Like [`Authenticated`], but a request without any token passes as nobody. A bad token is still 401: whoever sends
/// one means to be somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaybeAuthenticated(pub Option<Actor>);

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(actor(request).and_then(|actor| actor.map(Self).ok_or_else(|| refusal(Refused::Missing))))
    }
}

impl FromRequest for MaybeAuthenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(actor(request).map(Self))
    }
}

fn actor(request: &HttpRequest) -> Result<Option<Actor>, Problem> {
    let Some(header) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let token = bearer(header.to_str().unwrap_or_default()).ok_or_else(|| refusal(Refused::Scheme))?;
    let verifier = request
        .app_data::<web::Data<TokenVerifier>>()
        .ok_or_else(|| Problem::internal("no token verifier is registered with this application"))?;
    verifier.verify(token).map(Some).map_err(refusal)
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
        | Refused::Signature
        | Refused::Expired
        | Refused::Early
        | Refused::Issuer
        | Refused::Audience
        | Refused::Claim(_) => problem.header("WWW-Authenticate", r#"Bearer error="invalid_token""#),
    }
}

#[cfg(test)]
mod tests;
