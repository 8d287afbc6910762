use domain::Timestamp;
use domain::views::{Case, Cases, CommentFilter, CommentFilters, PersonBlock, PersonBlocks, Ruling, Rulings};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Case as "cases" {
        key { case_id: String }
        target_kind: String,
        target_id: Uuid,
        post_id: Option<Uuid>,
        number: Option<i64>,
        subject_id: Uuid,
        reporter_ids: Vec<Uuid>,
        rules: Vec<String>,
        statements: Vec<String>,
        reported_at: Vec<i64>,
        claimed_by: Option<Uuid>,
        claimed_until_at: Option<Timestamp>,
        appealed_rulings: Vec<i64>,
        waits_since: Option<Timestamp>,
        rulings: i64,
        carried_out: i64,
        version: u64,
    }
}

table! {
    Ruling as "rulings" {
        key { case_id: String, ruling: i64 }
        subject_id: Uuid,
        kind: String,
        rule: Option<String>,
        explanation: String,
        moderator_id: Uuid,
        moderator_role: String,
        ruled_at: Timestamp,
        ends_at: Option<Timestamp>,
        blocked_post_id: Option<Uuid>,
        about_case: Option<String>,
        former_ruling: Option<i64>,
        upheld: Option<bool>,
        lifted_at: Option<Timestamp>,
        appealed_at: Option<Timestamp>,
        appeal: String,
        answered_at: Option<Timestamp>,
        version: u64,
    }
}

table! {
    PersonBlock as "person_blocks" {
        key { blocker_id: Uuid, blocked_id: Uuid }
        active: bool,
        since: Timestamp,
        version: u64,
    }
}

table! {
    CommentFilter as "comment_filters" {
        key { id: String }
        words: Vec<String>,
        most_links: Option<i64>,
        first_comments: i64,
        changed_by: Uuid,
        changed_at: Timestamp,
        version: u64,
    }
}

impl Stored for Cases {
    const ABOUT: &'static str = "What moderators have to look at, and what was reported of it";
}

impl Stored for Rulings {
    const ABOUT: &'static str = "What moderators decided, why, and what became of it";
}

impl Stored for CommentFilters {
    const ABOUT: &'static str = "What comments are held for";
}

impl Stored for PersonBlocks {
    const ABOUT: &'static str = "Who blocks whom";
}
