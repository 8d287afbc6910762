use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Actor, Digest, Role};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, get_current_timestamp};
use moka::sync::Cache;
use serde::Deserialize;
use uuid::Uuid;

use crate::config::PublicKey;

/// Clocks may differ by so much.
const LEEWAY_SECONDS: u64 = 5;
/// A longer token is not ours.
const LONGEST: usize = 8 * 1024;
/// Tokens remembered; each costs about 200 bytes.
const REMEMBERED: u64 = 20_000;

/// Why a token was not believed. What it says is for the client: it gives away nothing that the client did not send.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is none.
    #[error("no access token was sent: use Authorization: Bearer <token>")]
    Missing,
    /// Another scheme than Bearer.
    #[error("the Authorization header is not of the form: Bearer <token>")]
    Scheme,
    /// It is no JWT.
    #[error("the token is malformed")]
    Malformed,
    /// It is a JWT, but no access token.
    #[error("the token is no access token: its typ must be at+jwt")]
    Kind,
    /// Signed in another way than Ed25519, or not at all.
    #[error("the token's algorithm is not accepted: it must be EdDSA")]
    Algorithm,
    /// Not signed by our key.
    #[error("the token's signature is wrong")]
    Signature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    Early,
    /// Somebody else's.
    #[error("the token is from another issuer")]
    Issuer,
    /// For somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// A claim is missing or wrong.
    #[error("the token's claim {0} is missing or wrong")]
    Claim(String),
}

/// Verifies access tokens, and remembers those it found good until they expire: checking a signature takes longer
/// than deciding most commands.
#[derive(Clone, Debug)]
pub struct TokenVerifier {
    key: DecodingKey,
    validation: Validation,
    good: Cache<Digest, (Actor, u64)>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

/// Optional, so that it is the validation which names a missing one.
#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    exp: Option<u64>,
    #[serde(default)]
    roles: Vec<String>,
}

impl TokenVerifier {
    /// A verifier of tokens that `issuer` signed with the key's other half for `audience`.
    #[must_use]
    pub fn new(key: &PublicKey, issuer: &str, audience: &str) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        let good = Cache::builder().max_capacity(REMEMBERED).time_to_live(Duration::from_secs(900)).build();
        Self { key: key.0.clone(), validation, good }
    }

    /// The same from the text of a PEM file.
    ///
    /// # Errors
    /// The text holds no Ed25519 public key.
    pub fn from_pem(public_key_pem: &str, issuer: &str, audience: &str) -> Result<Self, String> {
        PublicKey::from_pem(public_key_pem).map(|key| Self::new(&key, issuer, audience))
    }

    /// The actor that a token names.
    ///
    /// # Errors
    /// Why the token is not believed.
    pub fn verify(&self, token: &str) -> Result<Actor, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::Malformed);
        }
        let digest = Digest::of(token);
        if let Some((actor, expires)) = self.good.get(&digest) {
            // The same rule as for a token seen the first time: good to the end of its leeway and not beyond.
            return if get_current_timestamp() <= expires + LEEWAY_SECONDS { Ok(actor) } else { Err(Refused::Expired) };
        }
        check_header(token)?;
        let claims = decode::<Claims>(token, &self.key, &self.validation).map_err(|e| refused(e.kind()))?.claims;
        let expires = claims.exp.ok_or_else(|| Refused::Claim("exp".into()))?;
        let id = claims.sub.and_then(|sub| sub.parse::<Uuid>().ok()).ok_or_else(|| Refused::Claim("sub".into()))?;
        // A role that this version does not know grants nothing.
        let roles = claims.roles.iter().filter_map(|role| role_called(role)).collect();
        let actor = Actor { id, roles };
        self.good.insert(digest, (actor.clone(), expires));
        Ok(actor)
    }
}

fn check_header(token: &str) -> Result<(), Refused> {
    let (encoded, _) = token.split_once('.').ok_or(Refused::Malformed)?;
    let json = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Refused::Malformed)?;
    let header: Header = serde_json::from_slice(&json).map_err(|_| Refused::Malformed)?;
    if header.alg != "EdDSA" {
        return Err(Refused::Algorithm);
    }
    // An extension that must be understood, and is not.
    if header.crit.is_some() {
        return Err(Refused::Malformed);
    }
    let kind = header.typ.unwrap_or_default().to_ascii_lowercase();
    if matches!(kind.as_str(), "at+jwt" | "application/at+jwt") { Ok(()) } else { Err(Refused::Kind) }
}

fn refused(kind: &ErrorKind) -> Refused {
    match kind {
        ErrorKind::InvalidSignature => Refused::Signature,
        ErrorKind::InvalidAlgorithm => Refused::Algorithm,
        ErrorKind::ExpiredSignature => Refused::Expired,
        ErrorKind::ImmatureSignature => Refused::Early,
        ErrorKind::InvalidIssuer => Refused::Issuer,
        ErrorKind::InvalidAudience => Refused::Audience,
        ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => Refused::Claim(claim.clone()),
        _ => Refused::Malformed,
    }
}

fn role_called(name: &str) -> Option<Role> {
    serde_json::from_value(serde_json::Value::from(name)).ok()
}
