use std::collections::HashMap;

use domain::Timestamp;
use domain::views::Tagged;
use uuid::Uuid;

use super::Changes;
use crate::lists::Keys;

fn row(tags: &[&str], published: bool) -> Tagged {
    Tagged {
        post_id: Uuid::nil(),
        tags: tags.iter().map(ToString::to_string).collect(),
        published,
        deleted: false,
        published_at: published.then_some(Timestamp(7)),
        unlisted: false,
        archived: false,
        hidden: false,
        published_here_at: published.then_some(Timestamp(7)),
        originally_published_at: None,
        version: 1,
    }
}

fn changes(before: Option<Tagged>, after: Tagged) -> Changes {
    let rows = |row: Option<Tagged>| row.into_iter().map(|row| (row.post_id, row)).collect::<HashMap<_, _>>();
    Changes::between(rows(before), rows(Some(after)))
}

/// Without the key's prefix, the id, and the row.
fn commands(changes: &Changes) -> Vec<String> {
    let brief = |command: Vec<String>| {
        let key = command[1].trim_start_matches("p:lists:").to_owned();
        let score = if command[0] == "ZADD" { format!(" {}", command[2]) } else { String::new() };
        format!("{} {key}{score}", command[0])
    };
    changes.commands(&Keys::live("p")).into_iter().map(brief).collect()
}

#[test]
fn a_post_that_comes_to_be_listed_is_added_everywhere() {
    let changes = changes(Some(row(&["a", "b"], false)), row(&["a", "b"], true));
    assert_eq!(commands(&changes), ["HSET posts", "ZADD newest 7", "ZADD tag:a 7", "ZADD tag:b 7"]);
    assert_eq!(changes.tags().into_iter().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_post_that_is_listed_no_more_is_removed_everywhere() {
    let changes = changes(Some(row(&["a"], true)), row(&["a"], false));
    assert_eq!(commands(&changes), ["HSET posts", "ZREM newest", "ZREM tag:a"]);
    assert_eq!(changes.tags().into_iter().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn other_tags_touch_only_those_that_differ() {
    let changes = changes(Some(row(&["a", "b"], true)), row(&["b", "c"], true));
    assert_eq!(commands(&changes), ["HSET posts", "ZREM tag:a", "ZADD newest 7", "ZADD tag:b 7", "ZADD tag:c 7"]);
    assert_eq!(changes.tags().into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[test]
fn a_draft_is_kept_and_not_listed() {
    assert_eq!(commands(&changes(None, row(&["a"], false))), ["HSET posts"]);
}

#[test]
fn what_stays_as_it_was_is_not_written() {
    assert_eq!(commands(&changes(Some(row(&["a"], true)), row(&["a"], true))), Vec::<String>::new());
}

#[test]
fn several_posts_share_a_command_per_key() {
    let other = Tagged { post_id: Uuid::from_u128(1), ..row(&["a"], true) };
    let after = [row(&["a", "b"], true), other].map(|row| (row.post_id, row));
    let changes = Changes::between(HashMap::new(), HashMap::from(after));
    assert_eq!(commands(&changes), ["HSET posts", "ZADD newest 7", "ZADD tag:a 7", "ZADD tag:b 7"]);
    let words: Vec<usize> = changes.commands(&Keys::live("p")).iter().map(Vec::len).collect();
    assert_eq!(words, [6, 6, 6, 4]);
}

#[test]
fn pairs_are_not_torn_apart_when_there_is_much_to_say() {
    let many = (0..5_000).map(|n| (Uuid::from_u128(n), Tagged { post_id: Uuid::from_u128(n), ..row(&[], false) }));
    let commands = Changes::between(HashMap::new(), many.collect()).commands(&Keys::live("p"));
    assert_eq!(commands.iter().map(Vec::len).collect::<Vec<_>>(), [4_002, 4_002, 2_002]);
    assert!(commands.iter().all(|command| command[3].starts_with('{')));
}
