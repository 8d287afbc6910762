//! THE STORED FORMAT of the archive; see `posts/event.rs`.

use serde::{Deserialize, Serialize};

crate::events! {
    /// What can have happened to a post and the archive.
    enum ArchiveEvent in "inklog.posts" {
        /// It is in the archive: to be read at its address, and in no list but the archive's.
        Archived(Archived),
        /// It is among the others again.
        Unarchived(Unarchived),
    }
}

/// A published post is in the archive: it is read at its address, and is in no list but the archive's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {}

/// A post was taken out of the archive: it is in the lists again, where it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unarchived {}
