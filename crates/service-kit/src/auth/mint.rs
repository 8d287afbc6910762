use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clap::Args;
use domain::Role;
use jsonwebtoken::{Algorithm, Header, encode, get_current_timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::names::TokenNames;
use super::pem::PrivateKey;
use crate::config::duration;

/// The command line of `token mint`: a token for development, without an account that logs in.
#[derive(Args, Clone, Debug)]
pub struct MintArgs {
    /// Whose token it is: an account's id; a new one where none is given.
    #[arg(long, value_name = "UUID")]
    pub subject: Option<Uuid>,
    /// What the token allows beyond one's own: reader, author, moderator, editor or admin; may be repeated.
    #[arg(long = "role", value_name = "ROLE", value_parser = role, default_value = "author")]
    pub roles: Vec<Role>,
    /// How long it is good: 30s, 10m, 1h, 7d.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    pub ttl: Duration,
    /// PEM file with the Ed25519 private key (PKCS #8) that signs it.
    #[arg(long, env = "INKLOG_TOKEN_PRIVATE_KEY_FILE", value_name = "FILE")]
    pub token_private_key_file: PrivateKey,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub names: TokenNames,
}

impl MintArgs {
    /// The token that the arguments describe.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn mint(&self) -> anyhow::Result<String> {
        let subject = self.subject.unwrap_or_else(Uuid::new_v4);
        let roles = self.roles.iter().copied().collect();
        mint(&self.token_private_key_file, subject, &roles, self.ttl, &self.names)
    }
}

fn role(name: &str) -> Result<Role, String> {
    Role::named(name).ok_or_else(|| "is not reader, author, moderator, editor or admin".into())
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: Uuid,
    iat: u64,
    exp: u64,
    jti: Uuid,
    roles: &'a BTreeSet<Role>,
}

/// Signs an access token.
///
/// # Errors
/// The key cannot sign.
pub fn mint(
    key: &PrivateKey,
    subject: Uuid,
    roles: &BTreeSet<Role>,
    ttl: Duration,
    names: &TokenNames,
) -> anyhow::Result<String> {
    let now = get_current_timestamp();
    let claims = Claims {
        iss: &names.token_issuer,
        aud: &names.token_audience,
        sub: subject,
        iat: now,
        exp: now + ttl.as_secs(),
        jti: Uuid::new_v4(),
        roles,
    };
    let kid = Some(key.public.kid.clone());
    let header = Header { typ: Some("at+jwt".into()), kid, ..Header::new(Algorithm::EdDSA) };
    encode(&header, &claims, &key.key).context("signing the token")
}

/// A new pair of Ed25519 keys, as PEM texts: for development and tests.
pub struct KeyPair {
    /// PKCS #8.
    pub private_pem: String,
    /// `SubjectPublicKeyInfo`.
    pub public_pem: String,
}

impl KeyPair {
    /// Draws a pair.
    ///
    /// # Errors
    /// The public half cannot be computed: never, with a crypto provider built in.
    pub fn generate() -> anyhow::Result<Self> {
        // What RFC 8410 puts before the 32 bytes of each key.
        const PRIVATE: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
        const PUBLIC: [u8; 12] = *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
        let mut der = PRIVATE.to_vec();
        der.extend(rand::random::<[u8; 32]>());
        let private_pem = pem("PRIVATE KEY", &der);
        let private = PrivateKey::from_pem(&private_pem).map_err(anyhow::Error::msg)?;
        let mut der = PUBLIC.to_vec();
        der.extend(URL_SAFE_NO_PAD.decode(&private.public.x).context("reading the public key")?);
        Ok(Self { private_pem, public_pem: pem("PUBLIC KEY", &der) })
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}
