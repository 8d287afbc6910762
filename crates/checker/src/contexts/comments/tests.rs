use serde_json::{Value, json};
use uuid::Uuid;

use super::id;
use crate::Kind;
use crate::history::Outcome;
use crate::testing::Run;

const POST: &str = "00000000-0000-0000-0000-000000000001";

fn written(number: i64, reply_to: Option<i64>, depth: i64, text: &str) -> Value {
    json!({"comment_id": id(POST, number), "post_id": POST, "number": number, "author_id": ACTOR,
        "reply_to": reply_to, "depth": depth, "text": text, "editable_until_at": i64::MAX})
}

fn about(number: i64) -> Value {
    json!({"post_id": POST, "number": number, "author_id": ACTOR})
}

/// The account that acts in a run.
const ACTOR: &str = "a";

/// Two comments, of which the second answers the first.
fn two() -> Run {
    let mut run = Run::new();
    run.accept("comments.write", POST, json!({"text": "a"}), "inklog.comments.Written", written(1, None, 0, "a"));
    let answer = json!({"text": "b", "reply_to": 1});
    run.accept("comments.write", POST, answer, "inklog.comments.Written", written(2, Some(1), 1, "b"));
    run
}

fn row(number: i64, text: &str) -> Value {
    let at = 1_000_000 * number;
    json!({"post_id": POST, "number": number, "comment_id": id(POST, number), "author_id": ACTOR,
        "reply_to": (number > 1).then_some(1), "depth": i64::from(number > 1), "text": text, "former_texts": [],
        "former_texts_at": [], "withheld_texts": 0, "deleted": false, "written_at": at, "edited_at": null,
        "editable_until_at": i64::MAX, "version": number,
        "visible": "all", "held_by": []})
}

#[test]
fn rows_are_the_comments_and_sums_of_them() {
    let mut run = two();
    run.is_clean();
    let rows = vec![row(1, "a"), row(2, "b")];
    run.history.views.insert("comments".into(), rows);
    run.history.views.insert("comment_counts".into(), vec![json!({"post_id": POST, "comments": 2})]);
    run.history.views.insert("commenter_counts".into(), vec![json!({"account_id": ACTOR, "comments": 2})]);
    run.history.views.insert("answer_counts".into(), vec![json!({"comment_id": id(POST, 1), "answers": 1})]);
    run.history.views.insert("comment_points".into(), vec![json!({"post_id": POST, "points": "40000"})]);
    run.is_clean();
    run.history.views.get_mut("comment_counts").unwrap()[0]["comments"] = json!(3);
    run.is(Kind::Row);
}

#[test]
fn a_number_that_is_not_the_next_and_a_depth_that_is_not_one_more_are_noticed_in_the_rows() {
    for (field, wrong) in [("number", json!(5)), ("depth", json!(3))] {
        let mut run = two();
        run.event("comments", 2).fields.insert(field.into(), wrong.clone());
        let mut second = row(2, "b");
        second[field] = wrong;
        let rows = vec![row(1, "a"), second];
        run.history.views.insert("comments".into(), rows);
        assert!(run.judge().count(Kind::Row) > 0, "{field}: {}", run.judge());
    }
}

#[test]
fn a_comment_says_what_was_asked_and_nothing_else() {
    let mut run = two();
    let mut fields = about(1);
    fields["text"] = json!("c");
    run.accept("comments.edit", POST, json!({"number": 1, "text": "c"}), "inklog.comments.Edited", fields);
    run.accept("comments.delete", POST, json!({"number": 2}), "inklog.comments.Deleted", about(2));
    run.unchanged("comments.delete", POST, json!({"number": 2}), 4);
    run.is_clean();
    run.event("comments", 3).fields.insert("text".into(), json!("d"));
    assert!(!run.judge().is_clean(), "what it says was not asked for");
}

#[test]
fn of_a_text_that_is_forgotten_it_cannot_be_told_what_it_was() {
    let mut run = two();
    run.event("comments", 2).fields.insert("text".into(), json!({"forgotten": true}));
    run.history.views.insert("comments".into(), vec![row(1, "a"), row(2, "")]);
    assert_eq!(run.judge().count(Kind::Invented), 0, "{}", run.judge());
    assert!(!run.judge().to_string().contains("comments: "), "{}", run.judge());
}

#[test]
fn an_edit_after_its_time_and_of_another_is_none() {
    for (field, wrong) in [("editable_until_at", json!(0)), ("author_id", json!("another"))] {
        let mut run = two();
        let mut fields = about(1);
        fields["text"] = json!("c");
        run.accept("comments.edit", POST, json!({"number": 1, "text": "c"}), "inklog.comments.Edited", fields);
        run.is_clean();
        run.event("comments", 1).fields.insert(field.into(), wrong);
        assert!(!run.judge().is_clean(), "{field}");
    }
}

#[test]
fn a_comment_is_shown_as_the_last_ruling_says_and_counted_while_it_is_shown() {
    let ruled = |ruling: i64| {
        let mut fields = about(2);
        fields["ruling"] = json!(ruling);
        fields
    };
    let mut hidden = ruled(1);
    hidden["from_author"] = json!(false);
    let mut run = two();
    let command_id = run.id();
    let _ = run.append("inklog.comments.Hidden", POST, command_id, hidden);
    let mut second = row(2, "b");
    (second["visible"], second["version"]) = (json!("author"), json!(3));
    run.history.views.insert("comments".into(), vec![row(1, "a"), second]);
    run.history.views.insert("comment_counts".into(), vec![json!({"post_id": POST, "comments": 1})]);
    run.history.views.insert("commenter_counts".into(), vec![json!({"account_id": ACTOR, "comments": 1})]);
    run.history.views.insert("answer_counts".into(), vec![]);
    assert_eq!(run.judge().count(Kind::Row), 0, "{}", run.judge());
    run.history.views.get_mut("comment_counts").unwrap()[0]["comments"] = json!(2);
    run.has(Kind::Row);
}

#[test]
fn an_account_that_is_forgotten_takes_its_words_away_and_no_other_does() {
    let erased = |by: &str| {
        let mut run = two();
        let fields = json!({"post_id": POST, "account_id": ACTOR, "numbers": [1, 2]});
        run.append("inklog.comments.Erased", POST, Uuid::from_u128(77), fields);
        run.event("comments", 3).actor_id = by.into();
        run
    };
    erased(ACTOR).is(Kind::Invented);
    let mut asked = erased(ACTOR);
    asked.call("accounts.erase", ACTOR, json!({}), Outcome::Unknown);
    asked.is_clean();
    let silent = |number: i64| {
        let mut row = row(number, "");
        (row["deleted"], row["version"]) = (json!(true), json!(3));
        row
    };
    asked.history.views.insert("comments".into(), vec![silent(1), silent(2)]);
    for sums in ["comment_counts", "commenter_counts"] {
        asked.history.views.insert(sums.into(), vec![]);
    }
    asked.is_clean();
    let mut by_another = erased("b");
    by_another.call("accounts.erase", ACTOR, json!({}), Outcome::Unknown);
    by_another.is(Kind::Invented);
}
