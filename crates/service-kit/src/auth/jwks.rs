//! The keys that tokens are checked against, as they are published (RFC 7517), and kept fresh.

use std::collections::HashMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::AlgorithmParameters;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, get_current_timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;
use utoipa::ToSchema;

use super::TokenVerifier;
use crate::config::PublicKey;

/// A file is looked at so often.
const FILE_EVERY: Duration = Duration::from_secs(2);
/// An address is asked so often.
const URL_EVERY: Duration = Duration::from_secs(60);
/// An address is asked no more often than this, whatever key ids tokens make up.
const URL_AT_MOST_EVERY: Duration = Duration::from_secs(5);
/// How long an address may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);
/// A longer answer is not ours.
const LARGEST_BYTES: usize = 64 * 1024;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key, in base64url.
    pub x: String,
    /// Its id: its thumbprint (RFC 7638).
    pub kid: String,
    /// `EdDSA`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub purpose: String,
    /// When it begins to sign, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<u64>,
    /// When nothing that it signed is good any more, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<u64>,
}

/// A set of public keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl Jwk {
    /// The key of these 32 bytes.
    #[must_use]
    pub fn of(key: &[u8; 32]) -> Self {
        Self::of_encoded(URL_SAFE_NO_PAD.encode(key))
    }

    fn of_encoded(x: String) -> Self {
        // RFC 7638: the required members, in order, without spaces.
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical));
        let text = str::to_owned;
        Self {
            kty: text("OKP"),
            crv: text("Ed25519"),
            x,
            kid,
            alg: text("EdDSA"),
            purpose: text("sig"),
            nbf: None,
            exp: None,
        }
    }

    /// The public half of a private key.
    pub(crate) fn public_half(key: &EncodingKey) -> Option<Self> {
        let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(key, Algorithm::EdDSA).ok()?;
        match jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(pair) => Some(Self::of_encoded(pair.x)),
            _ => None,
        }
    }

    fn decoding(&self) -> Option<DecodingKey> {
        let ours = self.kty == "OKP" && self.crv == "Ed25519" && self.purpose == "sig";
        DecodingKey::from_ed_components(&self.x).ok().filter(|_| ours)
    }
}

/// The keys that a verifier believes. Clones share them.
#[derive(Clone)]
pub struct KeySet(Arc<Inner>);

struct Inner {
    /// The key that is configured, for tokens that name none.
    fixed: Option<(String, DecodingKey)>,
    published: RwLock<HashMap<String, (DecodingKey, Option<u64>)>>,
    /// A token names a key that is not here.
    missed: Notify,
}

impl KeySet {
    /// With one key for good, or none yet.
    #[must_use]
    pub fn new(fixed: Option<PublicKey>) -> Self {
        let fixed = fixed.and_then(|PublicKey(jwk)| jwk.decoding().map(|key| (jwk.kid, key)));
        Self(Arc::new(Inner { fixed, published: RwLock::default(), missed: Notify::new() }))
    }

    /// The key of this id; without an id, the one that is configured.
    pub(crate) fn find(&self, kid: Option<&str>) -> Option<DecodingKey> {
        let fixed = self.0.fixed.as_ref().filter(|(id, _)| kid.is_none_or(|kid| kid == id));
        if let Some((_, key)) = fixed {
            return Some(key.clone());
        }
        let published = self.0.published.read().unwrap_or_else(PoisonError::into_inner);
        let key = published.get(kid?).filter(|(_, exp)| exp.is_none_or(|exp| exp > get_current_timestamp()));
        if key.is_none() {
            self.0.missed.notify_one();
        }
        key.map(|(key, _)| key.clone())
    }

    /// Whether a key went that was there.
    pub(crate) fn replace(&self, jwks: &Jwks) -> bool {
        let fresh: HashMap<_, _> =
            jwks.keys.iter().filter_map(|key| Some((key.kid.clone(), (key.decoding()?, key.exp)))).collect();
        let mut published = self.0.published.write().unwrap_or_else(PoisonError::into_inner);
        let withdrawn = published.keys().any(|kid| !fresh.contains_key(kid));
        *published = fresh;
        withdrawn
    }

    pub(crate) fn count(&self) -> usize {
        self.0.published.read().unwrap_or_else(PoisonError::into_inner).len() + usize::from(self.0.fixed.is_some())
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeySet({} keys)", self.count())
    }
}

/// Where the keys are published.
#[derive(Clone, Debug)]
pub enum JwksSource {
    /// In a file.
    File(PathBuf),
    /// At an address.
    Url(String),
}

impl FromStr for JwksSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("http://") || text.starts_with("https://") {
            return Ok(Self::Url(text.to_owned()));
        }
        // A file that cannot be read is a bad argument, and named like one.
        read(text.as_ref()).map_err(|error| format!("{error:#}"))?;
        Ok(Self::File(text.into()))
    }
}

impl JwksSource {
    /// Reads the keys, and keeps reading them for as long as the verifier is used.
    pub(crate) fn keep_fresh(&self, verifier: TokenVerifier) {
        if let Self::File(path) = self
            && let Ok(jwks) = read(path)
        {
            verifier.publish(&jwks);
        }
        let source = self.clone();
        tokio::spawn(async move {
            let keys = verifier.keys();
            let mut last = None;
            loop {
                match source.fetch().await {
                    Ok(jwks) if last.as_ref() != Some(&jwks) => {
                        verifier.publish(&jwks);
                        tracing::info!(keys = jwks.keys.len(), "token keys were read");
                        last = Some(jwks);
                    }
                    Ok(_) => {}
                    // What was read before stays good.
                    Err(error) => tracing::warn!(error = format!("{error:#}"), "token keys could not be read"),
                }
                source.rest(&keys).await;
            }
        });
    }

    async fn rest(&self, keys: &KeySet) {
        match self {
            Self::File(_) => tokio::time::sleep(FILE_EVERY).await,
            Self::Url(_) => {
                tokio::time::sleep(URL_AT_MOST_EVERY).await;
                let _ = tokio::time::timeout(URL_EVERY - URL_AT_MOST_EVERY, keys.0.missed.notified()).await;
            }
        }
    }

    async fn fetch(&self) -> anyhow::Result<Jwks> {
        match self {
            Self::File(path) => read(path),
            Self::Url(url) => {
                let http = reqwest::Client::builder().timeout(DEADLINE).no_proxy().build()?;
                let response = http.get(url).send().await?.error_for_status()?;
                anyhow::ensure!(
                    response.content_length().unwrap_or_default() <= LARGEST_BYTES as u64,
                    "the answer is too long"
                );
                let bytes = response.bytes().await?;
                serde_json::from_slice(&bytes).context("the answer is no JWKS")
            }
        }
    }
}

fn read(path: &std::path::Path) -> anyhow::Result<Jwks> {
    let text = std::fs::read(path).context("cannot be read")?;
    serde_json::from_slice(&text).context("is no JWKS")
}
