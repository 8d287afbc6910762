use domain::Timestamp;
use domain::views::{Review, Reviews};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Review as "reviews" {
        key { post_id: Uuid }
        state: String,
        copy_sha256: Option<String>,
        acted_by: Uuid,
        since: Timestamp,
        note: String,
        version: u64,
    }
}

impl Stored for Reviews {
    const ABOUT: &'static str = "How the reviews of posts stand";
}
