use serde_json::json;

use crate::Kind;
use crate::history::{Outcome, Refusal};
use crate::testing::Run;

#[test]
fn an_event_that_says_something_else_than_was_asked_is_invented() {
    let mut run = Run::new();
    run.set("a", 1);
    run.event("cells", 1).fields.insert("value".into(), json!(2));
    run.is(Kind::Invented);
}

#[test]
fn an_event_that_leaves_something_out_is_invented() {
    let mut run = Run::new();
    run.draft("p", "s");
    let asked = json!({"title": "new", "body": "new"});
    run.accept("posts.edit", "p", asked.clone(), "inklog.posts.Edited", asked);
    run.is_clean();
    run.event("posts", 4).fields.remove("body");
    run.is(Kind::Invented);
}

#[test]
fn a_repeated_id_with_other_arguments_is_not_accepted() {
    let mut run = Run::new();
    run.set("a", 1);
    let mut other = run.history.calls[0].clone();
    other.arguments = json!({"value": 2});
    other.outcome = Outcome::Unknown;
    run.history.calls.push(other.clone());
    run.is_clean();
    other.outcome = run.history.calls[0].outcome.clone();
    run.history.calls.push(other);
    run.is(Kind::Invented);
}

#[test]
fn already_so_is_so() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("publish", "p");
    run.unchanged("posts.publish", "p", json!({}), 2);
    run.is_clean();
    run.unchanged("posts.delete", "p", json!({}), 2);
    run.is(Kind::Stale);
}

#[test]
fn what_differs_differs() {
    let mut run = Run::new();
    run.draft("p", "s");
    let same = json!({"slug": "s", "title": "s", "body": "b", "tags": ["t"]});
    run.refuse("posts.put", "p", json!({"slug": "s", "title": "other"}), Refusal::Differs, Some(1));
    run.is_clean();
    run.refuse("posts.put", "p", same, Refusal::Differs, Some(1));
    run.is(Kind::Stale);
}

#[test]
fn what_is_shown_of_a_version_is_what_its_events_say() {
    let mut run = Run::new();
    run.draft("p", "s");
    run.act("publish", "p");
    run.read("posts", "p", Some(2)).seen[0].fields = json!({"title": "s"}).as_object().unwrap().clone();
    run.is_clean();
    run.history.reads[0].seen[0].fields.insert("title".into(), json!("t"));
    run.is(Kind::Row);
}
