use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::Kind;
use crate::testing::{Run, happened, state};

#[test]
fn a_kind_leads_to_its_own_events() {
    assert_eq!(may_lead_to("posts.publish", "inklog.posts.Published"), Some(true));
    assert_eq!(may_lead_to("posts.publish", "inklog.posts.Deleted"), Some(false));
    assert_eq!(may_lead_to("cells.set", "inklog.posts.Set"), Some(false));
    assert_eq!(may_lead_to("letters.post", "inklog.letters.Posted"), None);
}

#[test]
fn no_name_of_a_context_and_of_a_view_is_there_twice() {
    let names: BTreeSet<&str> = ALL.iter().map(|context| context.name()).collect();
    assert_eq!(names.len(), ALL.len());
    let views = || ALL.iter().flat_map(|context| context.views()).map(|view| view.name);
    assert_eq!(views().collect::<BTreeSet<_>>().len(), views().count());
}

/// What `posts` makes of its own verbs.
fn published_elsewhere(context: &str) -> State {
    let happened = |verb, at, fields| happened(&format!("inklog.{context}"), verb, at, fields);
    let drafted = happened("Drafted", 1, json!({"slug": "s"}));
    let published = happened("Published", 2, json!({}));
    let edited = happened("Edited", 3, json!({"originally_published_at": 1}));
    state(&[drafted, published, edited])
}

#[test]
fn an_edited_letter_is_no_edited_post() {
    let (post, letter) = (published_elsewhere("posts"), published_elsewhere("letters"));
    assert_eq!((post.get("published_at"), post.get("published")), (Some(&json!(1)), Some(&json!(true))));
    assert_eq!((letter.get("published_at"), letter.get("published")), (None, None));
    assert_eq!(may_lead_to("posts.edit", "inklog.letters.Edited"), Some(false));
    assert_eq!(holds("letters.edit", &json!({"body": "b"}), &letter), Ok(()), "its kind is not known");
}

#[test]
fn a_letter_has_no_row_of_a_post_and_bears_no_slug() {
    let mut run = Run::new();
    run.draft("p", "s");
    let edited = json!({"slug": "s", "title": "t"});
    for letter in ["c", "d"] {
        run.accept("letters.edit", letter, edited.clone(), "inklog.letters.Edited", edited.clone());
        run.read("letters", letter, Some(1));
    }
    run.is_clean();
    run.history.views.insert("posts".into(), vec![]);
    assert_eq!(run.judge().count(Kind::Row), 1, "only the post is missing: {}", run.judge());
}

#[test]
fn what_is_in_security_answers_no_caller() {
    let mut run = Run::new();
    let noted = run.id();
    run.append("inklog.security.LoggedIn", "a", noted, json!({}));
    run.is_clean();
    run.append("inklog.security.LoggedIn", "a", noted, json!({}));
    run.is(Kind::Doubled);
}
