use domain::Timestamp;
use domain::views::{Preview, Previews};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Preview as "previews" {
        key { post_id: Uuid, preview_id: Uuid }
        token_sha256: String,
        given_by: Uuid,
        given_at: Timestamp,
        expires_at: Timestamp,
        revoked: bool,
        version: u64,
    }
}

impl Stored for Previews {
    const ABOUT: &'static str = "By which links posts are read before they are public";
}
