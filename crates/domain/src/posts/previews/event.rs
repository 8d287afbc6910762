//! THE STORED FORMAT of preview links; see `posts/event.rs`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

crate::events! {
    /// What can have happened to a preview link.
    enum PreviewEvent in "inklog.posts" {
        /// A link was given.
        PreviewGiven(PreviewGiven),
        /// It is good no more.
        PreviewRevoked(PreviewRevoked),
    }
}

/// A link was given by which a post is read before it is public, without an account; the actor gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewGiven {
    /// Which link.
    pub preview_id: Uuid,
    /// The SHA-256 of the link's token, in hexadecimal: 64 lower-case digits. Nothing leads from it to the token.
    pub token_sha256: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A link is good no more: the actor took it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRevoked {
    /// Which link.
    pub preview_id: Uuid,
}
