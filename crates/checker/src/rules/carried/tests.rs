use serde_json::{Value, json};

use crate::Kind;
use crate::testing::Run;

const POST: &str = "00000000-0000-0000-0000-000000000001";

fn case(more: &Value) -> Value {
    let mut fields =
        json!({"target_kind": "comment", "target_id": "c", "post_id": POST, "number": 1, "subject_id": "b"});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

/// A comment that a moderator has hidden by a first ruling.
fn hidden() -> Run {
    let mut run = Run::new();
    let (id, other) = (format!("comment:{POST}:1"), run.id());
    let comment = json!({"comment_id": "c", "post_id": POST, "number": 1, "author_id": "a", "reply_to": null,
        "depth": 0, "text": "a", "editable_until_at": i64::MAX});
    run.accept("comments.write", POST, json!({"text": "a"}), "inklog.comments.Written", comment);
    // It is not late with noting that it is carried out.
    let decided =
        case(&json!({"ruling": 1, "ruled_at": 1_000_000_000, "moderator_id": "a", "moderator_role": "moderator",
        "measure": "hide", "rule": "spam", "explanation": "x"}));
    let asked = json!({"measure": "hide", "rule": "spam", "explanation": "x"});
    run.accept("moderation.decide", &id, asked, "inklog.moderation.Decided", decided);
    let fields = json!({"post_id": POST, "number": 1, "author_id": "a", "ruling": 1, "from_author": false});
    let _ = run.append("inklog.comments.Hidden", POST, other, fields);
    run
}

#[test]
fn what_was_decided_is_carried_out() {
    hidden().is_clean();
}

#[test]
fn what_was_not_decided_is_noticed() {
    for (field, wrong) in [("ruling", json!(2)), ("from_author", json!(true)), ("number", json!(2))] {
        let mut run = hidden();
        run.event("comments", 2).fields.insert(field.into(), wrong);
        run.has(Kind::Undecided);
    }
    let mut run = hidden();
    run.event("comments", 2).event_type = "inklog.comments.Shown".into();
    run.has(Kind::Undecided);
}

#[test]
fn what_is_carried_out_on_a_post_was_decided_of_it() {
    let decided = |run: &mut Run| {
        let about = json!({"target_kind": "post", "target_id": "p", "subject_id": "b", "ruling": 1,
            "ruled_at": 1_000_000_000, "moderator_id": "a", "moderator_role": "moderator", "measure": "remove",
            "rule": "spam", "explanation": "x"});
        let asked = json!({"measure": "remove", "rule": "spam", "explanation": "x"});
        run.accept("moderation.decide", "post:p", asked, "inklog.moderation.Decided", about);
    };
    for (is_decided, from_author) in [(true, true), (true, false), (false, true)] {
        let mut run = Run::new();
        let _ = run.draft("p", "s");
        if is_decided {
            decided(&mut run);
        }
        let id = run.id();
        let _ = run.append("inklog.posts.Hidden", "p", id, json!({"ruling": 1, "from_author": from_author}));
        if is_decided && from_author { run.is_clean() } else { run.has(Kind::Undecided) }
    }
}

#[test]
fn what_is_said_to_be_carried_out_stands_so() {
    let carried_out = |run: &mut Run| {
        let id = run.id();
        let fields = case(&json!({"ruling": 1}));
        let _ = run.append("inklog.moderation.CarriedOut", &format!("comment:{POST}:1"), id, fields);
    };
    let mut run = hidden();
    carried_out(&mut run);
    assert_eq!(run.judge().count(Kind::Undecided), 0);
    let mut without = Run::new();
    without.history = hidden().history;
    let comments = without.history.partitions.iter_mut().find(|partition| partition.context == "comments").unwrap();
    comments.records.pop();
    carried_out(&mut without);
    without.has(Kind::Undecided);
}
