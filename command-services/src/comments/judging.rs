//! How the filters judge a comment, by what its readers see: here is its text in clear, and no decision has it. The
//! event says how, so it can be judged again: docs/adr/0028.

use std::cell::Cell;

use domain::comments::{Comments, Judged};
use domain::values::CommentText;
use domain::{Actor, Role};
use event_log::EventLog;
use service_kit::Problem;
use uuid::Uuid;

use super::permission::Looked;
use crate::freshness::stale;
use crate::moderation::sanctions;

/// How a comment of the caller's on a post is judged. Moderators are not, nor who writes the post.
///
/// # Errors
/// This instance cannot say what comments are held for.
pub(super) fn judged(
    looked: &Looked,
    log: &EventLog<Comments>,
    actor: &Actor,
    post_id: Uuid,
    text: &CommentText,
) -> Result<Judged, Problem> {
    let (version, filters) = sanctions::filters(&looked.cases)?;
    if version == 0 || actor.is_at_least(Role::Moderator) || looked.writes(actor, post_id)? {
        return Ok(Judged::default());
    }
    let shown = shown(log, actor.id, usize::try_from(filters.first_comments).unwrap_or(0))?;
    let held_by = filters.hold(&comment_text::shown(text.as_str()), shown);
    Ok(Judged { held_by, filters_version: i64::try_from(version).ok() })
}

/// How many comments of an account are shown, up to a number: then no more are looked for.
fn shown(log: &EventLog<Comments>, account_id: Uuid, most: usize) -> Result<usize, Problem> {
    let shown = Cell::new(0);
    let count = |_: &str, thread: &domain::comments::Thread| -> Option<()> {
        if shown.get() < most {
            shown.set(shown.get() + thread.shown_of(account_id).take(most).count());
        }
        None
    };
    let _ = log.ending_with(account_id, count).map_err(stale)?;
    Ok(shown.get())
}
