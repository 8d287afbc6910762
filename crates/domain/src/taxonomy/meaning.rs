//! What a tag's name and a category's id stand for by now: for contexts that name them.

use uuid::Uuid;

use super::tags::Tags;
use super::tree::{Fate, Tree};
use crate::values::Tag;

impl Tags {
    /// The tag that a name stands for; itself, where nothing else is said.
    #[must_use]
    pub fn meant(&self, name: &Tag) -> Tag {
        self.synonyms.get(name).unwrap_or(name).clone()
    }
}

impl Tree {
    /// The category that an id stands for, through all that it was merged into; `None` for one that was deleted, or
    /// never was.
    #[must_use]
    pub fn meant(&self, id: Uuid) -> Option<Uuid> {
        match self.categories.get(&id)?.fate {
            Fate::There => Some(id),
            // What a category is merged into was there, and is merged later if at all: it ends.
            Fate::Merged(into) => self.meant(into),
            Fate::Deleted => None,
        }
    }

    /// All ids that stand for a category, its own among them.
    #[must_use]
    pub fn named_by(&self, category: Uuid) -> Vec<Uuid> {
        self.categories.keys().copied().filter(|id| self.meant(*id) == Some(category)).collect()
    }
}
