use domain::Timestamp;
use domain::views::{Author, Authors};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Author as "authors" {
        key { account_id: Uuid }
        user_name: String,
        display_name: String,
        bio: String,
        image_url: String,
        former_user_names: Vec<String>,
        registered_at: Timestamp,
        roles: Vec<String>,
        deactivated: bool,
        version: u64,
    }
}

impl Stored for Authors {
    const ABOUT: &'static str = "Everyone who has an account";
}
