//! What a decision needs to know of the comments on a post: of each a few words of memory, and none of its text.

use std::sync::Arc;

use uuid::Uuid;

use super::{Event, Rejection};
use crate::personal::Personal;
use crate::values::{CommentText, Visible};
use crate::{Actor, DecisionContext, Digest, Role, Timestamp};

/// So many comments a post has at most, deleted ones included: a process keeps 64 bytes of each.
pub const MOST_COMMENTS: usize = 100_000;
/// So often a comment is edited at most: all its former texts are kept for readers.
pub const MOST_EDITS: u16 = 20;
/// So many comments one event erases at most; there are several events where an account has more on one post.
pub const MOST_ERASED: usize = 1_000;

/// So many comments are copied where one of them changes in a copy of a thread.
const BLOCK: usize = 128;

/// The comments on a post, by their numbers. A copy shares all blocks with the original that neither has changed since:
/// a leader copies a thread for each burst of comments, of however many that is the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thread {
    blocks: Vec<Arc<Vec<Known>>>,
}

/// What is known of a comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Who wrote it.
    pub author_id: Uuid,
    /// Whether it says nothing any more.
    pub deleted: bool,
    /// Who is shown it, by what holds it and by what was decided of it.
    pub visible: Visible,
    /// Whether filters hold it until a moderator has read it, be it hidden besides or not.
    pub held: bool,
    /// The ruling that was carried out last.
    pub(super) ruling: i64,
    depth: i64,
    edits: u16,
    text: Digest,
    editable_until_at: Timestamp,
}

impl Thread {
    /// How many comments there are, deleted ones included: the last has this number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.len())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The comment of a number.
    #[must_use]
    pub fn comment(&self, number: i64) -> Option<&Known> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.blocks.get(place / BLOCK)?.get(place % BLOCK)
    }

    /// The number of the next comment; `None` if there can be none.
    pub(super) fn next(&self) -> Option<i64> {
        Some(self.len()).filter(|len| *len < MOST_COMMENTS).map(number_at)
    }

    /// How deep an answer to a comment is. One that is not shown to all is not answered, as if there were none.
    pub(super) fn depth_below(&self, number: i64) -> Result<i64, Rejection> {
        match self.comment(number) {
            None => Err(Rejection::NothingToAnswer),
            Some(known) if known.visible != Visible::All => Err(Rejection::NothingToAnswer),
            Some(known) if known.deleted => Err(Rejection::AnswersDeleted),
            Some(known) => Ok(known.depth + 1),
        }
    }

    /// The numbers of an account's comments that say something.
    pub fn of(&self, account_id: Uuid) -> impl Iterator<Item = i64> {
        let all = self.blocks.iter().flat_map(|block| block.iter()).enumerate();
        all.filter(move |(_, known)| known.author_id == account_id && !known.deleted).map(|(place, _)| number_at(place))
    }

    /// An account's comments that say something and are shown to all.
    pub fn shown_of(&self, account_id: Uuid) -> impl Iterator<Item = &Known> {
        let all = self.blocks.iter().flat_map(|block| block.iter());
        all.filter(move |known| known.author_id == account_id && !known.deleted && known.visible == Visible::All)
    }

    /// Takes an event in.
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Written(written) => self.push(Known {
                author_id: written.author_id,
                deleted: false,
                visible: if written.held_by.0.is_empty() { Visible::All } else { Visible::Author },
                held: !written.held_by.0.is_empty(),
                ruling: 0,
                depth: written.depth,
                edits: 0,
                text: Digest::of(written.text.as_str()),
                editable_until_at: written.editable_until_at,
            }),
            Event::Edited(edited) => self.change(edited.number, |known| {
                known.edits = known.edits.saturating_add(1);
                known.text = Digest::of(edited.text.as_str());
                known.held |= !edited.held_by.0.is_empty();
                if known.held && known.visible == Visible::All {
                    known.visible = Visible::Author;
                }
            }),
            Event::Hidden(hidden) => self.change(hidden.number, |known| {
                let visible = if hidden.from_author { Visible::Moderators } else { Visible::Author };
                (known.ruling, known.visible, known.held) = (hidden.ruling, visible, false);
            }),
            Event::Shown(shown) => self.change(shown.number, |known| {
                (known.ruling, known.visible, known.held) = (shown.ruling, Visible::All, false);
            }),
            Event::Deleted(deleted) => self.change(deleted.number, |known| known.deleted = true),
            Event::Erased(erased) => {
                erased.numbers.iter().for_each(|number| self.change(*number, |known| known.deleted = true));
            }
        }
    }

    fn push(&mut self, known: Known) {
        match self.blocks.last_mut().filter(|last| last.len() < BLOCK) {
            Some(last) => Arc::make_mut(last).push(known),
            None => self.blocks.push(Arc::new(vec![known])),
        }
    }

    fn change(&mut self, number: i64, change: impl FnOnce(&mut Known)) {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let block = place.and_then(|place| Some((self.blocks.get_mut(place / BLOCK)?, place % BLOCK)));
        if let Some(known) = block.and_then(|(block, place)| Arc::make_mut(block).get_mut(place)) {
            change(known);
        }
    }
}

impl Known {
    /// How often it was edited.
    #[must_use]
    pub fn edits(&self) -> i64 {
        i64::from(self.edits)
    }

    /// Why an actor is refused who did not write it: to who is not shown it, it is not there.
    pub(super) fn of_another(&self, actor: &Actor) -> Rejection {
        let is_shown = self.visible == Visible::All || actor.is_at_least(Role::Moderator);
        if is_shown { Rejection::NotTheAuthor } else { Rejection::NotFound }
    }

    /// Whether the comment is to say something else by this text.
    pub(super) fn edit(&self, text: &Personal<CommentText>, context: &DecisionContext) -> Result<bool, Rejection> {
        if context.actor.id != self.author_id {
            return Err(self.of_another(&context.actor));
        }
        if self.deleted {
            return Err(Rejection::Deleted);
        }
        if self.visible == Visible::Moderators {
            return Err(Rejection::Removed);
        }
        if self.text == Digest::of(text.as_str()) {
            return Ok(false);
        }
        if context.now > self.editable_until_at {
            return Err(Rejection::TooLate);
        }
        if self.edits >= MOST_EDITS { Err(Rejection::TooManyEdits) } else { Ok(true) }
    }
}

/// The number of the comment in this place.
fn number_at(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX).saturating_add(1)
}
