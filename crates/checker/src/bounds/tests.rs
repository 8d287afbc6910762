use serde_json::json;

use crate::Kind;
use crate::history::{Outcome, Refusal};
use crate::testing::Run;

#[test]
fn one_after_the_other_is_an_order() {
    let mut run = Run::new();
    for value in 0..5 {
        run.set("a", value);
        run.set("b", value);
    }
    run.is_clean();
}

#[test]
fn calls_at_the_same_time_may_be_appended_in_either_order() {
    let mut run = Run::new();
    run.set("a", 1);
    run.set("a", 2);
    // The second was asked first.
    let calls = &mut run.history.calls;
    (calls[0].invoked_at, calls[0].answered_at) = (15, Some(30));
    (calls[1].invoked_at, calls[1].answered_at) = (10, Some(20));
    run.is_clean();
}

#[test]
fn an_event_before_that_of_a_command_answered_earlier_is_out_of_order() {
    let mut run = Run::new();
    run.set("a", 1);
    run.set("a", 2);
    let calls = &mut run.history.calls;
    (calls[0].invoked_at, calls[0].answered_at) = (30, Some(40));
    run.is(Kind::Order);
}

#[test]
fn the_order_holds_across_the_aggregates_of_a_partition() {
    let mut run = Run::new();
    run.set("a", 1);
    run.set("b", 1);
    (run.history.calls[0].invoked_at, run.history.calls[0].answered_at) = (30, Some(40));
    run.is(Kind::Order);
}

#[test]
fn a_repeated_command_may_have_been_applied_by_any_attempt_that_was_not_refused() {
    let mut run = Run::new();
    let first = run.call("cells.set", "a", json!({"value": 1}), Outcome::Unknown).command_id;
    run.set("a", 1);
    run.set("b", 1);
    // The event between answers the first command's second attempt.
    run.event("cells", 1).command_id = first;
    run.history.calls[1].command_id = first;
    run.is_clean();
    // Had the first attempt been refused, it must be the second's, which began after `b` was answered.
    run.history.calls[0].outcome = Outcome::Refused { refusal: Refusal::Unavailable, version: None };
    run.history.calls[0].answered_at = Some(12);
    run.history.calls[1].invoked_at = 50;
    run.history.calls[1].answered_at = Some(60);
    run.is(Kind::Order);
}

#[test]
fn a_refusal_for_a_version_that_was_replaced_before_is_stale() {
    let mut run = Run::new();
    run.set("a", 1);
    run.set("a", 2);
    run.refuse("cells.set", "a", json!({"value": 3}), Refusal::VersionConflict, Some(2));
    run.is_clean();
    run.refuse("cells.set", "a", json!({"value": 3}), Refusal::VersionConflict, Some(1));
    run.is(Kind::Stale);
}

#[test]
fn not_found_after_it_was_there_is_stale() {
    let mut run = Run::new();
    run.refuse("cells.set", "a", json!({"value": 3}), Refusal::NotFound, None);
    run.set("a", 1);
    run.is_clean();
    run.refuse("cells.set", "a", json!({"value": 3}), Refusal::NotFound, None);
    run.is(Kind::Stale);
}

/// A draft of another's is not there for who may not see it; what is public is there for everyone.
#[test]
fn not_found_once_everyone_can_see_it_is_stale() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.refuse("posts.publish", "p", json!({}), Refusal::NotFound, None);
    run.is_clean();
    run.accept("posts.publish", "p", json!({}), "inklog.posts.Published", json!({}));
    run.refuse("posts.publish", "p", json!({}), Refusal::NotFound, None);
    run.is(Kind::Stale);
}

/// Seed 14 of the crash lab: a post was a draft again, or not read yet, when it was to be kept once more.
#[test]
fn a_post_that_is_not_found_tells_nothing_of_its_bookmark() {
    let mut run = Run::new();
    let ids = json!({"account_id": "a", "post_id": "p"});
    run.accept("bookmarks.add", "a:p", json!({}), "inklog.bookmarks.Added", ids);
    run.refuse("bookmarks.add", "a:p", json!({}), Refusal::NotFound, None);
    run.is_clean();
    run.refuse("bookmarks.remove", "a:p", json!({}), Refusal::NotFound, None);
    run.is(Kind::Stale);
}

#[test]
fn a_post_that_is_not_found_tells_nothing_of_its_reaction() {
    let mut run = Run::new();
    let fields = json!({"account_id": "a", "target_kind": "post", "target_id": "p", "kind": "like"});
    run.accept("reactions.react", "a:reaction:like:post:p", json!({}), "inklog.reactions.Given", fields);
    run.refuse("reactions.react", "a:reaction:like:post:p", json!({}), Refusal::NotFound, None);
    run.is_clean();
    run.refuse("reactions.withdraw", "a:reaction:like:post:p", json!({}), Refusal::NotFound, None);
    run.is(Kind::Stale);
}

#[test]
fn no_reader_is_shown_a_version_before_it_was_asked_for() {
    let mut run = Run::new();
    run.read("cells", "a", Some(1));
    run.set("a", 1);
    run.is(Kind::Order);
}
