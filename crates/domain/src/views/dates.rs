use crate::Timestamp;
use crate::posts::Edited;

/// When a post was first published: what its rows know of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dates {
    /// Here or elsewhere: what lists are ordered by. `None` for a draft that never was.
    pub(super) first: Option<Timestamp>,
    /// Here.
    pub(super) here: Option<Timestamp>,
    /// Elsewhere.
    pub(super) elsewhere: Option<Timestamp>,
}

impl Dates {
    /// After a publication.
    pub(super) fn published(self, at: Timestamp) -> Self {
        Self { first: self.elsewhere.or(self.first).or(Some(at)), here: self.here.or(Some(at)), ..self }
    }

    /// After a change.
    pub(super) fn edited(self, edited: &Edited, at: Timestamp) -> Self {
        if edited.resets("originally_published_at") {
            // A row of a version that did not keep when it was published here does not know.
            let here = self.here.unwrap_or(at);
            return Self { first: self.first.map(|_| here), elsewhere: None, ..self };
        }
        let elsewhere = edited.originally_published_at;
        Self {
            first: self.first.map(|first| elsewhere.unwrap_or(first)),
            elsewhere: elsewhere.or(self.elsewhere),
            ..self
        }
    }
}
