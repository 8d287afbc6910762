//! THE STORED FORMAT of reviews; see `posts/event.rs`.

use serde::{Deserialize, Serialize};

use crate::values::Summary;

crate::events! {
    /// What can have happened in the review of a post.
    enum ReviewEvent in "inklog.posts" {
        /// It waits for an editor.
        SubmittedForReview(SubmittedForReview),
        /// An editor approved it.
        Approved(Approved),
        /// An editor wants it changed first.
        ChangesRequested(ChangesRequested),
        /// It does not wait any more, or is not approved any more: its authors took it back.
        ReviewWithdrawn(ReviewWithdrawn),
    }
}

/// A post, or its working copy, waits for an editor: the post until it is published, the copy until the next edit of
/// the post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmittedForReview {
    /// The SHA-256, in hexadecimal, of the working copy that is meant; null: the post as it is.
    pub copy_sha256: Option<String>,
}

/// An editor approved a post, or its working copy: who is the actor. The next edit of the post takes it back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The SHA-256, in hexadecimal, of the working copy that is meant; null: the post as it is.
    pub copy_sha256: Option<String>,
}

/// An editor wants a post changed first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangesRequested {
    /// What the editor says.
    pub note: Summary,
}

/// What was submitted, or approved, is not any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewWithdrawn {}
