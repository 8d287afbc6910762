use serde_json::json;

use super::*;
use crate::history::{Caller, Outcome, Refusal};
use crate::testing::Run;

/// A run with a post that an editor published, where reviews are demanded.
fn published() -> Run {
    let mut run = Run::new();
    run.history.review_is_demanded = true;
    by(&mut run, "ada", |run| drop(run.draft("p", "s")));
    by(&mut run, "ed", publish);
    run
}

fn publish(run: &mut Run) {
    drop(run.act("publish", "p"));
}

/// What happens is asked by this account; `ed` alone is an editor.
fn by(run: &mut Run, account: &str, act: impl FnOnce(&mut Run)) {
    let before = run.history.calls.len();
    act(run);
    for call in &mut run.history.calls[before..] {
        call.caller = Some(Caller { account_id: account.to_owned(), is_editor: account == "ed", role: None });
    }
}

fn step(run: &mut Run, verb: &str, event: &str, copy: Option<(u64, &str)>) {
    let of_copy = |(version, _)| json!({"what": "working-copy", "copy_version": version});
    let arguments = copy.map_or(json!({"what": null}), of_copy);
    let fields = json!({"copy_sha256": copy.map(|(_, digest)| digest)});
    drop(run.accept(&format!("posts.{verb}"), "p", arguments, &format!("inklog.posts.{event}"), fields));
}

fn approved(run: &mut Run, copy: Option<(u64, &str)>) {
    by(run, "ada", |run| step(run, "submit", "SubmittedForReview", copy));
    by(run, "ed", |run| step(run, "approve", "Approved", copy));
}

fn released(run: &mut Run, version: u64) {
    let (arguments, fields) = (json!({"title": "U", "copy_version": version}), json!({"title": "U"}));
    by(run, "ada", |run| drop(run.accept("posts.release", "p", arguments, "inklog.posts.Edited", fields)));
}

/// What is found of who may do what.
fn found(run: &Run) -> Vec<Kind> {
    let found = run.judge().found.into_keys();
    found.filter(|kind| matches!(kind, Kind::Access | Kind::Stale | Kind::Invented)).collect()
}

#[test]
fn an_author_releases_the_very_copy_that_was_approved() {
    let mut run = published();
    approved(&mut run, Some((3, "abc")));
    let right = run.clone();
    released(&mut run, 3);
    assert_eq!(found(&run), []);
    let mut another = right;
    released(&mut another, 4);
    assert_eq!(found(&another), [Kind::Access]);
    let mut post = published();
    approved(&mut post, None);
    released(&mut post, 3);
    assert_eq!(found(&post), [Kind::Access], "the post was approved, and not its copy");
}

#[test]
fn an_edit_takes_the_approval_back() {
    let mut run = published();
    approved(&mut run, Some((3, "abc")));
    released(&mut run, 3);
    released(&mut run, 3);
    assert_eq!(found(&run), [Kind::Access]);
    run.history.review_is_demanded = false;
    assert_eq!(found(&run), [], "where it is not demanded");
}

#[test]
fn an_author_publishes_what_was_approved_and_an_editor_what_they_like() {
    let mut run = published();
    by(&mut run, "ada", |run| drop(run.act("unpublish", "p")));
    let mut without = run.clone();
    by(&mut without, "ada", publish);
    assert_eq!(found(&without), [Kind::Access]);
    approved(&mut run, None);
    by(&mut run, "ada", publish);
    assert_eq!(found(&run), []);
}

#[test]
fn one_digest_is_one_version_of_a_copy() {
    let mut run = published();
    approved(&mut run, Some((3, "abc")));
    by(&mut run, "ada", |run| step(run, "submit", "SubmittedForReview", Some((4, "abc"))));
    assert_eq!(found(&run), [Kind::Invented]);
}

#[test]
fn who_is_told_that_nothing_is_approved_is_told_the_truth() {
    let refused = |run: &mut Run, version| {
        let outcome = Outcome::Refused { refusal: Refusal::NotApproved, version: Some(version) };
        by(run, "ada", |run| {
            let _ = run.call("posts.release", "p", json!({"title": "U", "copy_version": 3}), outcome);
        });
    };
    let mut run = published();
    refused(&mut run, 2);
    assert_eq!(found(&run), []);
    approved(&mut run, Some((3, "abc")));
    refused(&mut run, 4);
    assert_eq!(found(&run), [Kind::Stale]);
}
