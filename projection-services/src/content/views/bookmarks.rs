use domain::Timestamp;
use domain::views::{Bookmark, Bookmarks};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Bookmark as "bookmarks" {
        key { account_id: Uuid, post_id: Uuid }
        active: bool,
        since: Timestamp,
        version: u64,
    }
}

impl Stored for Bookmarks {
    const ABOUT: &'static str = "Which posts an account keeps for later";
}
