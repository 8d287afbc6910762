use serde_json::{Value, json};

use super::links;
use crate::Kind;
use crate::testing::Run;

const POST: &str = "00000000-0000-0000-0000-000000000001";

/// A comment that was written when comments were held for a word, and for more than one link.
fn written(text: &str, held_by: Value) -> Run {
    let mut run = Run::new();
    let filters = json!({"words": ["buy now"], "most_links": 1, "first_comments": 0});
    run.accept("moderation.set_filters", "filters", filters.clone(), "inklog.moderation.FiltersChanged", filters);
    let comment = json!({"comment_id": "c", "post_id": POST, "number": 1, "author_id": "a", "reply_to": null,
        "depth": 0, "text": text, "editable_until_at": i64::MAX, "held_by": held_by, "filters_version": 1});
    run.accept("comments.write", POST, json!({"text": text}), "inklog.comments.Written", comment);
    run
}

#[test]
fn a_comment_is_held_for_what_the_filters_hold_it_for() {
    for (text, held_by) in [
        ("Hello.", Value::Null),
        ("Hello, *Buy*: NOW!", json!(["words"])),
        ("Buy nowhere.", Value::Null),
        ("http://a.example www.b.example", json!(["links"])),
        ("https://www.a.example", Value::Null),
        ("buy now: http://a https://b", json!(["words", "links"])),
    ] {
        written(text, held_by.clone()).is_clean();
        for other in [Value::Null, json!(["words"]), json!(["links"]), json!(["words", "links"])] {
            if other != held_by {
                written(text, other).has(Kind::Undecided);
            }
        }
    }
    written("Hello.", json!(["first-comments"])).has(Kind::Undecided);
}

#[test]
fn what_it_was_judged_by_was_there() {
    let mut run = written("Hello.", Value::Null);
    run.event("comments", 1).fields.insert("filters_version".into(), json!(2));
    run.has(Kind::Undecided);
    let mut run = written("Buy now", json!(["words"]));
    run.event("comments", 1).fields.insert("filters_version".into(), Value::Null);
    run.has(Kind::Undecided);
}

#[test]
fn an_address_is_one_link() {
    for (text, number) in [("www.a www.b", 2), ("http://www.a", 1), ("HTTPS://A", 1), ("wwww.a http:/", 1), ("é", 0)] {
        assert_eq!(links(text), number, "{text}");
    }
}
