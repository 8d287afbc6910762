use domain::Timestamp;
use domain::views::{Media, MediaUses, Medium, MediumUse};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Medium as "media" {
        key { item: String }
        account_id: Uuid,
        sha256: String,
        active: bool,
        upload_id: Uuid,
        media_type: String,
        bytes: i64,
        width: Option<i64>,
        height: Option<i64>,
        alt: String,
        renditions: Vec<String>,
        uploaded_at: Timestamp,
        kept_until_at: Timestamp,
        version: u64,
    }
}

table! {
    MediumUse as "media_uses" {
        key { post_id: Uuid }
        sha256s: Vec<String>,
        cover_sha256: Option<String>,
        version: u64,
        custom_sha256s: Vec<String>,
    }
}

impl Stored for Media {
    const ABOUT: &'static str = "The pictures and files that accounts have brought";
}

impl Stored for MediaUses {
    const ABOUT: &'static str = "Which pictures and files a post uses";
}
