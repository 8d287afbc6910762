//! Who asks. What log-in answers here is the token of a lasting session, for the interface knows of no refreshing; it
//! is shown to identity for an access token, which is kept for a few minutes. Services judge that, as they judge any.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use moka::sync::Cache;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::failed::Failed;
use super::native::Native;
use crate::interface::Services;
use crate::seen::Seen;

/// An access token is good for ten minutes; so long it is used.
const KEPT: Duration = Duration::from_secs(240);
/// Tokens that are remembered; each costs about a kilobyte.
const REMEMBERED: u64 = 20_000;
/// So long a token that was not good is not shown again.
const REFUSED: Duration = Duration::from_secs(20);
/// How long identity is left alone before it is asked again.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(500), Duration::from_millis(1_000)];
/// What clients send for a token where they have none.
const NOTHING: [&str; 3] = ["", "null", "undefined"];

/// What a client may do.
#[derive(Clone, Debug)]
pub(super) struct Access {
    /// What it sent.
    pub(super) presented: Arc<str>,
    /// What services are sent.
    pub(super) token: Arc<str>,
    /// Whose it is, as the token says.
    pub(super) account_id: Arc<str>,
}

/// Access tokens of sessions.
#[derive(Debug)]
pub(super) struct Sessions {
    good: Cache<[u8; 32], Access>,
    bad: Cache<[u8; 32], ()>,
}

/// What of a token is looked at here.
#[derive(Deserialize)]
struct Head {
    typ: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: Uuid,
    /// What makes the token of a session good: all else of it can be anything.
    jti: Option<String>,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self {
            good: Cache::builder().max_capacity(REMEMBERED).time_to_live(KEPT).build(),
            bad: Cache::builder().max_capacity(REMEMBERED).time_to_live(REFUSED).build(),
        }
    }

    /// What the client's token allows; nothing where it sent none.
    ///
    /// # Errors
    /// The token is not good, or identity does not say.
    pub(super) async fn access(
        &self,
        services: &dyn Services,
        seen: &Seen,
        headers: &HeaderMap,
    ) -> Result<Option<Access>, Failed> {
        let Some(presented) = presented(headers) else { return Ok(None) };
        let Some(Head { typ }) = part(presented, 0) else { return Err(Failed::bad_token()) };
        let Some(Claims { sub, .. }) = part(presented, 1) else { return Err(Failed::bad_token()) };
        if typ.as_deref() != Some("session+jwt") {
            let (presented, account_id): (Arc<str>, Arc<str>) = (presented.into(), sub.to_string().into());
            return Ok(Some(Access { token: presented.clone(), presented, account_id }));
        }
        let digest = digest(presented).ok_or_else(Failed::bad_token)?;
        if let Some(access) = self.good.get(&digest) {
            return Ok(Some(access));
        }
        if self.bad.contains_key(&digest) {
            return Err(Failed::bad_token());
        }
        let native = exchanged(services, seen, presented).await?;
        if native.status == StatusCode::UNAUTHORIZED {
            self.bad.insert(digest, ());
        }
        let reply = native.ok("token")?;
        let text = |name: &str| reply[name].as_str().map(Arc::<str>::from).ok_or_else(Failed::bad_token);
        let (token, account_id) = (text("access_token")?, text("account_id")?);
        let access = Access { presented: presented.into(), token, account_id };
        self.good.insert(digest, access.clone());
        Ok(Some(access))
    }

    /// What a token allows that was shown to identity lately.
    pub(super) fn known(&self, headers: &HeaderMap) -> Option<Access> {
        self.good.get(&digest(presented(headers)?)?)
    }

    /// A service has refused the access token: the session may have ended.
    pub(super) fn forget(&self, headers: &HeaderMap) {
        if let Some(digest) = presented(headers).and_then(digest) {
            self.good.invalidate(&digest);
        }
    }
}

/// What identity answers; where an instance of it dies, or has not read of the account yet, another is asked.
async fn exchanged(services: &dyn Services, seen: &Seen, token: &str) -> Result<Native, Failed> {
    let mut pauses = PAUSES.into_iter();
    loop {
        let mut request = Request::new(Bytes::from(json!({"session_token": token}).to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = http::Uri::from_static("/v1/sessions/access");
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let outcome = services.ask(seen, request).await.map(Native::of).map_err(Failed::from);
        let status = outcome.as_ref().map_or_else(|failed| failed.status, |native| native.status);
        let pause = pauses.next().filter(|_| status == StatusCode::SERVICE_UNAVAILABLE);
        let Some(pause) = pause else { return outcome };
        tokio::time::sleep(pause).await;
    }
}

/// The token of a request: `Token <jwt>`, or `Bearer <jwt>`.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim();
    let is_known = ["token", "bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (is_known && !NOTHING.contains(&token)).then_some(token)
}

fn part<T: for<'a> Deserialize<'a>>(token: &str, number: usize) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(number)?).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    T::deserialize(value).ok()
}

/// What the token of a session is known by.
fn digest(token: &str) -> Option<[u8; 32]> {
    let Claims { jti, .. } = part(token, 1)?;
    Some(Sha256::digest(jti?).into())
}

#[cfg(test)]
mod tests;
