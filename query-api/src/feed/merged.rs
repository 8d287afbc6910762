use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use crate::cursor::{Key as _, TimeKey};
use crate::listed::listed;
use crate::lists::Ready;
use crate::posts::PostSummary;

/// Whose posts are looked at, of the authors whom a reader follows.
pub(super) enum Authors<'a> {
    /// The newest of each.
    All,
    /// Those that Redis names, and the newest of the authors whose posts it does not have.
    Named(&'a Ready),
}

/// What the tags, categories and series that are followed stand for, and all names and ids of that. One page looks at
/// so many of these at most, those that the reader has followed last: each costs a search.
const MEANT: &str = "WITH RECURSIVE subjects AS (
        SELECT subject_kind, subject_ref, since FROM content.followed_subjects WHERE active AND follower_id = ";
const RESOLVED: &str = " ORDER BY since DESC, subject_kind, subject_ref LIMIT 1000),
    series AS (
        SELECT subject_ref::uuid AS series_id FROM subjects WHERE subject_kind = 'series'
            ORDER BY since DESC, subject_ref LIMIT 100
    ),
    tags AS (
        SELECT COALESCE(n.tag, s.subject_ref) AS tag FROM subjects s
            LEFT JOIN content.tag_names n ON n.name = s.subject_ref WHERE s.subject_kind = 'tag'
    ),
    names AS (
        SELECT tag AS name FROM tags
        UNION SELECT n.name FROM tags t JOIN content.tag_names n ON n.tag = t.tag
    ),
    up (category_id) AS (
        SELECT CASE WHEN subject_kind = 'category' THEN subject_ref::uuid END FROM subjects
            WHERE subject_kind = 'category'
        UNION SELECT c.merged_into FROM up u JOIN content.categories c ON c.category_id = u.category_id
            WHERE c.merged_into IS NOT NULL
    ),
    below (category_id) AS (
        SELECT c.category_id FROM up u JOIN content.categories c ON c.category_id = u.category_id
            WHERE c.merged_into IS NULL AND NOT c.deleted
        UNION SELECT c.category_id FROM below b JOIN content.categories c ON c.merged_into = b.category_id
            OR c.parent_id = b.category_id AND c.merged_into IS NULL AND NOT c.deleted
    )";

/// The statement of a page: of each source the newest posts after `after`, merged. Each source has an index in the
/// order of the feed, but for a series, which has 500 posts at most: of these 100 are looked at.
pub(super) fn select(reader: Uuid, authors: &Authors<'_>, after: Option<TimeKey>, most: u32) -> QueryBuilder<Postgres> {
    let mut sources = Sources { query: QueryBuilder::new(MEANT), after, most: i64::from(most) };
    sources.query.push_bind(reader).push(RESOLVED);
    let columns = PostSummary::columns();
    sources.query.push(format_args!(" SELECT {columns} FROM (SELECT DISTINCT x.published_at, x.post_id FROM (("));
    match authors {
        Authors::All => sources.of_all_authors(reader),
        Authors::Named(ready) => sources.of_authors(reader, ready),
    }
    sources.query.push(" UNION ALL ").push("SELECT w.published_at, w.post_id FROM names s CROSS JOIN LATERAL");
    sources.newest("content.post_tags", "w.tag = s.name");
    sources.query.push(" UNION ALL ").push("SELECT w.published_at, w.post_id FROM below s CROSS JOIN LATERAL");
    sources.newest("content.post_categories", "w.category_id = s.category_id");
    sources.query.push(" UNION ALL ");
    sources.of_series();
    sources.query.push(") x ORDER BY x.published_at DESC, x.post_id DESC LIMIT ").push_bind(i64::from(most));
    sources.query.push(format_args!(") f JOIN content.posts p ON p.post_id = f.post_id WHERE {}", listed("p")));
    sources.query
}

struct Sources {
    query: QueryBuilder<Postgres>,
    after: Option<TimeKey>,
    most: i64,
}

impl Sources {
    /// The newest of all whom the reader follows.
    fn of_all_authors(&mut self, reader: Uuid) {
        self.query.push("SELECT w.published_at, w.post_id FROM content.follows s CROSS JOIN LATERAL");
        self.newest("content.post_writers", "w.account_id = s.followee_id");
        self.query.push(" WHERE s.active AND s.follower_id = ").push_bind(reader).push(")");
    }

    /// Those that are named, as far as they are what the reader follows and are listed so; and the newest of those
    /// authors who have too many followers.
    fn of_authors(&mut self, reader: Uuid, ready: &Ready) {
        let ids: Vec<Uuid> = ready.entries.iter().map(|(_, id)| *id).collect();
        self.query.push("SELECT w.published_at, w.post_id FROM unnest(").push_bind(ids).push(
            ") AS c (post_id) JOIN content.post_writers w ON w.post_id = c.post_id \
             JOIN content.follows s ON s.followee_id = w.account_id AND s.active AND s.follower_id = ",
        );
        self.query.push_bind(reader).push(" WHERE true");
        self.after("w");
        self.query.push(" UNION ALL SELECT w.published_at, w.post_id FROM content.follows s CROSS JOIN LATERAL");
        self.newest("content.post_writers", "w.account_id = s.followee_id");
        self.query.push(" WHERE s.active AND s.follower_id = ").push_bind(reader);
        self.query.push(" AND s.followee_id = ANY(").push_bind(ready.merged.clone()).push("))");
    }

    /// The newest of each series that is there.
    fn of_series(&mut self) {
        self.query.push(format_args!(
            "SELECT w.published_at, w.post_id FROM series s CROSS JOIN LATERAL \
             (SELECT p.published_at, p.post_id FROM content.series_posts e \
             JOIN content.posts p ON p.post_id = e.post_id WHERE e.series_id = s.series_id AND {}",
            listed("p")
        ));
        self.after("p");
        self.query.push(" ORDER BY p.published_at DESC, p.post_id DESC LIMIT ").push_bind(self.most).push(") w");
    }

    /// The newest of one source, in the order of its index.
    fn newest(&mut self, table: &str, is_of: &str) {
        self.query.push(format_args!(" (SELECT w.published_at, w.post_id FROM {table} w WHERE {is_of}"));
        self.after("w");
        self.query.push(" ORDER BY w.published_at DESC, w.post_id DESC LIMIT ").push_bind(self.most).push(") w");
    }

    fn after(&mut self, rows: &str) {
        if let Some(key) = self.after {
            self.query.push(format_args!(" AND ({rows}.published_at, {rows}.post_id) < ("));
            key.bind(&mut self.query.separated(", "));
            self.query.push(")");
        }
    }
}
