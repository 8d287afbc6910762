//! What is new of what a reader follows, as the log has it: made of the rows that it gives the views of all contexts.
//!
//! | view | rows |
//! | --- | --- |
//! | `feeds` | of each reader whose feed was read to its end, its posts, newest first |
//!
//! A listed post is in a feed if its author or a co-author is followed, or a tag of it, a category or a series that it
//! is in. A tag is followed under each name that stands for the same, and a category with what is below it and what was
//! merged into any of those; one that was deleted is not followed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::views::{Rows, View};

pub(crate) const FEEDS: View = View::keyed("feeds", &["reader_id"]);

/// Adds the feeds of these readers.
pub(crate) fn add<'a>(readers: impl Iterator<Item = &'a str>, rows: &mut Rows) {
    let feeds: Vec<Value> = readers
        .map(|reader| json!({"reader_id": reader, "post_ids": Followed::by(reader, rows).posts(rows)}))
        .collect();
    feeds.into_iter().for_each(|feed| rows.put(FEEDS, feed));
}

/// What a reader follows, by all names and ids.
struct Followed<'a> {
    authors: BTreeSet<&'a str>,
    tags: BTreeSet<&'a str>,
    categories: BTreeSet<&'a str>,
    series: BTreeSet<&'a str>,
}

impl<'a> Followed<'a> {
    fn by(reader: &str, rows: &'a Rows) -> Self {
        let follows = of(rows, "follows").filter(|row| is_theirs(row, reader));
        let subjects = |kind: &'static str| {
            let theirs = of(rows, "followed_subjects").filter(|row| is_theirs(row, reader));
            theirs.filter(move |row| row["subject_kind"] == kind).map(|row| text(row, "subject_ref")).collect()
        };
        Self {
            authors: follows.map(|row| text(row, "followee_id")).collect(),
            tags: names(&subjects("tag"), rows),
            categories: below(&subjects("category"), rows),
            series: subjects("series"),
        }
    }

    /// The posts that are listed, newest first.
    fn posts(&self, rows: &Rows) -> Vec<String> {
        let listed = of(rows, "lists.newest").map(|row| (text(row, "post_id"), row["at"].as_i64().unwrap_or_default()));
        let listed: BTreeMap<&str, i64> = listed.collect();
        let sources = [
            ("post_writers", "account_id", &self.authors),
            ("post_tags", "tag", &self.tags),
            ("post_categories", "category_id", &self.categories),
            ("series_posts", "series_id", &self.series),
        ];
        let of_source = |(view, column, followed): (&'static str, &'static str, &BTreeSet<&str>)| {
            let rows = of(rows, view).filter(|row| followed.contains(text(row, column)));
            rows.map(|row| text(row, "post_id")).collect::<Vec<_>>()
        };
        let ids: BTreeSet<&str> = sources.into_iter().flat_map(of_source).collect();
        let mut posts: Vec<(i64, &str)> = ids.into_iter().filter_map(|id| Some((*listed.get(id)?, id))).collect();
        posts.sort_unstable_by(|one, other| other.cmp(one));
        posts.into_iter().map(|(_, id)| id.to_owned()).collect()
    }
}

/// All names of what these stand for.
fn names<'a>(followed: &BTreeSet<&'a str>, rows: &'a Rows) -> BTreeSet<&'a str> {
    let said: BTreeMap<&str, &str> = of(rows, "tag_names").map(|row| (text(row, "name"), text(row, "tag"))).collect();
    let tags: BTreeSet<&str> = followed.iter().map(|name| said.get(name).copied().unwrap_or(name)).collect();
    let others = said.iter().filter(|(_, tag)| tags.contains(*tag)).map(|(name, _)| *name);
    others.chain(tags.iter().copied()).collect()
}

/// What these were merged into and is there, all that is below it, and all that was merged into any of that.
fn below<'a>(followed: &BTreeSet<&'a str>, rows: &'a Rows) -> BTreeSet<&'a str> {
    let categories: BTreeMap<&str, &Value> =
        of(rows, "categories").map(|row| (text(row, "category_id"), row)).collect();
    let is_there = |row: &Value| row["merged_into"].is_null() && row["deleted"] == false;
    let mut found = BTreeSet::new();
    for id in followed {
        let mut id = *id;
        while let Some(into) = categories.get(id).and_then(|row| row["merged_into"].as_str()) {
            id = into;
        }
        found.extend(categories.get(id).filter(|row| is_there(row)).map(|_| id));
    }
    loop {
        let is_in = |row: &Value, column: &str| row[column].as_str().is_some_and(|id| found.contains(id));
        let belongs = |row: &Value| is_in(row, "merged_into") || is_there(row) && is_in(row, "parent_id");
        let more: Vec<&str> = categories.iter().filter(|(_, row)| belongs(row)).map(|(id, _)| *id).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            return found;
        }
    }
}

fn of<'a>(rows: &'a Rows, view: &'static str) -> impl Iterator<Item = &'a Value> {
    rows.of(View::keyed(view, &[])).values()
}

fn is_theirs(row: &Value, reader: &str) -> bool {
    row["follower_id"] == reader && row["active"] == true
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
