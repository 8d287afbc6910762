use super::*;

fn rows(all: &[(&'static str, &'static [&'static str], Value)]) -> Rows {
    let mut rows = Rows::default();
    all.iter().for_each(|(view, key, row)| rows.put(View::keyed(view, key), row.clone()));
    rows
}

/// The feed of `r`.
fn feed(all: &[(&'static str, &'static [&'static str], Value)]) -> Value {
    let mut rows = rows(all);
    add(["r"].into_iter(), &mut rows);
    rows.of(FEEDS)["r"]["post_ids"].clone()
}

const WHOLE: &[&str] = &[];

fn listed(post: &str, at: i64) -> (&'static str, &'static [&'static str], Value) {
    ("lists.newest", WHOLE, json!({"post_id": post, "at": at}))
}

fn of_source(
    view: &'static str,
    column: &str,
    which: &str,
    post: &str,
) -> (&'static str, &'static [&'static str], Value) {
    (view, WHOLE, json!({column: which, "post_id": post}))
}

fn follows(kind: &str, which: &str, active: bool) -> (&'static str, &'static [&'static str], Value) {
    let row = json!({"follower_id": "r", "subject_kind": kind, "subject_ref": which, "active": active});
    ("followed_subjects", WHOLE, row)
}

#[test]
fn posts_of_those_who_are_followed_are_in_it_each_once_newest_first() {
    let pair = |followee: &str, active: bool| {
        ("follows", WHOLE, json!({"follower_id": "r", "followee_id": followee, "active": active}))
    };
    let all = [
        listed("p1", 10),
        listed("p2", 20),
        listed("p3", 20),
        listed("p4", 40),
        of_source("post_writers", "account_id", "ada", "p1"),
        of_source("post_writers", "account_id", "ada", "p2"),
        of_source("post_writers", "account_id", "bob", "p2"),
        of_source("post_writers", "account_id", "bob", "p3"),
        of_source("post_writers", "account_id", "eve", "p4"),
        pair("ada", true),
        pair("bob", true),
        pair("eve", false),
    ];
    assert_eq!(feed(&all), json!(["p3", "p2", "p1"]));
    assert_eq!(feed(&all[..9]), json!([]));
}

#[test]
fn a_tag_is_followed_under_all_of_its_names() {
    let said = |name: &str, tag: &str| ("tag_names", WHOLE, json!({"name": name, "tag": tag}));
    let all = [
        listed("p1", 10),
        listed("p2", 20),
        listed("p3", 30),
        of_source("post_tags", "tag", "rust", "p1"),
        of_source("post_tags", "tag", "rustlang", "p2"),
        of_source("post_tags", "tag", "tea", "p3"),
        said("rustlang", "rust"),
        follows("tag", "rustlang", true),
        follows("tag", "tea", false),
    ];
    assert_eq!(feed(&all), json!(["p2", "p1"]));
}

#[test]
fn a_category_is_followed_with_what_is_below_it_and_a_deleted_one_is_not() {
    let category = |id: &str, parent: Option<&str>, into: Option<&str>, deleted: bool| {
        let row = json!({"category_id": id, "parent_id": parent, "merged_into": into, "deleted": deleted});
        ("categories", WHOLE, row)
    };
    let all = [
        listed("p1", 10),
        listed("p2", 20),
        listed("p3", 30),
        listed("p4", 40),
        of_source("post_categories", "category_id", "old", "p1"),
        of_source("post_categories", "category_id", "child", "p2"),
        of_source("post_categories", "category_id", "merged", "p3"),
        of_source("post_categories", "category_id", "gone", "p4"),
        category("old", None, Some("new"), false),
        category("new", None, None, false),
        category("child", Some("new"), None, false),
        category("merged", None, Some("child"), false),
        category("gone", Some("new"), None, true),
        follows("category", "old", true),
        follows("category", "gone", true),
    ];
    assert_eq!(feed(&all), json!(["p3", "p2", "p1"]));
}

#[test]
fn what_a_series_has_and_is_not_listed_is_left_out() {
    let all = [
        listed("p1", 10),
        of_source("series_posts", "series_id", "s", "p1"),
        of_source("series_posts", "series_id", "s", "draft"),
        follows("series", "s", true),
    ];
    assert_eq!(feed(&all), json!(["p1"]));
}
