use serde_json::json;

use crate::Kind;
use crate::history::Refusal;
use crate::testing::Run;

#[test]
fn a_conflict_names_a_version_that_there_was_and_not_the_one_asked_for() {
    let mut run = Run::new();
    run.set("a", 1);
    run.refuse("cells.set", "a", json!({"value": 2}), Refusal::VersionConflict, Some(1));
    run.is_clean();
    run.history.calls[1].expected = Some(1);
    run.is(Kind::Stale);
    run.refuse("cells.set", "a", json!({"value": 2}), Refusal::VersionConflict, Some(9));
    run.has(Kind::Invented);
}

#[test]
fn a_post_that_is_deleted_is() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("delete", "p");
    run.refuse("posts.publish", "p", json!({}), Refusal::Deleted, None);
    run.refuse("posts.publish", "p", json!({}), Refusal::Deleted, Some(2));
    run.act("restore", "p");
    run.is_clean();
    run.refuse("posts.publish", "p", json!({}), Refusal::Deleted, None);
    run.is(Kind::Stale);
}

#[test]
fn a_slug_that_is_taken_is_anothers() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.refuse("posts.draft", "q", json!({"slug": "s", "title": "q"}), Refusal::Taken, None);
    run.is_clean();
    run.refuse("posts.draft", "q", json!({"slug": "free", "title": "q"}), Refusal::Taken, None);
    run.is(Kind::Stale);
}

#[test]
fn an_id_is_reused_only_for_something_else() {
    let mut run = Run::new();
    run.set("a", 1);
    let id = run.history.calls[0].command_id;
    run.refuse("cells.set", "a", json!({"value": 2}), Refusal::IdReused, None);
    run.history.calls[1].command_id = id;
    run.is_clean();
    run.history.calls[1].arguments = json!({"value": 1});
    run.is(Kind::Stale);
}
