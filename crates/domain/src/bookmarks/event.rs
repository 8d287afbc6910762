//! THE STORED FORMAT of the context `bookmarks`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/bookmarks/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

crate::events! {
    /// What can have happened to a bookmark.
    enum Event in "inklog.bookmarks" {
        /// The account keeps the post.
        Added(Added),
        /// It does not any more.
        Removed(Removed),
    }
}

/// The account keeps the post. The ids are those in the aggregate's id, so that no reader has to take it apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    /// The account whose bookmark it is.
    pub account_id: Uuid,
    /// The post that it keeps.
    pub post_id: Uuid,
}

/// The account does not keep the post any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    /// See [`Added`].
    pub account_id: Uuid,
    /// See [`Added`].
    pub post_id: Uuid,
}
