use domain::Timestamp;
use domain::views::{Post, Posts, ranks};
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
        archived: bool,
        visible: String,
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
        canonical_url: Option<String>,
        cover_image: Option<String>,
        cover_alt: Option<String>,
        cover_focal_x: Option<i64>,
        cover_focal_y: Option<i64>,
        language_tag: Option<String>,
        translation_of: Option<Uuid>,
        meta_title: Option<String>,
        meta_description: Option<String>,
        custom_fields: Option<String>,
        visibility: String,
        featured: bool,
        comments: String,
        edited_version: u64,
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

/// A listed post of one of its writers: what feeds are merged of.
#[derive(Clone, Debug, PartialEq)]
struct PostWriter {
    account_id: Uuid,
    published_at: Timestamp,
    post_id: Uuid,
}

table! {
    PostWriter as "post_writers" {
        key { account_id: Uuid, published_at: Timestamp, post_id: Uuid }
    }
}

/// A post in the archive, in one of its categories.
#[derive(Clone, Debug, PartialEq)]
struct ArchivedPostCategory {
    category_id: Uuid,
    published_at: Timestamp,
    post_id: Uuid,
}

table! {
    ArchivedPostCategory as "archived_post_categories" {
        key { category_id: Uuid, published_at: Timestamp, post_id: Uuid }
    }
}

/// A listed post under a word of its title.
#[derive(Clone, Debug, PartialEq)]
struct PostWord {
    word: String,
    published_at: Timestamp,
    post_id: Uuid,
}

table! {
    PostWord as "post_words" {
        key { word: String, published_at: Timestamp, post_id: Uuid }
    }
}

/// How many listed posts name a category.
const COUNTS: Sums<Post, Uuid, 1> =
    Sums { table: "category_counts", key: "category_id", amounts: ["posts"], of: counts };

/// How many posts of a month are listed, and how many are in the archive.
const MONTHS: Sums<Post, i64, 2> =
    Sums { table: "month_counts", key: "month", amounts: ["posts", "archived"], of: months };

/// By whom posts are listed.
const WRITERS: Details<Post, PostWriter> = Details { of: by_writers };

impl Stored for Posts {
    const ABOUT: &'static str =
        "Every post, and what is listed by whom, in which category and month, and under which words";
    // For their bodies.
    const IS_LARGE: bool = true;
    const DERIVED: &'static [&'static dyn Derived<Post>] = &[
        &Details { of: in_categories },
        &Details { of: archived_in_categories },
        &WRITERS,
        &COUNTS,
        &MONTHS,
        &Details { of: under_words },
    ];
}

fn in_categories(post: &Post) -> Vec<PostCategory> {
    let Some((published_at, ids)) = post.in_categories() else { return Vec::new() };
    let in_one = |category_id| PostCategory { category_id, published_at, post_id: post.post_id };
    ids.into_iter().map(in_one).collect()
}

fn archived_in_categories(post: &Post) -> Vec<ArchivedPostCategory> {
    let Some((published_at, ids)) = post.archived_in_categories() else { return Vec::new() };
    let in_one = |category_id| ArchivedPostCategory { category_id, published_at, post_id: post.post_id };
    ids.into_iter().map(in_one).collect()
}

fn under_words(post: &Post) -> Vec<PostWord> {
    let Some(published_at) = post.published_at.filter(|_| post.listed()) else { return Vec::new() };
    let under_one = |word| PostWord { word, published_at, post_id: post.post_id };
    ranks::words(&post.title).into_iter().map(under_one).collect()
}

fn by_writers(post: &Post) -> Vec<PostWriter> {
    let Some((published_at, ids)) = post.listed_by() else { return Vec::new() };
    let by_one = |account_id| PostWriter { account_id, published_at, post_id: post.post_id };
    ids.into_iter().map(by_one).collect()
}

fn counts(post: &Post) -> Vec<(Uuid, [i64; 1])> {
    let (_, ids) = post.in_categories().unwrap_or_default();
    ids.into_iter().map(|id| (id, [1])).collect()
}

fn months(post: &Post) -> Vec<(i64, [i64; 2])> {
    let one = [i64::from(post.listed()), i64::from(post.in_archive())];
    post.in_month().map(|month| (month, one)).into_iter().collect()
}
