//! The keys that tokens are checked against.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::{DecodingKey, get_current_timestamp};
use tokio::sync::Notify;

use super::jwks::Jwks;
use super::pem::PublicKey;

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
    pub(super) fn find(&self, kid: Option<&str>) -> Option<DecodingKey> {
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
    pub(super) fn replace(&self, jwks: &Jwks) -> bool {
        let fresh: HashMap<_, _> =
            jwks.keys.iter().filter_map(|key| Some((key.kid.clone(), (key.decoding()?, key.exp)))).collect();
        let mut published = self.0.published.write().unwrap_or_else(PoisonError::into_inner);
        let withdrawn = published.keys().any(|kid| !fresh.contains_key(kid));
        *published = fresh;
        withdrawn
    }

    /// Waits until a token names a key that is not here.
    pub(super) async fn missed(&self) {
        self.0.missed.notified().await;
    }

    /// How many keys there are.
    pub(super) fn count(&self) -> usize {
        self.0.published.read().unwrap_or_else(PoisonError::into_inner).len() + usize::from(self.0.fixed.is_some())
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeySet({} keys)", self.count())
    }
}
