use domain::Timestamp;
use domain::views::{Slug, Slugs};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Slug as "slugs" {
        key { slug: String }
        post_id: Uuid,
        since: Timestamp,
    }
}

impl Stored for Slugs {
    const ABOUT: &'static str = "Every slug that a post ever had";
}
