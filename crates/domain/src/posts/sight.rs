//! Who sees what of a post. Whatever lies beside one — its text, the comments on it, what it is shown with — asks here,
//! on both sides of the log.

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
    /// All but its text and what is said of that, which is for members.
    Outside,
    /// All of it.
    Whole,
}

impl Publicity {
    /// What a reader sees who may always read it (`is_theirs`: [`super::Action::ReadDraft`] is open to them), or who
    /// may not. Who could not see a draft while it was there is not told that it was.
    #[must_use]
    pub fn sight(self, is_theirs: bool) -> Sight {
        let Self { published, was_published, deleted, for_members } = self;
        match (deleted, published) {
            (true, _) if was_published || is_theirs => Sight::Deleted,
            (false, true) if !for_members || is_theirs => Sight::Whole,
            (false, true) => Sight::Outside,
            (false, false) if is_theirs => Sight::Draft,
            (true, _) | (false, false) => Sight::Nothing,
        }
    }
}

#[cfg(test)]
mod tests;
