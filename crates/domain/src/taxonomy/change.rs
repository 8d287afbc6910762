//! The tree of categories: how it is walked, what may be where, and what events do to it.

use uuid::Uuid;

use super::Rejection;
use super::event::{
    CategoriesOrdered, CategoryChanged, CategoryCreated, CategoryDeleted, CategoryMerged, CategoryMoved,
};
use super::tree::{Category, DEEPEST, Fate, MOST_EVER, Tree};
use crate::Digest;
use crate::values::Slug;

impl Tree {
    /// A category that is there.
    pub(super) fn category(&self, id: Uuid) -> Result<&Category, Rejection> {
        let category = self.categories.get(&id).ok_or(Rejection::NotFound)?;
        if category.fate == Fate::There { Ok(category) } else { Err(Rejection::Over) }
    }

    /// The category that one stands for: itself, or the one that it ended up in by being merged. `None` if that is not
    /// there.
    #[must_use]
    pub fn meant(&self, id: Uuid) -> Option<Uuid> {
        let into = |id: &Uuid| match self.categories.get(id)?.fate {
            Fate::Merged(into_id) => Some(into_id),
            Fate::There | Fate::Deleted => None,
        };
        let last = std::iter::successors(Some(id), into).take(self.categories.len() + 1).last()?;
        self.category(last).ok().map(|_| last)
    }

    /// The categories that are there.
    pub(super) fn there(&self) -> impl Iterator<Item = (Uuid, &Category)> {
        let is_there = |(id, category): (&Uuid, _)| (*id, category);
        self.categories.iter().map(is_there).filter(|(_, category): &(Uuid, &Category)| category.fate == Fate::There)
    }

    /// Those below one, or at the root, in their order.
    pub(super) fn children(&self, parent_id: Option<Uuid>) -> Vec<Uuid> {
        let children = self.there().filter(|(_, category)| category.parent_id == parent_id);
        let mut children: Vec<_> = children.map(|(id, category)| (category.place, id)).collect();
        children.sort_unstable();
        children.into_iter().map(|(_, id)| id).collect()
    }

    /// The place behind those below one.
    pub(super) fn next_place(&self, parent_id: Option<Uuid>) -> i64 {
        let places = self.there().filter(|(_, category)| category.parent_id == parent_id);
        places.map(|(_, category)| category.place.saturating_add(1)).max().unwrap_or(0)
    }

    /// A category and those that it is below. It ends whatever stands in a log, for no category is above more than
    /// there are.
    fn upwards(&self, id: Uuid) -> impl Iterator<Item = Uuid> {
        let parent = |id: &Uuid| self.categories.get(id).and_then(|category| category.parent_id);
        std::iter::successors(Some(id), parent).take(self.categories.len() + 1)
    }

    pub(super) fn is_at_or_below(&self, id: Uuid, other: Uuid) -> bool {
        self.upwards(id).any(|above| above == other)
    }

    /// On which level a category is; 1 at the root.
    pub(super) fn depth(&self, id: Uuid) -> usize {
        self.upwards(id).count()
    }

    /// How many levels a category and what is below it have.
    pub(super) fn height(&self, id: Uuid) -> usize {
        let levels = |(below, _): (Uuid, &Category)| self.upwards(below).position(|above| above == id);
        self.there().filter_map(levels).max().map_or(1, |levels| levels + 1)
    }

    /// Whether the category may have this slug: it leads to it already, or to no category that is there.
    pub(super) fn permit_slug(&self, category_id: Uuid, slug: &Slug) -> Result<(), Rejection> {
        let Some(holder) = self.slugs.get(slug) else {
            return if self.slugs.len() < MOST_EVER { Ok(()) } else { Err(Rejection::TooMany) };
        };
        match self.meant(*holder) {
            Some(other) if other != category_id => Err(Rejection::SlugTaken { category_id: other }),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether something of so many levels may be below a category.
    pub(super) fn permit_below(&self, parent_id: Option<Uuid>, levels: usize) -> Result<(), Rejection> {
        let Some(parent) = parent_id else { return Ok(()) };
        self.category(parent).map_err(|_| Rejection::NoTarget)?;
        if self.depth(parent) + levels <= DEEPEST { Ok(()) } else { Err(Rejection::TooDeep) }
    }

    pub(super) fn create(&mut self, created: &CategoryCreated) {
        let CategoryCreated { category_id, parent_id, slug, name, description, place } = created.clone();
        let (name, description) = (Digest::of(name.as_str()), Digest::of(description.as_str()));
        self.slugs.insert(slug.clone(), category_id);
        let category = Category { parent_id, slug, name, description, place, fate: Fate::There };
        self.categories.insert(category_id, category);
    }

    pub(super) fn change(&mut self, changed: &CategoryChanged) {
        let Some(category) = self.categories.get_mut(&changed.category_id) else { return };
        if let Some(slug) = &changed.slug {
            self.slugs.insert(slug.clone(), changed.category_id);
            category.slug = slug.clone();
        }
        if let Some(name) = &changed.name {
            category.name = Digest::of(name.as_str());
        }
        if let Some(description) = &changed.description {
            category.description = Digest::of(description.as_str());
        }
    }

    pub(super) fn relocate(&mut self, moved: &CategoryMoved) {
        self.put(moved.category_id, moved.parent_id, moved.place);
    }

    pub(super) fn order(&mut self, ordered: &CategoriesOrdered) {
        for (place, id) in (0..).zip(&ordered.category_ids) {
            self.put(*id, ordered.parent_id, place);
        }
    }

    pub(super) fn merge(&mut self, merged: &CategoryMerged) {
        for (place, id) in (0..).zip(&merged.child_ids) {
            self.put(*id, Some(merged.into_id), merged.first_place.saturating_add(place));
        }
        self.end(merged.category_id, Fate::Merged(merged.into_id));
    }

    pub(super) fn delete(&mut self, deleted: &CategoryDeleted) {
        self.end(deleted.category_id, Fate::Deleted);
    }

    fn put(&mut self, id: Uuid, parent_id: Option<Uuid>, place: i64) {
        if let Some(category) = self.categories.get_mut(&id) {
            (category.parent_id, category.place) = (parent_id, place);
        }
    }

    fn end(&mut self, id: Uuid, fate: Fate) {
        if let Some(category) = self.categories.get_mut(&id) {
            category.fate = fate;
        }
    }
}
