use serde_json::json;

use crate::Kind;
use crate::testing::Run;

#[test]
fn a_view_may_lag() {
    let mut run = Run::new();
    run.set("a", 1);
    run.set("a", 2);
    run.read("cells", "a", Some(1));
    run.read("cells", "a", Some(2));
    run.read("cells", "a", Some(2));
    run.is_clean();
}

#[test]
fn a_version_that_never_was_is_invented() {
    let mut run = Run::new();
    run.set("a", 1);
    run.read("cells", "a", Some(2));
    run.is(Kind::Invented);
    let mut run = Run::new();
    run.read("cells", "a", Some(1));
    run.is(Kind::Invented);
}

#[test]
fn what_is_past_the_token_is_seen() {
    let mut run = Run::new();
    run.set("a", 1);
    let token = run.set("a", 2);
    run.read("cells", "a", Some(2)).position = Some(token.clone());
    run.is_clean();
    let read = run.read("cells", "a", Some(1));
    (read.position, read.session) = (Some(token), 2);
    run.is(Kind::Stale);
}

#[test]
fn a_session_is_not_shown_less_than_before_where_that_is_promised() {
    let mut run = Run::new();
    run.set("a", 1);
    run.set("a", 2);
    run.read("cells", "a", Some(2));
    run.read("cells", "a", Some(1)).monotone = false;
    run.is_clean();
    run.read("cells", "a", Some(1));
    run.is(Kind::Stale);
}

#[test]
fn what_is_absent_was_hidden_at_a_version_that_can_be_meant() {
    let mut run = Run::new();
    let drafted = run.draft("p", "s");
    run.read("posts", "p", None).position = Some(drafted.clone());
    run.is_clean();
    let read = run.read("posts", "p", None);
    (read.position, read.sees_drafts, read.session) = (Some(drafted), true, 2);
    run.is(Kind::Stale);
}

#[test]
fn a_published_post_is_there() {
    let mut run = Run::new();
    run.draft("p", "s");
    let published = run.act("publish", "p");
    run.read("posts", "p", None);
    run.is_clean();
    run.read("posts", "p", None).position = Some(published.clone());
    run.is(Kind::Stale);
    // Deleted later, but before the answer: then it may be absent.
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("publish", "p");
    run.act("delete", "p");
    run.read("posts", "p", None).position = Some(published);
    run.is_clean();
}

/// An item that an account has, with the position of its upload.
fn brought(run: &mut Run) -> (String, crate::history::Position) {
    let (sha256, item) = ("1".repeat(64), format!("a:{}", "1".repeat(64)));
    let fields = json!({"account_id": "a", "sha256": sha256, "kept_until_at": i64::MAX});
    let position = run.accept("media.upload", &item, json!({}), "inklog.media.Uploaded", fields);
    (item, position)
}

#[test]
fn bytes_that_are_served_are_those_that_were_brought() {
    let mut run = Run::new();
    let (item, _) = brought(&mut run);
    run.read("media", &item, None).seen[0].fields.insert("sha256".into(), "1".repeat(64).into());
    run.is_clean();
    run.read("media", &item, None).seen[0].fields.insert("sha256".into(), "2".repeat(64).into());
    run.is(Kind::Invented);
}

#[test]
fn what_was_brought_is_served_until_it_may_be_gone() {
    let mut run = Run::new();
    let (item, position) = brought(&mut run);
    run.read("media", &item, None);
    run.is_clean();
    let mut gone = run.clone();
    run.read("media", &item, None).position = Some(position.clone());
    run.is(Kind::Stale);
    gone.accept("media.delete", &item, json!({}), "inklog.media.Deleted", json!({}));
    gone.read("media", &item, None).position = Some(position);
    gone.is_clean();
}

#[test]
fn a_post_may_be_absent_at_a_slug_that_it_gave_up_and_at_no_other() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("publish", "p");
    let command_id = run.history.calls[0].command_id;
    run.reservation("inklog.posts.SlugClaimed", "t", "p", command_id);
    run.accept("posts.edit", "p", json!({"slug": "t"}), "inklog.posts.Edited", json!({"slug": "t"}));
    run.reservation("inklog.posts.SlugConfirmed", "t", "p", command_id);
    let given_up =
        run.accept("posts.give_up_slug", "p", json!({"slug": "s"}), "inklog.posts.SlugGivenUp", json!({"slug": "s"}));
    let absent = |run: &mut Run, slug: &str| {
        let read = run.read("posts", "p", None);
        read.position = Some(given_up.clone());
        read.seen[0].fields.insert("slug".into(), slug.into());
    };
    absent(&mut run, "s");
    run.is_clean();
    absent(&mut run, "t");
    run.is(Kind::Stale);
}
