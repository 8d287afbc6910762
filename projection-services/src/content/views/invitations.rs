use domain::Timestamp;
use domain::views::{Invitation, Invitations};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Invitation as "invitations" {
        key { account_id: Uuid, post_id: Uuid }
        invited_by: Uuid,
        open: bool,
        since: Timestamp,
        version: u64,
    }
}

impl Stored for Invitations {
    const ABOUT: &'static str = "Who is invited to write which post together";
}
