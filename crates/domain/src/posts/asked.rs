//! What may be asked of a post's fields beside what their types see to. What is there already is not judged again.

use std::fmt::Display;

use uuid::Uuid;

use super::rights::{Action, Relation};
use super::{Command, Drafted, Edited, Rejection, Release, ReviewCommand};
use crate::reservations::Lease;
use crate::values::Tag;
use crate::{Actor, Timestamp};

/// 1000-01-01T00:00:00Z. Before the year 1 there is no date in Python or XML, and one of less than four digits is
/// written differently by each.
const EARLIEST: Timestamp = Timestamp(-30_610_224_000_000);
/// A day without a time is midnight somewhere, and it may be tomorrow there. What is later was not published yet, and
/// would stand before all that was.
const AHEAD_MS: i64 = 86_400_000;

/// Whether a post may be begun like this.
///
/// # Errors
/// A list names the same twice, or the date is out of range.
pub(super) fn permit_content(content: &Drafted, now: Timestamp) -> Result<(), Rejection> {
    date(content.originally_published_at, now)?;
    once("category_ids", content.category_ids.0.iter())?;
    lists(Some(&content.tags), Some(&content.co_author_ids), content.author_id)
}

/// Whether a post of this author's may be changed like this.
///
/// # Errors
/// A list names the same twice, or the date is out of range.
pub(super) fn permit_change(change: &Edited, author_id: Uuid, now: Timestamp) -> Result<(), Rejection> {
    date(change.originally_published_at, now)?;
    once("category_ids", change.category_ids.iter().flatten())?;
    lists(change.tags.as_deref(), change.co_author_ids.as_deref(), author_id)
}

/// Whether an actor may make a post be featured, or not, that was so or not.
///
/// # Errors
/// It changes, and takes an editor.
pub(super) fn permit_featuring(was: Option<bool>, is: Option<bool>, actor: &Actor) -> Result<(), Rejection> {
    if was.unwrap_or(false) == is.unwrap_or(false) {
        return Ok(());
    }
    // Whose post it is does not matter.
    Action::Feature.permit(actor, &Relation::to_post_of(Uuid::nil(), actor)).map_err(|_| Rejection::Featured)
}

fn date(at: Option<Timestamp>, now: Timestamp) -> Result<(), Rejection> {
    let fits = |at: Timestamp| (EARLIEST..=now.plus_millis(AHEAD_MS)).contains(&at);
    if at.is_none_or(fits) { Ok(()) } else { Err(Rejection::OriginalDate) }
}

fn lists(tags: Option<&[Tag]>, co_author_ids: Option<&[Uuid]>, author_id: Uuid) -> Result<(), Rejection> {
    once("tags", tags.unwrap_or_default().iter())?;
    let people = [author_id].into_iter().chain(co_author_ids.unwrap_or_default().iter().copied());
    once("co_author_ids", people)
}

fn once<T: PartialEq + Display>(field: &str, names: impl Iterator<Item = T>) -> Result<(), Rejection> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(Rejection::NamedTwice { field: field.to_owned(), name: name.to_string() });
        }
        seen.push(name);
    }
    Ok(())
}

/// See [`crate::Decider::rests_on_clocks`].
pub(super) fn rests_on_clocks(command: &Command) -> bool {
    match command {
        Command::Put { lease, .. } | Command::Edit { lease: Some(lease), .. } => lease.rests_on_clocks(),
        Command::Release(Release { lease, .. }) => lease.is_some_and(Lease::rests_on_clocks),
        Command::Reservation(about) => about.rests_on_clocks(),
        Command::Edit { lease: None, .. } | Command::Publish | Command::Unpublish => false,
        Command::Delete | Command::Restore | Command::Archive(_) | Command::GiveUpSlug(_) | Command::Rule(_) => false,
        Command::Schedule(_) | Command::CoAuthors(_) | Command::Previews(_) | Command::Review(_) => false,
        Command::Reviewed(asked) => rests_on_clocks(asked),
        // What is public once stays known, however soon it is taken back.
        Command::CarryOut(_) => true,
    }
}

/// What a command on the fields of a post does with it, as the table of rights has it.
pub(super) fn action(command: &Command) -> Action {
    match command {
        Command::Put { .. } | Command::Edit { .. } | Command::Release(_) => Action::Edit,
        Command::Previews(_) => Action::Preview,
        Command::Review(ReviewCommand::Submit(_) | ReviewCommand::Withdraw) => Action::Edit,
        Command::Review(ReviewCommand::Approve(_) | ReviewCommand::RequestChanges(_)) => Action::Approve,
        Command::Reviewed(asked) => action(asked),
        Command::Publish | Command::Schedule(_) | Command::Archive(_) => Action::Publish,
        Command::Unpublish => Action::Unpublish,
        Command::Delete | Command::Restore | Command::GiveUpSlug(_) => Action::Delete,
        // These are not on the fields, and permitted where they are decided.
        Command::CarryOut(_) | Command::Rule(_) | Command::CoAuthors(_) | Command::Reservation(_) => Action::Draft,
    }
}
