//! Public keys, as they are published (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::AlgorithmParameters;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

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
    pub(super) fn public_half(key: &EncodingKey) -> Option<Self> {
        let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(key, Algorithm::EdDSA).ok()?;
        match jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(pair) => Some(Self::of_encoded(pair.x)),
            _ => None,
        }
    }

    /// What checks its signatures; `None` if it is of another kind than ours.
    pub(super) fn decoding(&self) -> Option<DecodingKey> {
        let ours = self.kty == "OKP" && self.crv == "Ed25519" && self.purpose == "sig";
        DecodingKey::from_ed_components(&self.x).ok().filter(|_| ours)
    }
}
