//! The tree of categories: what is asked of it, and what is decided.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::{
    CategoriesOrdered, CategoryChanged, CategoryCreated, CategoryDeleted, CategoryMerged, CategoryMoved,
};
use super::{Event, Rejection};
use crate::Digest;
use crate::values::{Slug, Summary, Title};

/// The most categories there are at one time. All of them are one aggregate, which its leader keeps in memory.
pub const MOST: usize = 2_000;
/// The most there are with those that were merged or deleted, which are remembered for their addresses; and the most
/// slugs.
pub const MOST_EVER: usize = 10_000;
/// The most levels.
pub const DEEPEST: usize = 8;

/// What can be asked of the tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CategoryCommand {
    /// Make a category, the last below its parent.
    Create(NewCategory),
    /// Change some of its fields.
    Change(CategoryChanged),
    /// Put it below another (none: to the root), as the last there.
    Move {
        /// The category.
        category_id: Uuid,
        /// The one to put it below.
        parent_id: Option<Uuid>,
    },
    /// Put all categories below one (none: at the root) into an order.
    Order(CategoriesOrdered),
    /// Merge it into another, which what is below it moves to.
    Merge {
        /// The category.
        category_id: Uuid,
        /// The other one.
        into_id: Uuid,
    },
    /// Delete it.
    Delete(CategoryDeleted),
}

/// A category to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewCategory {
    /// Its id.
    pub category_id: Uuid,
    /// The category that it is below; none at the root.
    pub parent_id: Option<Uuid>,
    /// Its slug.
    pub slug: Slug,
    /// What it is called.
    pub name: Title,
    /// What it is about.
    pub description: Summary,
}

/// What a decision needs to know of all categories. Texts are kept as digests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    pub(super) categories: BTreeMap<Uuid, Category>,
    /// Every slug that one ever had, but those that another took over from a deleted one.
    pub(super) slugs: BTreeMap<Slug, Uuid>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Category {
    pub(super) parent_id: Option<Uuid>,
    pub(super) slug: Slug,
    pub(super) name: Digest,
    pub(super) description: Digest,
    pub(super) place: i64,
    pub(super) fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    There,
    Merged(Uuid),
    Deleted,
}

impl Tree {
    /// Decides a command on the tree.
    pub(super) fn decide(&self, command: &CategoryCommand) -> Result<Option<Event>, Rejection> {
        match command {
            CategoryCommand::Create(new) => self.creates(new),
            CategoryCommand::Change(change) => self.changes(change),
            CategoryCommand::Move { category_id, parent_id } => self.moves(*category_id, *parent_id),
            CategoryCommand::Order(order) => self.orders(order),
            CategoryCommand::Merge { category_id, into_id } => self.merges(*category_id, *into_id),
            CategoryCommand::Delete(deleted) => self.deletes(deleted),
        }
    }

    fn creates(&self, new: &NewCategory) -> Result<Option<Event>, Rejection> {
        let NewCategory { category_id, parent_id, slug, name, description } = new.clone();
        if let Some(category) = self.categories.get(&category_id) {
            let is_as_asked = category.fate == Fate::There
                && (category.parent_id, &category.slug) == (parent_id, &slug)
                && category.name == Digest::of(name.as_str())
                && category.description == Digest::of(description.as_str());
            return if is_as_asked { Ok(None) } else { Err(Rejection::Exists { stands_for: self.meant(category_id) }) };
        }
        self.permit_slug(category_id, &slug)?;
        if self.there().count() >= MOST || self.categories.len() >= MOST_EVER {
            return Err(Rejection::TooMany);
        }
        self.permit_below(parent_id, 1)?;
        let place = self.next_place(parent_id);
        let created = CategoryCreated { category_id, parent_id, slug, name, description, place };
        Ok(Some(Event::CategoryCreated(created)))
    }

    fn changes(&self, change: &CategoryChanged) -> Result<Option<Event>, Rejection> {
        let category = self.category(change.category_id)?;
        let CategoryChanged { category_id, slug, name, description } = change.clone();
        let slug = slug.filter(|slug| *slug != category.slug);
        let name = name.filter(|name| Digest::of(name.as_str()) != category.name);
        let description = description.filter(|text| Digest::of(text.as_str()) != category.description);
        if let Some(slug) = &slug {
            self.permit_slug(category_id, slug)?;
        }
        let changes = slug.is_some() || name.is_some() || description.is_some();
        let changed = CategoryChanged { category_id, slug, name, description };
        Ok(changes.then_some(Event::CategoryChanged(changed)))
    }

    fn moves(&self, category_id: Uuid, parent_id: Option<Uuid>) -> Result<Option<Event>, Rejection> {
        if self.category(category_id)?.parent_id == parent_id {
            return Ok(None);
        }
        if parent_id.is_some_and(|parent| self.is_at_or_below(parent, category_id)) {
            return Err(Rejection::BelowItself);
        }
        self.permit_below(parent_id, self.height(category_id))?;
        let place = self.next_place(parent_id);
        Ok(Some(Event::CategoryMoved(CategoryMoved { category_id, parent_id, place })))
    }

    fn orders(&self, order: &CategoriesOrdered) -> Result<Option<Event>, Rejection> {
        if let Some(parent) = order.parent_id {
            self.category(parent)?;
        }
        let present = self.children(order.parent_id);
        let sorted = |ids: &[Uuid]| {
            let mut ids = ids.to_vec();
            ids.sort_unstable();
            ids
        };
        if sorted(&present) != sorted(&order.category_ids) {
            return Err(Rejection::NotTheChildren);
        }
        Ok((present != order.category_ids).then(|| Event::CategoriesOrdered(order.clone())))
    }

    fn merges(&self, category_id: Uuid, into_id: Uuid) -> Result<Option<Event>, Rejection> {
        let fate = self.categories.get(&category_id).map(|category| category.fate);
        if fate == Some(Fate::Merged(into_id)) {
            return Ok(None);
        }
        self.category(category_id)?;
        if self.is_at_or_below(into_id, category_id) {
            return Err(Rejection::BelowItself);
        }
        self.permit_below(Some(into_id), self.height(category_id).saturating_sub(1))?;
        let (child_ids, first_place) = (self.children(Some(category_id)), self.next_place(Some(into_id)));
        Ok(Some(Event::CategoryMerged(CategoryMerged { category_id, into_id, child_ids, first_place })))
    }

    fn deletes(&self, deleted: &CategoryDeleted) -> Result<Option<Event>, Rejection> {
        let CategoryDeleted { category_id } = *deleted;
        if self.categories.get(&category_id).is_some_and(|category| category.fate == Fate::Deleted) {
            return Ok(None);
        }
        self.category(category_id)?;
        let is_leaf = self.children(Some(category_id)).is_empty();
        if is_leaf { Ok(Some(Event::CategoryDeleted(deleted.clone()))) } else { Err(Rejection::HasChildren) }
    }
}
