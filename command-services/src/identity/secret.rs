//! Random secrets that clients get, and the keyed hashes that stand for what must not be written down.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::values::{EmailKey, Limited, Limits};
use hmac::{Hmac, Mac as _};
use service_kit::schemas;
use sha2::{Digest as _, Sha256};

use super::email::Email;

/// 32 random bytes, in base64url: a refresh token, or what is sent by mail. The vault keeps its SHA-256 only; against
/// 256 random bits no slower hash is needed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Draws one.
    #[must_use]
    pub fn draw() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// One that a client sent; none if the text cannot be one.
    #[must_use]
    pub fn presented(text: &str) -> Option<Self> {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        (Self::LIMITS.check(text).is_ok() && text.chars().all(fine)).then(|| Self(text.to_owned()))
    }

    /// The token that follows this one. A client that has this one and the salt can tell it; a reader of the vault has
    /// the salt only.
    #[must_use]
    pub fn successor(&self, salt: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(mac(self.0.as_bytes(), &[b"successor", salt])))
    }

    /// The token that a key makes of something: the same each time, and no other without the key.
    #[must_use]
    pub fn made_with(key: &[u8], of: &[&[u8]]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(mac(key, of)))
    }

    /// What the vault keeps.
    #[must_use]
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }

    /// The token itself, for the one who is to have it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Limited for Token {
    const LIMITS: Limits = Limits::of(43, 43).matching("^[0-9A-Za-z_-]{43}$");
}

service_kit::describe! {
    Token as "Token" = schemas::text(Token::LIMITS);
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// The key of the HMACs that stand for e-mail addresses in the log. It can never change: reservations are keyed by it.
#[derive(Clone)]
pub struct EmailHmacKey(Vec<u8>);

impl FromStr for EmailHmacKey {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
        let text = text.trim();
        if text.len() < 32 { Err("holds fewer than 32 characters".into()) } else { Ok(Self(text.as_bytes().to_vec())) }
    }
}

impl EmailHmacKey {
    /// What stands for an address in the log.
    #[must_use]
    pub fn email(&self, email: &Email) -> EmailKey {
        EmailKey::of_mac(mac(&self.0, &[b"email", email.canonical().as_bytes()]))
    }

    /// What stands for something that is counted, such as the log-ins from an address.
    #[must_use]
    pub fn subject(&self, parts: &[&str]) -> Vec<u8> {
        let parts: Vec<&[u8]> = std::iter::once("attempts").chain(parts.iter().copied()).map(str::as_bytes).collect();
        mac(&self.0, &parts).to_vec()
    }
}

impl fmt::Debug for EmailHmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailHmacKey(***)")
    }
}

/// Each part is preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
