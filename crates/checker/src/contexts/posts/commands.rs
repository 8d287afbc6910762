//! The kinds of command on posts, and what each may lead to.

use super::{about, co_authors, is_drafted, is_edited, is_put, previews, reviews, schedule};
use crate::context::{Asks, Command};

pub(super) const ALL: &[Command] = &[
    Command { verb: "draft", leads_to: &["Drafted"], asks: Asks::Special(is_drafted) },
    Command { verb: "put", leads_to: &["Drafted", "Edited"], asks: Asks::Special(is_put) },
    Command { verb: "edit", leads_to: &["Edited"], asks: Asks::Special(is_edited) },
    Command { verb: "publish", leads_to: &["Published"], asks: Asks::Flag("published", true) },
    Command { verb: "unpublish", leads_to: &["Unpublished", "Unscheduled"], asks: Asks::Flag("published", false) },
    Command { verb: "delete", leads_to: &["Deleted"], asks: Asks::Flag("deleted", true) },
    Command { verb: "restore", leads_to: &["Restored"], asks: Asks::Flag("deleted", false) },
    Command { verb: "archive", leads_to: &["Archived"], asks: Asks::Flag("archived", true) },
    Command { verb: "unarchive", leads_to: &["Unarchived"], asks: Asks::Flag("archived", false) },
    Command { verb: "give_up_slug", leads_to: &["SlugGivenUp"], asks: Asks::Special(about::is_given_up) },
    Command { verb: "schedule", leads_to: &["Scheduled"], asks: Asks::Special(schedule::is_scheduled) },
    Command { verb: "unschedule", leads_to: &["Unscheduled"], asks: Asks::Special(schedule::is_unscheduled) },
    Command { verb: "expire", leads_to: &["ExpirySet"], asks: Asks::Special(schedule::expires) },
    Command { verb: "withdraw_expiry", leads_to: &["ExpiryWithdrawn"], asks: Asks::Special(schedule::does_not_expire) },
    Command { verb: "invite", leads_to: &["CoAuthorInvited"], asks: Asks::Special(co_authors::is_invited) },
    Command { verb: "withdraw", leads_to: &["InvitationWithdrawn"], asks: Asks::Special(co_authors::is_not_invited) },
    Command { verb: "accept", leads_to: &["CoAuthorJoined"], asks: Asks::Special(co_authors::has_agreed) },
    Command { verb: "decline", leads_to: &["InvitationDeclined"], asks: Asks::Special(co_authors::declined) },
    Command { verb: "remove", leads_to: &["CoAuthorLeft"], asks: Asks::Special(co_authors::is_not_named) },
    Command { verb: "hand_over", leads_to: &["HandedOver"], asks: Asks::Special(co_authors::owns) },
    Command { verb: "release", leads_to: &["Edited"], asks: Asks::Special(is_edited) },
    Command { verb: "submit", leads_to: &["SubmittedForReview"], asks: Asks::Special(reviews::is_submitted) },
    Command { verb: "approve", leads_to: &["Approved"], asks: Asks::Special(reviews::is_approved) },
    Command { verb: "request_changes", leads_to: &["ChangesRequested"], asks: Asks::Special(reviews::is_over) },
    Command { verb: "withdraw_review", leads_to: &["ReviewWithdrawn"], asks: Asks::Special(reviews::is_over) },
    Command { verb: "give_preview", leads_to: &["PreviewGiven"], asks: Asks::Special(previews::is_given) },
    Command { verb: "revoke_preview", leads_to: &["PreviewRevoked"], asks: Asks::Special(previews::is_not_given) },
];
