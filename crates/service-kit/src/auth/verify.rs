use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Actor, Digest, Role};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, get_current_timestamp};
use moka::sync::Cache;
use serde::Deserialize;
use uuid::Uuid;

use super::jwks::Jwks;
use super::key_set::KeySet;
use super::names::TokenNames;
use super::pem::PublicKey;

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
    /// Signed with a key that is not, or no longer, one of ours.
    #[error("the token's key is not known")]
    Key,
    /// Its session was ended.
    #[error("the session has ended; log in again")]
    SessionEnded,
    /// Not signed by our key.
    #[error("the token's signature is wrong")]
    Signature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    Early,
    /// Of another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// For another audience.
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
    keys: KeySet,
    validation: Validation,
    good: Cache<Digest, (Verified, u64)>,
}

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Who asks.
    pub actor: Actor,
    /// The session that the token belongs to; none for one that was minted by hand.
    pub session: Option<Uuid>,
    /// Whether the account's address was confirmed when the token was made.
    pub confirmed: bool,
}

impl Verified {
    /// Whether the token has the role of this name, or one that includes it; no token has a role that there is not.
    #[must_use]
    pub fn is_at_least(&self, role: &str) -> bool {
        Role::named(role).is_some_and(|role| self.actor.is_at_least(role))
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// Optional, so that it is the validation which names a missing one.
#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    exp: Option<u64>,
    sid: Option<Uuid>,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    roles: Vec<String>,
}

impl TokenVerifier {
    /// A verifier of tokens that `issuer` signed with the other half of one of the keys for `audience`.
    #[must_use]
    pub fn new(keys: KeySet, names: &TokenNames) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&names.token_issuer]);
        validation.set_audience(&[&names.token_audience]);
        let good = Cache::builder().max_capacity(REMEMBERED).time_to_live(Duration::from_secs(900)).build();
        Self { keys, validation, good }
    }

    /// A verifier with one key, from the text of a PEM file.
    ///
    /// # Errors
    /// The text holds no Ed25519 public key.
    pub fn from_pem(public_key_pem: &str, issuer: &str, audience: &str) -> Result<Self, String> {
        let names = TokenNames { token_issuer: issuer.to_owned(), token_audience: audience.to_owned() };
        PublicKey::from_pem(public_key_pem).map(|key| Self::new(KeySet::new(Some(key)), &names))
    }

    /// Takes these published keys instead of those taken before. What was signed with one that was withdrawn is not
    /// believed any more, remembered or not.
    pub fn publish(&self, jwks: &Jwks) {
        if self.keys.replace(jwks) {
            self.good.invalidate_all();
        }
    }

    pub(super) fn keys(&self) -> KeySet {
        self.keys.clone()
    }

    /// Whether there is any key to verify with.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.keys.count() > 0
    }

    /// What a token says that was found good before and is good yet. It costs no look at a signature.
    #[must_use]
    pub fn remembered(&self, token: &str) -> Option<Verified> {
        let (verified, expires) = self.good.get(&Digest::of(token)).filter(|_| token.len() <= LONGEST)?;
        (get_current_timestamp() <= expires + LEEWAY_SECONDS).then_some(verified)
    }

    /// What a token says.
    ///
    /// # Errors
    /// Why the token is not believed.
    pub fn verify(&self, token: &str) -> Result<Verified, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::Malformed);
        }
        let digest = Digest::of(token);
        let known = self.good.get(&digest);
        let outcome = if known.is_some() { "hit" } else { "miss" };
        measures::http::CACHE.with(["tokens", outcome]).increment(1);
        if let Some((verified, expires)) = known {
            // The same rule as for a token seen the first time: good to the end of its leeway and not beyond.
            return if get_current_timestamp() <= expires + LEEWAY_SECONDS {
                Ok(verified)
            } else {
                Err(Refused::Expired)
            };
        }
        let key = self.keys.find(check_header(token)?.as_deref()).ok_or(Refused::Key)?;
        let claims = decode::<Claims>(token, &key, &self.validation).map_err(|e| refused(e.kind()))?.claims;
        let expires = claims.exp.ok_or_else(|| Refused::Claim("exp".into()))?;
        let id = claims.sub.and_then(|sub| sub.parse::<Uuid>().ok()).ok_or_else(|| Refused::Claim("sub".into()))?;
        // A role that this version does not know grants nothing.
        let roles = claims.roles.iter().filter_map(|role| Role::named(role)).collect();
        let verified = Verified { actor: Actor { id, roles }, session: claims.sid, confirmed: claims.email_verified };
        self.good.insert(digest, (verified.clone(), expires));
        Ok(verified)
    }
}

/// The id of the key that a token says it is signed with.
fn check_header(token: &str) -> Result<Option<String>, Refused> {
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
    if matches!(kind.as_str(), "at+jwt" | "application/at+jwt") { Ok(header.kid) } else { Err(Refused::Kind) }
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
