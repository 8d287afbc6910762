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
