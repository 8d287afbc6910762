use domain::Timestamp;
use domain::views::{Post, Posts};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Post as "posts" {
        key { post_id: Uuid }
        author_id: Uuid,
        co_author_ids: Vec<Uuid>,
        slug: String,
        title: String,
        summary: String,
        body: String,
        tags: Vec<String>,
        published: bool,
        deleted: bool,
        published_at: Option<Timestamp>,
        published_here_at: Option<Timestamp>,
        originally_published_at: Option<Timestamp>,
        drafted_at: Timestamp,
        updated_at: Timestamp,
        release_at: Option<Timestamp>,
        release_local_time: Option<String>,
        release_time_zone: Option<String>,
        expires_at: Option<Timestamp>,
        expiry_local_time: Option<String>,
        expiry_time_zone: Option<String>,
        version: u64,
    }
}

impl Stored for Posts {
    const ABOUT: &'static str = "Every post";
    // For their bodies.
    const IS_LARGE: bool = true;
}
