//! Key files are read while the arguments are parsed, so that a bad one is a bad argument and is named like one.

use std::fmt;
use std::str::FromStr;

use jsonwebtoken::{DecodingKey, EncodingKey};

/// An Ed25519 public key, given as the path of its PEM file.
#[derive(Clone)]
pub struct PublicKey(pub(crate) DecodingKey);

/// An Ed25519 private key, given as the path of its PEM file.
#[derive(Clone)]
pub struct PrivateKey(pub(crate) EncodingKey);

impl PublicKey {
    /// Reads a key from the text of a PEM file.
    ///
    /// # Errors
    /// The text is none.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let key = DecodingKey::from_ed_pem(pem.as_bytes());
        key.map(Self).map_err(|_| "does not hold an Ed25519 public key in PEM".to_owned())
    }
}

impl PrivateKey {
    /// Reads a key from the text of a PEM file.
    ///
    /// # Errors
    /// The text is none.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let key = EncodingKey::from_ed_pem(pem.as_bytes());
        key.map(Self).map_err(|_| "does not hold an Ed25519 private key in PEM (PKCS #8)".to_owned())
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
