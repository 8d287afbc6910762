//! Key files are read while the arguments are parsed, so that a bad one is a bad argument and is named like one.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{DecodingKey, EncodingKey};

use super::jwks::Jwk;

/// An Ed25519 public key, given as the path of its PEM file.
#[derive(Clone)]
pub struct PublicKey(pub(super) Jwk);

/// An Ed25519 private key, given as the path of its PEM file.
#[derive(Clone)]
pub struct PrivateKey {
    pub(super) key: EncodingKey,
    /// The public half.
    pub(super) public: Jwk,
}

impl PublicKey {
    /// Reads a key from the text of a PEM file.
    ///
    /// # Errors
    /// The text is none.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let wrong = || "does not hold an Ed25519 public key in PEM".to_owned();
        DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| wrong())?;
        let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let der = STANDARD.decode(base64).map_err(|_| wrong())?;
        // RFC 8410: the key itself is at the end.
        let key = der.last_chunk::<32>().ok_or_else(wrong)?;
        Ok(Self(Jwk::of(key)))
    }
}

impl PrivateKey {
    /// Reads a key from the text of a PEM file.
    ///
    /// # Errors
    /// The text is none.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let wrong = || "does not hold an Ed25519 private key in PEM (PKCS #8)".to_owned();
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| wrong())?;
        let public = Jwk::public_half(&key).ok_or_else(wrong)?;
        Ok(Self { key, public })
    }

    /// The public half, as it is published.
    #[must_use]
    pub fn published(&self) -> Jwk {
        self.public.clone()
    }
}

impl FromStr for PublicKey {
    type Err = String;
    fn from_str(path: &str) -> Result<Self, String> {
        Self::from_pem(&read(path)?)
    }
}

impl FromStr for PrivateKey {
    type Err = String;
    fn from_str(path: &str) -> Result<Self, String> {
        Self::from_pem(&read(path)?)
    }
}

fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}
