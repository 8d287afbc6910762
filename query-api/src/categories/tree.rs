//! The tree as it is read. A category counts the posts that name it, or one that was merged into it; a post that names
//! several of them counts once.

use std::collections::HashMap;

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

/// A category in the tree.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct CategoryEntry {
    /// Its id: what commands name it by.
    id: Uuid,
    /// The category that it is below; null at the root.
    #[schema(required = true)]
    parent_id: Option<Uuid>,
    /// How many it is below.
    #[sqlx(default)]
    depth: i32,
    /// Its slug: what it is read by.
    slug: String,
    /// What it is called.
    name: String,
    /// How many published posts are in it; those that are only below it are not counted.
    posts: i64,
}

/// All categories that are there, in the order of their places. Most have nothing merged into them, and for those the
/// sums are the numbers.
pub(super) const ALL: &str = "WITH RECURSIVE meant (target, category_id) AS (
        SELECT category_id, category_id FROM content.categories WHERE merged_into IS NULL AND NOT deleted
        UNION
        SELECT m.target, c.category_id FROM meant m JOIN content.categories c ON c.merged_into = m.category_id
    ), sets AS (SELECT target, array_agg(category_id) AS ids FROM meant GROUP BY target)
    SELECT c.category_id AS id, c.parent_id, c.slug, c.name, CASE
        WHEN cardinality(s.ids) = 1 THEN COALESCE(k.posts, 0)
        ELSE (SELECT count(DISTINCT t.post_id) FROM content.post_categories t WHERE t.category_id = ANY(s.ids))
        END AS posts
    FROM sets s JOIN content.categories c ON c.category_id = s.target
        LEFT JOIN content.category_counts k ON k.category_id = s.target
    ORDER BY c.place, c.category_id";

/// Slug, name, description and number of posts of one that is there.
pub(super) const ONE: &str = "WITH RECURSIVE meant (category_id) AS (
        SELECT $1::uuid
        UNION
        SELECT c.category_id FROM meant m JOIN content.categories c ON c.merged_into = m.category_id
    )
    SELECT c.slug, c.name, c.description, CASE
        WHEN (SELECT count(*) FROM meant) = 1
            THEN COALESCE((SELECT posts FROM content.category_counts k WHERE k.category_id = $1), 0)
        ELSE (SELECT count(DISTINCT t.post_id) FROM content.post_categories t
            WHERE t.category_id IN (SELECT category_id FROM meant))
        END
    FROM content.categories c WHERE c.category_id = $1 AND c.merged_into IS NULL AND NOT c.deleted";

/// Those that one is below, the root's first. However a row came about, it ends.
pub(super) const PATH: &str = "WITH RECURSIVE above (category_id, level) AS (
        SELECT parent_id, 1 FROM content.categories WHERE category_id = $1
        UNION ALL
        SELECT c.parent_id, a.level + 1 FROM above a JOIN content.categories c ON c.category_id = a.category_id
            WHERE a.level < 100
    )
    SELECT c.category_id AS id, c.slug, c.name FROM above a JOIN content.categories c ON c.category_id = a.category_id
    ORDER BY a.level DESC";

/// Those right below one.
pub(super) const CHILDREN: &str = "SELECT category_id AS id, slug, name FROM content.categories
    WHERE parent_id = $1 AND merged_into IS NULL AND NOT deleted ORDER BY place, category_id";

/// Each entry followed by those below it; they come in the order of their places.
pub(super) fn in_order(entries: Vec<CategoryEntry>) -> Vec<CategoryEntry> {
    let mut below: HashMap<Option<Uuid>, Vec<CategoryEntry>> = HashMap::new();
    for entry in entries.into_iter().rev() {
        below.entry(entry.parent_id).or_default().push(entry);
    }
    // What is next stands last.
    let mut waiting = below.remove(&None).unwrap_or_default();
    let mut ordered = Vec::new();
    while let Some(entry) = waiting.pop() {
        let children = below.remove(&Some(entry.id)).unwrap_or_default();
        waiting.extend(children.into_iter().map(|child| CategoryEntry { depth: entry.depth + 1, ..child }));
        ordered.push(entry);
    }
    ordered
}
