use serde_json::{Value, json};

use crate::Kind;
use crate::testing::Run;

/// Two posts, one of them listed, with all their views.
fn run() -> Run {
    let mut run = Run::new();
    run.draft("p", "s");
    run.draft("q", "t");
    run.act("publish", "p");
    let post = |id: &str, slug: &str, drafted: i64, published: Option<i64>| {
        json!({"post_id": id, "author_id": "a", "co_author_ids": [], "slug": slug, "title": slug, "summary": "",
            "body": "b", "tags": ["t"], "category_ids": [], "published": published.is_some(),
            "deleted": false, "archived": false, "unlisted": false, "hidden": false, "visible": "all",
            "visibility": "public", "featured": false, "comments": "open",
            "published_at": published,
            "originally_published_at": null, "drafted_at": drafted, "updated_at": published.unwrap_or(drafted),
            "edited_version": 1, "version": if published.is_some() { 2 } else { 1 }, "a_column_of_later": 1})
    };
    let posts = vec![post("p", "s", 2_000_000, Some(7_000_000)), post("q", "t", 5_000_000, None)];
    let views = &mut run.history.views;
    views.insert("tagged_posts".into(), posts.clone());
    views.insert("lists.posts".into(), posts.clone());
    views.insert("posts".into(), posts);
    let slug = |slug: &str, id: &str, since: i64| json!({"slug": slug, "post_id": id, "since": since});
    views.insert("slugs".into(), vec![slug("s", "p", 2_000_000), slug("t", "q", 5_000_000)]);
    views.insert("post_tags".into(), vec![json!({"tag": "t", "post_id": "p", "published_at": 7_000_000})]);
    views.insert("lists.newest".into(), vec![json!({"post_id": "p", "at": 7_000_000})]);
    views.insert("lists.tag".into(), vec![json!({"tag": "t", "post_id": "p", "at": 7_000_000})]);
    views.insert("lists.tags".into(), vec![json!({"tag": "t", "posts": 1})]);
    views.insert("tag_points".into(), vec![json!({"tag": "t", "points": "20000"})]);
    views.insert("authors".into(), vec![]);
    views.insert("parked_events".into(), vec![]);
    run
}

fn view<'a>(run: &'a mut Run, name: &str) -> &'a mut Vec<Value> {
    run.history.views.get_mut(name).unwrap()
}

#[test]
fn views_that_are_the_fold_of_the_log_are_clean() {
    run().is_clean();
    assert_eq!(run().judge().counts.rows, 13);
}

#[test]
fn a_wrong_column_a_missing_row_and_a_row_too_many_are_found_in_every_view() {
    let names: Vec<String> =
        run().history.views.keys().filter(|name| *name != "authors" && *name != "parked_events").cloned().collect();
    for name in names {
        let mut missing = run();
        view(&mut missing, &name).pop();
        missing.is(Kind::Row);
        let mut twice = run();
        let row = view(&mut twice, &name)[0].clone();
        view(&mut twice, &name).push(row);
        twice.is(Kind::Row);
        let column = ["version", "since", "published_at", "at", "posts", "points"];
        let mut wrong = run();
        let row = view(&mut wrong, &name)[0].as_object_mut().unwrap();
        let column = column.into_iter().find(|column| row.contains_key(*column)).unwrap();
        row.insert(column.into(), json!(99));
        wrong.is(Kind::Row);
    }
}

#[test]
fn a_view_that_no_context_declares_is_told() {
    let mut run = run();
    run.history.views.insert("unheard_of".into(), vec![]);
    run.is(Kind::Row);
}

#[test]
fn a_parked_event_is_told() {
    let mut run = run();
    view(&mut run, "parked_events").push(json!({"reason": "a gap"}));
    run.is(Kind::Row);
}

#[test]
fn of_an_account_that_was_forgotten_the_row_says_nothing() {
    let mut run = run();
    let id = "018f0000-0000-7000-8000-0123456789ab";
    let profile = json!({"user_name": "ann", "display_name": "Ann", "bio": "b", "image_url": ""});
    let command = run.call("accounts.register", id, profile.clone(), crate::history::Outcome::Unknown).command_id;
    run.append("inklog.accounts.Registered", id, command, profile);
    run.append("inklog.accounts.Erased", id, uuid::Uuid::from_u128(98), json!({}));
    let row = json!({"user_name": "~deleted-0123456789ab", "display_name": "", "bio": "", "image_url": "",
        "former_user_names": [], "roles": [], "deactivated": false, "account_id": id, "registered_at": 1_000_000,
        "version": 2});
    view(&mut run, "authors").push(row);
    let verdict = run.judge();
    assert_eq!(verdict.count(Kind::Row), 0, "{verdict}");
}

#[test]
fn an_account_has_its_row() {
    let mut run = run();
    let profile = json!({"user_name": "ann", "display_name": "Ann", "bio": "", "image_url": ""});
    let command = run.call("accounts.register", "x", profile.clone(), crate::history::Outcome::Unknown).command_id;
    let reservation = json!({"claimed_value": "ann", "holder_id": "x", "expires_at": 9});
    run.append("inklog.accounts.UserNameClaimed", "user-name:ann", uuid::Uuid::from_u128(99), reservation);
    run.event("accounts", 1).correlation_id = command;
    run.append("inklog.accounts.Registered", "x", command, profile.clone());
    run.is(Kind::Row);
    let mut row = profile;
    row["account_id"] = json!("x");
    row["registered_at"] = json!(2_000_000);
    row["version"] = json!(1);
    row["former_user_names"] = json!([]);
    row["roles"] = json!([]);
    row["deactivated"] = json!(false);
    view(&mut run, "authors").push(row);
    run.is_clean();
    let role = json!({"role_name": "editor"});
    run.accept("accounts.grant", "x", role.clone(), "inklog.accounts.RoleGranted", role);
    view(&mut run, "authors")[0]["version"] = json!(2);
    run.is(Kind::Row);
    view(&mut run, "authors")[0]["roles"] = json!(["editor"]);
    run.is_clean();
}

/// Two who follow each other, and one who does no more.
fn following() -> Run {
    let mut run = Run::new();
    let pair = |id: &str| {
        let (follower, followee) = id.split_once(':').unwrap();
        json!({"follower_id": follower, "followee_id": followee})
    };
    for id in ["a:b", "b:a", "c:b"] {
        run.accept("following.follow", id, json!({}), "inklog.following.Followed", pair(id));
    }
    run.accept("following.unfollow", "c:b", json!({}), "inklog.following.Unfollowed", pair("c:b"));
    let row = |follower: &str, followee: &str, active: bool, since: i64, version: u64| {
        json!({"follower_id": follower, "followee_id": followee, "active": active, "since": since,
            "version": version})
    };
    let rows =
        vec![row("a", "b", true, 1_000_000, 1), row("b", "a", true, 2_000_000, 1), row("c", "b", false, 4_000_000, 2)];
    let counts = |id: &str| json!({"account_id": id, "followers": 1, "following": 1});
    run.history.views.insert("follows".into(), rows);
    run.history.views.insert("follow_counts".into(), vec![counts("a"), counts("b")]);
    run
}

#[test]
fn who_follows_whom_and_how_many_is_the_fold_of_the_log() {
    following().is_clean();
    for (view_name, column, wrong) in [
        ("follows", "active", json!(false)),
        ("follow_counts", "followers", json!(2)),
        ("follow_counts", "following", json!(0)),
    ] {
        let mut run = following();
        view(&mut run, view_name)[0][column] = wrong;
        run.is(Kind::Row);
    }
    let mut run = following();
    view(&mut run, "follow_counts").push(json!({"account_id": "c", "followers": 0, "following": 0}));
    run.is(Kind::Row);
    let mut run = following();
    view(&mut run, "follow_counts").pop();
    run.is(Kind::Row);
}

#[test]
fn a_follow_of_another_account_than_was_asked_is_noticed() {
    let mut run = following();
    run.event("following", 1).fields.insert("followee_id".into(), json!("c"));
    run.has(Kind::Invented);
}

/// Two who like a post, one who does no more, and one who shared it.
fn reacting() -> Run {
    let mut run = Run::new();
    let given = |account: &str| json!({"account_id": account, "target_kind": "post", "target_id": "p", "kind": "like"});
    let id = |account: &str| format!("{account}:reaction:like:post:p");
    for account in ["a", "b", "c"] {
        run.accept("reactions.react", &id(account), json!({}), "inklog.reactions.Given", given(account));
    }
    run.accept("reactions.withdraw", &id("c"), json!({}), "inklog.reactions.Withdrawn", given("c"));
    let shared = json!({"account_id": "a", "target_kind": "post", "target_id": "p", "place": "link"});
    run.accept("reactions.share", "a:share:link:post:p", json!({}), "inklog.reactions.Shared", shared.clone());
    let row = |fields: Value, active: bool, since: i64, version: u64| {
        let mut row = fields;
        row["active"] = json!(active);
        row["since"] = json!(since);
        row["version"] = json!(version);
        row
    };
    let reactions = vec![
        row(given("a"), true, 1_000_000, 1),
        row(given("b"), true, 2_000_000, 1),
        row(given("c"), false, 4_000_000, 2),
    ];
    let views = &mut run.history.views;
    views.insert("reactions".into(), reactions);
    views.insert("shares".into(), vec![row(shared, true, 5_000_000, 1)]);
    let count = |column: &str, name: &str, people: u64| {
        let mut row = json!({"target_kind": "post", "target_id": "p", "people": people});
        row[column] = json!(name);
        row
    };
    views.insert("reaction_counts".into(), vec![count("kind", "like", 2)]);
    views.insert("share_counts".into(), vec![count("place", "link", 1)]);
    views.insert("reaction_points".into(), vec![json!({"post_id": "p", "points": "20000"})]);
    run
}

#[test]
fn who_reacted_and_how_many_is_the_fold_of_the_log() {
    reacting().is_clean();
    for (view_name, column, wrong) in [
        ("reactions", "active", json!(false)),
        ("shares", "place", json!("email")),
        ("reaction_counts", "people", json!(3)),
        ("share_counts", "people", json!(0)),
        ("reaction_points", "points", json!("20001")),
    ] {
        let mut run = reacting();
        view(&mut run, view_name)[0][column] = wrong;
        run.has(Kind::Row);
    }
    let mut run = reacting();
    view(&mut run, "reaction_counts").pop();
    run.is(Kind::Row);
}

#[test]
fn a_reaction_to_another_post_than_was_asked_is_noticed() {
    let mut run = reacting();
    run.event("reactions", 1).fields.insert("target_id".into(), json!("q"));
    run.has(Kind::Invented);
}

#[test]
fn what_is_so_already_was_so() {
    let mut run = following();
    run.unchanged("following.follow", "a:b", json!({}), 1);
    run.unchanged("following.unfollow", "c:b", json!({}), 2);
    run.is_clean();
    run.unchanged("following.unfollow", "a:b", json!({}), 1);
    run.is(Kind::Stale);
}

#[test]
fn preferences_are_what_is_chosen_now() {
    let mut run = Run::new();
    let profile = json!({"user_name": "ann", "display_name": "", "bio": "", "image_url": ""});
    let command = uuid::Uuid::from_u128(1);
    let reservation = json!({"claimed_value": "ann", "holder_id": "x", "expires_at": 9});
    run.append("inklog.accounts.UserNameClaimed", "user-name:ann", uuid::Uuid::from_u128(99), reservation);
    run.event("accounts", 1).correlation_id = command;
    run.accept("accounts.register", "x", profile.clone(), "inklog.accounts.Registered", profile);
    let dark = json!({"theme": "dark", "locale": "pt-BR"});
    let mut fields = dark.clone();
    fields["reset_fields"] = json!([]);
    run.accept("accounts.prefer", "x", dark, "inklog.accounts.PreferencesChanged", fields);
    let back = json!({"theme": null, "email_comment": true});
    let fields = json!({"email_comment": true, "reset_fields": ["theme"]});
    run.accept("accounts.prefer", "x", back.clone(), "inklog.accounts.PreferencesChanged", fields);
    run.unchanged("accounts.prefer", "x", back, 3);
    run.is_clean();
    let row = json!({"account_id": "x", "locale": "pt-BR", "time_zone": null, "theme": null, "posts_per_page": null,
        "email_new_follower": null, "email_comment": true, "email_digest": null, "following_list": null,
        "comments_list": null, "reactions_list": null, "version": 3});
    run.history.views.insert("preferences".into(), vec![row]);
    run.is_clean();
    view(&mut run, "preferences")[0]["theme"] = json!("dark");
    run.is(Kind::Row);
    view(&mut run, "preferences")[0]["theme"] = json!(null);
    run.event("accounts", 4).fields.insert("reset_fields".into(), json!(["theme", "locale"]));
    run.has(Kind::Invented);
}

/// A file that was accepted, and is not in the store, or not served, or lacks a size that is said to be there.
#[test]
fn what_accounts_have_is_stored_and_served_whole() {
    let (sha256, mut run) = ("5a".repeat(32), Run::new());
    let item = format!("a:{sha256}");
    let brought = json!({"account_id": "a", "sha256": sha256, "upload_id": "u"});
    run.accept("media.upload", &item, json!({}), "inklog.media.Uploaded", brought);
    let id = run.id();
    run.append("inklog.media.Rendered", &item, id, json!({"renditions": ["320w"]}));
    let found = |run: &Run, kept: Value| {
        let mut run = run.clone();
        run.history.views.insert("kept".into(), vec![kept]);
        run.judge().count(Kind::Row)
    };
    let whole = json!({"item": item, "stored": sha256, "served": sha256, "renditions": ["320w"]});
    assert_eq!(found(&run, whole.clone()), 0);
    for (name, value) in [("stored", Value::Null), ("served", json!("6b")), ("renditions", json!([]))] {
        let mut less = whole.clone();
        less[name] = value;
        assert_eq!(found(&run, less), 1, "{name}");
    }
    run.accept("media.delete", &item, json!({}), "inklog.media.Deleted", json!({}));
    assert_eq!(found(&run, whole), 1, "it is not the account's any more");
}
