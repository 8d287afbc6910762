//! THE STORED FORMAT of the context `taxonomy`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/taxonomy/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::values::{Slug, Summary, Tag, TagDescription, Title};

crate::events! {
    /// What can have happened to the tree of categories, or have been said of tags.
    enum Event in "inklog.taxonomy" {
        /// A category came to be.
        CategoryCreated(CategoryCreated),
        /// Some of its fields were changed.
        CategoryChanged(CategoryChanged),
        /// It was put below another, or to the root.
        CategoryMoved(CategoryMoved),
        /// The categories below one were put into an order.
        CategoriesOrdered(CategoriesOrdered),
        /// It was merged into another.
        CategoryMerged(CategoryMerged),
        /// It was deleted.
        CategoryDeleted(CategoryDeleted),
        /// It was said what a tag is about.
        TagDescribed(TagDescribed),
        /// A tag got another name.
        TagRenamed(TagRenamed),
        /// A tag was merged into another.
        TagsMerged(TagsMerged),
        /// A name stands for a tag.
        SynonymAdded(SynonymAdded),
        /// It does not any more.
        SynonymRemoved(SynonymRemoved),
    }
}

/// A category came to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryCreated {
    /// Its id.
    pub category_id: Uuid,
    /// The category that it is below; none at the root.
    pub parent_id: Option<Uuid>,
    /// The part of its address that names it; a former one redirects to it.
    pub slug: Slug,
    /// What it is called.
    pub name: Title,
    /// What it is about; may be empty.
    pub description: Summary,
    /// Where it stands among those below the same: they are in the order of their places.
    pub place: i64,
}

/// Some of a category's fields were changed; what is null stayed as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryChanged {
    /// Its id.
    pub category_id: Uuid,
    /// The new slug.
    pub slug: Option<Slug>,
    /// The new name.
    pub name: Option<Title>,
    /// The new description.
    pub description: Option<Summary>,
}

/// A category was put below another, or to the root, with all that is below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryMoved {
    /// Its id.
    pub category_id: Uuid,
    /// The category that it is below now; none at the root.
    pub parent_id: Option<Uuid>,
    /// See [`CategoryCreated`].
    pub place: i64,
}

/// The categories below one, or at the root, were put into an order: the first has the place 0, the next 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoriesOrdered {
    /// The category that they are below; none at the root.
    pub parent_id: Option<Uuid>,
    /// All of them, in their new order.
    pub category_ids: Vec<Uuid>,
}

/// A category was merged into another: posts in it are in the other one now, and its addresses lead there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryMerged {
    /// Its id.
    pub category_id: Uuid,
    /// The one that it was merged into.
    pub into_id: Uuid,
    /// The categories that were below it, in their order. They are below the other one now, behind those there.
    pub child_ids: Vec<Uuid>,
    /// The place of the first of them; the next has the next.
    pub first_place: i64,
}

/// A category was deleted. Posts that name it stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryDeleted {
    /// Its id.
    pub category_id: Uuid,
}

/// It was said what a tag is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagDescribed {
    /// The tag.
    pub tag: Tag,
    /// What it is about; empty for nothing.
    pub description: TagDescription,
}

/// A tag got another name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagRenamed {
    /// The tag.
    pub tag: Tag,
    /// Its name from now on.
    pub new_name: Tag,
    /// The names that stand for the new one from now on: the former one, and those that stood for it.
    pub names: Vec<Tag>,
    /// What the tag is about, as before.
    pub description: TagDescription,
}

/// A tag was merged into another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagsMerged {
    /// The tag.
    pub tag: Tag,
    /// The one that it was merged into.
    pub into_tag: Tag,
    /// The names that stand for the other one from now on: the tag, and those that stood for it.
    pub names: Vec<Tag>,
}

/// A name stands for a tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SynonymAdded {
    /// The tag.
    pub tag: Tag,
    /// The name.
    pub synonym: Tag,
}

/// A name stands for itself again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SynonymRemoved {
    /// The tag that it stood for.
    pub tag: Tag,
    /// The name.
    pub synonym: Tag,
}
