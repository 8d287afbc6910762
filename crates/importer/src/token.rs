//! Whose token it is. The server verifies it; here its subject is only read.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

#[derive(serde::Deserialize)]
struct Claims {
    sub: Uuid,
}

/// The account that a token speaks for. Errors do not repeat the token.
pub(crate) fn subject(token: &str) -> anyhow::Result<Uuid> {
    let payload = token.trim().split('.').nth(1).context("it is not a JWT")?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok().context("its payload is not base64url")?;
    let claims: Claims =
        serde_json::from_slice(&payload).ok().context("its payload has no `sub` that is an account id")?;
    Ok(claims.sub)
}

#[cfg(test)]
mod tests;
