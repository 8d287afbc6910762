use serde::Deserialize;
use uuid::Uuid;

/// What a projector says after a commit.
#[derive(Debug, Deserialize)]
pub(super) struct Announcement {
    pub(super) projector: String,
    pub(super) positions: Vec<Announced>,
}

/// The position that one partition has reached.
#[derive(Debug, Deserialize)]
pub(super) struct Announced {
    pub(super) context: String,
    pub(super) partition: i32,
    pub(super) next_offset: i64,
    pub(super) log_id: Option<Uuid>,
}
