use domain::Timestamp;
use domain::views::ranks::{Mark, USE};
use domain::views::{Tagged, Tags};
use uuid::Uuid;

use crate::content::derived::{Derived, Details};
use crate::content::points::Points;
use crate::content::table::table;
use crate::content::view::Stored;

table! {
    Tagged as "tagged_posts" {
        key { post_id: Uuid }
        tags: Vec<String>,
        published: bool,
        deleted: bool,
        unlisted: bool,
        archived: bool,
        hidden: bool,
        published_at: Option<Timestamp>,
        published_here_at: Option<Timestamp>,
        originally_published_at: Option<Timestamp>,
        version: u64,
    }
}

/// A listed post under one of its tags: what queries read.
#[derive(Clone, Debug, PartialEq)]
struct PostTag {
    tag: String,
    published_at: Timestamp,
    post_id: Uuid,
}

table! {
    PostTag as "post_tags" {
        key { tag: String, published_at: Timestamp, post_id: Uuid }
    }
}

/// The same of a post in the archive.
#[derive(Clone, Debug, PartialEq)]
struct ArchivedPostTag {
    tag: String,
    published_at: Timestamp,
    post_id: Uuid,
}

table! {
    ArchivedPostTag as "archived_post_tags" {
        key { tag: String, published_at: Timestamp, post_id: Uuid }
    }
}

/// The points that tags have by the posts in the lists.
const POINTS: Points<Tagged, String> = Points { table: "tag_points", key: "tag", of: points };

impl Stored for Tags {
    const ABOUT: &'static str = "What is listed under which tag, and what tags gain by it, in Postgres";
    const DERIVED: &'static [&'static dyn Derived<Tagged>] =
        &[&Details { of: listed }, &Details { of: archived }, &POINTS];
}

fn listed(row: &Tagged) -> Vec<PostTag> {
    let Some((published_at, tags)) = row.listed() else { return Vec::new() };
    tags.into_iter().map(|tag| PostTag { tag: tag.to_owned(), published_at, post_id: row.post_id }).collect()
}

fn archived(row: &Tagged) -> Vec<ArchivedPostTag> {
    let Some((published_at, tags)) = row.in_archive() else { return Vec::new() };
    tags.into_iter().map(|tag| ArchivedPostTag { tag: tag.to_owned(), published_at, post_id: row.post_id }).collect()
}

fn points(row: &Tagged) -> Vec<(String, Mark)> {
    let Some((published_at, tags)) = row.listed() else { return Vec::new() };
    tags.into_iter().map(|tag| (tag.to_owned(), Mark::at(published_at, USE))).collect()
}
