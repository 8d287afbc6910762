use domain::Timestamp;
use domain::views::{Post, Posts};
use uuid::Uuid;

use crate::content::derived::{Derived, Details, Sums};
use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Post as "posts" {
        key { post_id: Uuid }
        author_id: Uuid,
        co_author_ids: Vec<Uuid>,
        slug: String,
        title: String,
        summary: String,
        body: String,
        tags: Vec<String>,
        category_ids: Vec<Uuid>,
        published: bool,
        deleted: bool,
        published_at: Option<Timestamp>,
        published_here_at: Option<Timestamp>,
        originally_published_at: Option<Timestamp>,
        drafted_at: Timestamp,
        updated_at: Timestamp,
        release_at: Option<Timestamp>,
        release_local_time: Option<String>,
        release_time_zone: Option<String>,
        expires_at: Option<Timestamp>,
        expiry_local_time: Option<String>,
        expiry_time_zone: Option<String>,
        version: u64,
    }
}

/// A listed post in one of its categories: what queries read.
#[derive(Clone, Debug, PartialEq)]
struct PostCategory {
    category_id: Uuid,
    published_at: Timestamp,
    post_id: Uuid,
}

table! {
    PostCategory as "post_categories" {
        key { category_id: Uuid, published_at: Timestamp, post_id: Uuid }
    }
}

/// How many listed posts name a category.
const COUNTS: Sums<Post, Uuid, 1> =
    Sums { table: "category_counts", key: "category_id", amounts: ["posts"], of: counts };

impl Stored for Posts {
    const ABOUT: &'static str = "Every post, and what is listed in which category";
    // For their bodies.
    const IS_LARGE: bool = true;
    const DERIVED: &'static [&'static dyn Derived<Post>] = &[&Details { of: in_categories }, &COUNTS];
}

fn in_categories(post: &Post) -> Vec<PostCategory> {
    let Some((published_at, ids)) = post.in_categories() else { return Vec::new() };
    let in_one = |category_id| PostCategory { category_id, published_at, post_id: post.post_id };
    ids.into_iter().map(in_one).collect()
}

fn counts(post: &Post) -> Vec<(Uuid, [i64; 1])> {
    let (_, ids) = post.in_categories().unwrap_or_default();
    ids.into_iter().map(|id| (id, [1])).collect()
}
