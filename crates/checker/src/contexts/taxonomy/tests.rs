use serde_json::{Value, json};

use crate::contexts::{holds, unasked};
use crate::history::Event;
use crate::testing::{happened, state};

fn event(verb: &str, fields: Value) -> Event {
    happened("inklog.taxonomy", verb, 1, fields)
}

/// `a` and `b` at the root, `c` below `a`.
fn tree() -> Vec<Event> {
    let created = |id: &str, parent: Value, place: i64| {
        event(
            "CategoryCreated",
            json!({
                "category_id": id, "parent_id": parent, "slug": format!("slug-{id}"), "name": id, "description": "",
                "place": place,
            }),
        )
    };
    vec![created("a", Value::Null, 0), created("b", Value::Null, 1), created("c", json!("a"), 0)]
}

fn after(event: Event) -> crate::state::State {
    let mut events = tree();
    events.push(event);
    state(&events)
}

#[test]
fn what_is_below_a_merged_category_is_below_the_other_one() {
    let merged =
        event("CategoryMerged", json!({"category_id": "a", "into_id": "b", "child_ids": ["c"], "first_place": 4}));
    let state = after(merged);
    let categories = &state["categories"];
    assert_eq!((&categories["c"]["parent_id"], &categories["c"]["place"]), (&json!("b"), &json!(4)));
    assert_eq!(holds("taxonomy.merge", &json!({"category_id": "a", "into_id": "b"}), &state), Ok(()));
    assert!(holds("taxonomy.merge", &json!({"category_id": "b", "into_id": "a"}), &state).is_err());
    assert!(holds("taxonomy.delete", &json!({"category_id": "a"}), &state).is_err());
}

#[test]
fn an_order_is_that_of_all_below_one() {
    let ordered = event("CategoriesOrdered", json!({"parent_id": null, "category_ids": ["b", "a"]}));
    let state = after(ordered);
    assert_eq!(holds("taxonomy.order", &json!({"category_ids": ["b", "a"]}), &state), Ok(()));
    for other in [json!(["a", "b"]), json!(["b"])] {
        assert!(holds("taxonomy.order", &json!({"category_ids": other}), &state).is_err(), "{other}");
    }
    assert_eq!(holds("taxonomy.order", &json!({"parent_id": "a", "category_ids": ["c"]}), &state), Ok(()));
}

#[test]
fn a_slug_leads_to_the_category_that_has_it_or_had_it_last() {
    let renamed = event("CategoryChanged", json!({"category_id": "b", "slug": "new", "name": null}));
    let state = after(renamed);
    assert_eq!(state["slugs"], json!({"slug-a": "a", "slug-b": "b", "slug-c": "c", "new": "b"}));
    assert_eq!(state["categories"]["b"]["name"], "b", "null means stayed as it was");
    assert_eq!(holds("taxonomy.change", &json!({"category_id": "b", "slug": "new"}), &state), Ok(()));
}

#[test]
fn what_a_caller_leaves_out_is_empty() {
    let created = &tree()[0];
    let asked = json!({"category_id": "a", "slug": "slug-a", "name": "a"});
    assert_eq!(unasked("taxonomy.create", &asked, created), None);
    assert_eq!(holds("taxonomy.create", &asked, &state(&tree())), Ok(()));
    let below = json!({"category_id": "a", "slug": "slug-a", "name": "a", "parent_id": "b"});
    assert!(holds("taxonomy.create", &below, &state(&tree())).is_err());
    let other = json!({"category_id": "a", "slug": "slug-a", "name": "b"});
    assert!(unasked("taxonomy.create", &other, created).is_some());
}

#[test]
fn a_tag_of_which_nothing_is_said_any_more_has_no_row() {
    let described = |text: &str| event("TagDescribed", json!({"tag": "a", "description": text}));
    let names = |events: &[Event]| state(events)["names"].as_object().unwrap().len();
    assert_eq!((names(&[described("On this.")]), names(&[described("On this."), described("")])), (1, 0));
}

#[test]
fn names_follow_their_tag_when_it_is_renamed_or_merged() {
    let added = |tag: &str, synonym: &str| event("SynonymAdded", json!({"tag": tag, "synonym": synonym}));
    let renamed =
        event("TagRenamed", json!({"tag": "a", "new_name": "c", "names": ["a", "b"], "description": "On this."}));
    let state = state(&[added("a", "b"), renamed.clone()]);
    let (rename, synonym) = (json!({"tag": "a", "new_name": "c"}), json!({"tag": "c", "synonym": "b"}));
    assert_eq!(holds("taxonomy.rename_tag", &rename, &state), Ok(()));
    assert_eq!(unasked("taxonomy.rename_tag", &rename, &renamed), None, "the description is as before");
    assert_eq!(holds("taxonomy.add_synonym", &synonym, &state), Ok(()));
    assert!(holds("taxonomy.remove_synonym", &synonym, &state).is_err());
    assert_eq!(holds("taxonomy.describe_tag", &json!({"tag": "c", "description": "On this."}), &state), Ok(()));
    assert!(holds("taxonomy.describe_tag", &json!({"tag": "a", "description": ""}), &state).is_err());
    assert!(holds("taxonomy.merge_tags", &json!({"tag": "b", "into_tag": "a"}), &state).is_err());
}
