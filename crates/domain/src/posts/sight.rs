//! Who sees what of a post. Whatever lies beside one — its text, the comments on it, what it is shown with — asks here,
//! on both sides of the log.

use crate::values::Visible;

/// What decides what readers see of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publicity {
    /// Whether it is published.
    pub published: bool,
    /// Whether it ever was.
    pub was_published: bool,
    /// Whether it is deleted.
    pub deleted: bool,
    /// Whether its text is for members.
    pub for_members: bool,
    /// Who is shown it, by what moderators decided.
    pub visible: Visible,
}

/// What a reader sees of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing: as far as this reader may know, it is not there.
    Nothing,
    /// That it was deleted.
    Deleted,
    /// All of it, though it is not published: this reader writes or edits it.
    Draft,
    /// All of it, though moderators hide it from others: this reader writes it, or moderates.
    Hidden,
    /// All but its text and what is said of that, which is for members.
    Outside,
    /// All of it.
    Whole,
}

impl Publicity {
    /// What a reader sees who may always read it (`is_theirs`: [`super::Action::ReadDraft`] is open to them), or who
    /// may not, and who moderates, or does not. Who could not see a draft while it was there is not told that it was.
    /// To others, one that is hidden is as a draft.
    #[must_use]
    pub fn sight(self, is_theirs: bool, moderates: bool) -> Sight {
        let Self { published, was_published, deleted, for_members, visible } = self;
        let is_shown = match visible {
            Visible::All => None,
            Visible::Author => Some(is_theirs || moderates),
            Visible::Moderators => Some(moderates),
        };
        match (deleted, is_shown, published) {
            (true, ..) if was_published || is_theirs => Sight::Deleted,
            (false, Some(true), _) => Sight::Hidden,
            (false, None, true) if !for_members || is_theirs => Sight::Whole,
            (false, None, true) => Sight::Outside,
            (false, None, false) if is_theirs => Sight::Draft,
            (true, ..) | (false, Some(false), _) | (false, None, false) => Sight::Nothing,
        }
    }
}

#[cfg(test)]
mod tests;
