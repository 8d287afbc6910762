//! The views of the tree of categories: a row per category, and one per slug that one ever had.

use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::taxonomy::{CategoryChanged, CategoryCreated, Event, Taxonomy};

/// The view of every category, merged and deleted ones too.
#[derive(Clone, Copy, Debug)]
pub struct Categories;

/// A category.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Its id.
    pub category_id: Uuid,
    /// The category that it is below; none at the root.
    pub parent_id: Option<Uuid>,
    /// Its present slug.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// What it is about; may be empty.
    pub description: String,
    /// Where it stands among those below the same.
    pub place: i64,
    /// The category that it was merged into, if it was: that may have been merged itself.
    pub merged_into: Option<Uuid>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The version of the tree in which it was last changed.
    pub version: u64,
}

impl View for Categories {
    const NAME: &'static str = "categories";
    type Source = Taxonomy;
    type Key = Uuid;
    type Row = Category;

    fn keys(event: SourceEvent<'_, Taxonomy>) -> impl IntoIterator<Item = Uuid> {
        match event.event {
            Event::CategoryCreated(created) => vec![created.category_id],
            Event::CategoryChanged(changed) => vec![changed.category_id],
            Event::CategoryMoved(moved) => vec![moved.category_id],
            Event::CategoriesOrdered(ordered) => ordered.category_ids.clone(),
            Event::CategoryMerged(merged) => [&[merged.category_id], merged.child_ids.as_slice()].concat(),
            Event::CategoryDeleted(deleted) => vec![deleted.category_id],
            Event::TagDescribed(_)
            | Event::TagRenamed(_)
            | Event::TagsMerged(_)
            | Event::SynonymAdded(_)
            | Event::SynonymRemoved(_) => Vec::new(),
        }
    }

    /// Most events of the tree are about other categories.
    fn seen(row: Option<&Category>, _: SourceEvent<'_, Taxonomy>) -> Seen {
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(id: &Uuid, row: Option<Category>, event: SourceEvent<'_, Taxonomy>) -> Option<Category> {
        if let Event::CategoryCreated(created) = event.event {
            return Some(new(created, event.version));
        }
        row.map(|row| Category { version: event.version, ..after(id, row, event.event) })
    }
}

fn new(created: &CategoryCreated, version: u64) -> Category {
    let CategoryCreated { category_id, parent_id, slug, name, description, place } = created.clone();
    Category {
        category_id,
        parent_id,
        slug: slug.into(),
        name: name.into(),
        description: description.into(),
        place,
        merged_into: None,
        deleted: false,
        version,
    }
}

fn after(id: &Uuid, row: Category, happened: &Event) -> Category {
    match happened {
        Event::CategoryCreated(_)
        | Event::TagDescribed(_)
        | Event::TagRenamed(_)
        | Event::TagsMerged(_)
        | Event::SynonymAdded(_)
        | Event::SynonymRemoved(_) => row,
        Event::CategoryChanged(CategoryChanged { category_id: _, slug, name, description }) => Category {
            slug: slug.as_ref().map_or(row.slug, ToString::to_string),
            name: name.as_ref().map_or(row.name, ToString::to_string),
            description: description.as_ref().map_or(row.description, ToString::to_string),
            ..row
        },
        Event::CategoryMoved(moved) => Category { parent_id: moved.parent_id, place: moved.place, ..row },
        Event::CategoriesOrdered(ordered) => {
            Category { parent_id: ordered.parent_id, place: among(&ordered.category_ids, id), ..row }
        }
        Event::CategoryMerged(merged) if merged.category_id == *id => {
            Category { merged_into: Some(merged.into_id), ..row }
        }
        Event::CategoryMerged(merged) => {
            let place = merged.first_place.saturating_add(among(&merged.child_ids, id));
            Category { parent_id: Some(merged.into_id), place, ..row }
        }
        Event::CategoryDeleted(_) => Category { deleted: true, ..row },
    }
}

/// The number of a category in a list.
fn among(ids: &[Uuid], id: &Uuid) -> i64 {
    (0..).zip(ids).find(|(_, other)| *other == id).map_or(0, |(number, _)| number)
}

/// The view of every slug that a category ever had; one that is not its category's present slug redirects there.
#[derive(Clone, Copy, Debug)]
pub struct CategorySlugs;

/// A slug and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct CategorySlug {
    /// The slug.
    pub slug: String,
    /// The category that has it, or had it last.
    pub category_id: Uuid,
}

impl View for CategorySlugs {
    const NAME: &'static str = "category_slugs";
    type Source = Taxonomy;
    type Key = String;
    type Row = CategorySlug;

    fn keys(event: SourceEvent<'_, Taxonomy>) -> impl IntoIterator<Item = String> {
        named(event.event).map(|(slug, _)| slug)
    }

    fn seen(_: Option<&CategorySlug>, _: SourceEvent<'_, Taxonomy>) -> Seen {
        // It may have been another's, which was deleted.
        Seen::Unknown
    }

    fn fold(slug: &String, row: Option<CategorySlug>, event: SourceEvent<'_, Taxonomy>) -> Option<CategorySlug> {
        named(event.event).map(|(_, category_id)| CategorySlug { slug: slug.clone(), category_id }).or(row)
    }
}

/// The slug that an event gives, and to which category.
fn named(happened: &Event) -> Option<(String, Uuid)> {
    match happened {
        Event::CategoryCreated(created) => Some((created.slug.to_string(), created.category_id)),
        Event::CategoryChanged(changed) => Some((changed.slug.as_ref()?.to_string(), changed.category_id)),
        Event::CategoryMoved(_)
        | Event::CategoriesOrdered(_)
        | Event::CategoryMerged(_)
        | Event::CategoryDeleted(_)
        | Event::TagDescribed(_)
        | Event::TagRenamed(_)
        | Event::TagsMerged(_)
        | Event::SynonymAdded(_)
        | Event::SynonymRemoved(_) => None,
    }
}
