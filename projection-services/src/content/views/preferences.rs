use domain::accounts::Chosen;
use domain::views::{Preferences, Preferred};
use uuid::Uuid;

use crate::content::table::{columns, table};
use crate::content::view::Stored;

table! {
    Preferred as "preferences" {
        key { account_id: Uuid }
        chosen: Chosen,
        version: u64,
    }
}

columns! {
    Chosen {
        locale: Option<String>,
        time_zone: Option<String>,
        theme: Option<String>,
        posts_per_page: Option<i64>,
        email_new_follower: Option<bool>,
        email_comment: Option<bool>,
        email_digest: Option<String>,
        following_list: Option<String>,
        reactions_list: Option<String>,
        comments_list: Option<String>,
    }
}

impl Stored for Preferences {
    const ABOUT: &'static str = "What people prefer";
}
