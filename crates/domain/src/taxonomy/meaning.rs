//! What a tag's name and a category's id stand for by now: for contexts that name them.

use uuid::Uuid;

use super::tags::Tags;
use super::tree::Tree;
use crate::values::Tag;

impl Tags {
    /// The tag that a name stands for; itself, where nothing else is said.
    #[must_use]
    pub fn meant(&self, name: &Tag) -> Tag {
        self.synonyms.get(name).unwrap_or(name).clone()
    }
}

impl Tree {
    /// All ids that stand for a category, its own among them.
    #[must_use]
    pub fn named_by(&self, category: Uuid) -> Vec<Uuid> {
        self.categories.keys().copied().filter(|id| self.meant(*id) == Some(category)).collect()
    }
}
