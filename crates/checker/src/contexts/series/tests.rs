use serde_json::{Value, json};

use crate::Kind;
use crate::contexts::{holds, unasked};
use crate::history::Event;
use crate::testing::{Run, happened, state};

fn event(verb: &str, fields: Value) -> Event {
    happened("inklog.series", verb, 1, fields)
}

fn created() -> Event {
    event("Created", json!({"owner_id": "a", "slug": "s", "title": "t", "description": ""}))
}

fn added(post: &str) -> Event {
    event("PostAdded", json!({"post_id": post}))
}

#[test]
fn posts_come_last_go_and_are_ordered() {
    let removed = event("PostRemoved", json!({"post_id": "p"}));
    let ordered = event("Ordered", json!({"post_ids": ["r", "q"]}));
    let three = state(&[created(), added("p"), added("q"), added("r")]);
    assert_eq!(three["post_ids"], json!(["p", "q", "r"]));
    assert_eq!(holds("series.add", &json!({"post_id": "q"}), &three), Ok(()));
    assert!(holds("series.remove", &json!({"post_id": "q"}), &three).is_err());
    let two = state(&[created(), added("p"), added("q"), added("r"), removed, ordered]);
    assert_eq!(two["post_ids"], json!(["r", "q"]));
    assert_eq!(holds("series.order", &json!({"post_ids": ["r", "q"]}), &two), Ok(()));
    assert!(holds("series.order", &json!({"post_ids": ["q", "r"]}), &two).is_err());
    assert!(holds("series.add", &json!({"post_id": "p"}), &two).is_err());
}

#[test]
fn a_null_empties_the_description_and_no_event_says_more_than_was_asked() {
    let changed = event("Changed", json!({"slug": null, "title": null, "description": ""}));
    let emptied = json!({"description": null});
    assert_eq!(unasked("series.edit", &emptied, &changed), None);
    assert_eq!(holds("series.edit", &emptied, &state(&[created(), changed])), Ok(()));
    let retitled = event("Changed", json!({"title": "other"}));
    assert!(unasked("series.edit", &emptied, &retitled).is_some());
    assert_eq!(unasked("series.create", &json!({"title": "t"}), &created()), None, "a slug is made of the title");
    assert!(unasked("series.create", &json!({"title": "other"}), &created()).is_some());
    assert!(unasked("series.add", &json!({"post_id": "p"}), &added("q")).is_some());
}

#[test]
fn a_slug_of_a_series_is_reserved_among_series_and_by_no_post() {
    let made = |run: &mut Run, reserved_in: &str| {
        let fields = json!({"owner_id": "a", "slug": "s", "title": "t", "description": ""});
        let command_id = run.accept("series.create", "one", json!({"title": "t"}), "inklog.series.Created", fields);
        let held = json!({"claimed_value": "s", "holder_id": "one"});
        for verb in ["SlugClaimed", "SlugConfirmed"] {
            let id = run.id();
            run.append(&format!("inklog.{reserved_in}.{verb}"), "slug:s", id, held.clone());
        }
        command_id
    };
    let mut run = Run::new();
    made(&mut run, "series");
    assert_eq!(run.judge().count(Kind::Reservation), 0, "{}", run.judge());
    let mut run = Run::new();
    made(&mut run, "posts");
    run.has(Kind::Reservation);
}

#[test]
fn the_rows_of_a_deleted_series_are_its_own_and_its_slugs() {
    let mut run = Run::new();
    let fields = json!({"owner_id": "a", "slug": "s", "title": "t", "description": ""});
    run.accept("series.create", "one", json!({"title": "t"}), "inklog.series.Created", fields);
    let post = json!({"post_id": "p"});
    run.accept("series.add", "one", post.clone(), "inklog.series.PostAdded", post);
    for view in ["series_posts", "series_counts"] {
        run.history.views.insert(view.into(), vec![]);
    }
    assert_eq!(run.judge().count(Kind::Row), 2, "{}", run.judge());
    run.accept("series.delete", "one", json!({}), "inklog.series.Deleted", json!({}));
    assert_eq!(run.judge().count(Kind::Row), 0, "{}", run.judge());
}
