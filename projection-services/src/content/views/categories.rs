use domain::views::{Categories, Category, CategorySlug, CategorySlugs};
use uuid::Uuid;

use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Category as "categories" {
        key { category_id: Uuid }
        parent_id: Option<Uuid>,
        slug: String,
        name: String,
        description: String,
        place: i64,
        merged_into: Option<Uuid>,
        deleted: bool,
        version: u64,
    }
}

impl Stored for Categories {
    const ABOUT: &'static str = "The tree of categories";
}

table! {
    CategorySlug as "category_slugs" {
        key { slug: String }
        category_id: Uuid,
    }
}

impl Stored for CategorySlugs {
    const ABOUT: &'static str = "Every slug that a category ever had";
}
