use domain::views::{TagName, TagNames};

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    TagName as "tag_names" {
        key { name: String }
        tag: String,
        description: String,
        version: u64,
    }
}

impl Stored for TagNames {
    const ABOUT: &'static str = "What is said of tags, and which names stand for which";
}
