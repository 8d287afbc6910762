use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::get_current_timestamp;
use uuid::Uuid;

/// Sessions that were ended while tokens of theirs may still be good. Clones share them.
///
/// It is as large as the number of sessions that ended within the life of a token: a session that no longer needs to be
/// remembered is forgotten.
#[derive(Clone, Debug, Default)]
pub struct RevokedSessions {
    /// Until when each is to be remembered, in seconds since 1970.
    until: Arc<RwLock<HashMap<Uuid, u64>>>,
}

impl RevokedSessions {
    /// Whether the session has ended.
    #[must_use]
    pub fn contains(&self, session: Uuid) -> bool {
        self.until.read().unwrap_or_else(PoisonError::into_inner).contains_key(&session)
    }

    /// Remembers sessions whose last tokens expire at these times, in seconds since 1970; forgets those whose last
    /// token has expired.
    pub fn extend(&self, ended: impl IntoIterator<Item = (Uuid, u64)>) {
        let now = get_current_timestamp();
        let mut until = self.until.write().unwrap_or_else(PoisonError::into_inner);
        until.retain(|_, until| *until >= now);
        until.extend(ended);
    }
}
