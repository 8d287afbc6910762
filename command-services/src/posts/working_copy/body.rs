use serde::{Deserialize, Serialize};
use service_kit::times::Rfc3339;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::posts::EditPost;

/// What to keep as the working copy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedCopy {
    /// The version of the post that the change was made to, or was looked at beside. A copy that is new needs it; else
    /// that of the copy that is there is meant where it is missing.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub base_version: Option<u64>,
    /// The whole change: it takes the place of the one that was saved before.
    pub change: EditPost,
}

/// A working copy.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WorkingCopy {
    /// The post.
    pub(super) post_id: Uuid,
    /// The copy's version: what `If-Match` takes.
    pub(super) version: u64,
    /// The version of the post that the change was made to.
    pub(super) base_version: u64,
    /// The post's present version.
    pub(super) post_version: u64,
    /// Whether the post was edited beside it: then it is not released before it is saved with another `base_version`.
    pub(super) outdated: bool,
    /// The change.
    pub(super) change: EditPost,
    /// Which account saved it last; null once that is forgotten.
    #[schema(required = true)]
    pub(super) saved_by: Option<Uuid>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub(super) saved_at: Rfc3339,
}

/// A working copy after it was saved or discarded.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CopyReply {
    /// The post.
    pub(super) post_id: Uuid,
    /// The copy's version: what `If-Match` takes; of one that was discarded, what it was.
    pub(super) version: u64,
    /// The version of the post that the change was made to.
    pub(super) base_version: u64,
    /// Whether anything changed.
    pub(super) changed: bool,
}
