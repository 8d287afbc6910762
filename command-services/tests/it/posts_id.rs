//! `/v1/posts/{id}`: PUT, PATCH and DELETE.

use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Server, author, editor, unique};

fn at(id: &str) -> String {
    format!("/v1/posts/{id}")
}

fn content(slug: &str, title: &str) -> Value {
    json!({"title": title, "slug": slug, "body": "Text", "tags": ["one", "two"]})
}

#[tokio::test]
async fn put_drafts_what_is_not_there_and_leaves_what_is_as_it_should_be() {
    let (person, path, slug) = (author().await, at(&Uuid::new_v4().to_string()), unique("put"));
    let put = |title: &str| person.api.put(&path).json(&content(&slug, title));
    let first = put("One").send().await.expect(201);
    assert_eq!((first.version(), first.changed()), (1, true));
    let again = put("One").send().await.expect(200);
    assert_eq!((again.version(), again.changed()), (1, false));
    assert_eq!(again.id(), first.id());
    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&first.id()), ["Drafted"]);
    assert_eq!(log.story(&format!("slug:{slug}")), ["SlugClaimed", "SlugConfirmed"]);
}

#[tokio::test]
async fn put_changes_what_differs_for_a_caller_who_says_which_version_they_saw() {
    let (person, path, slug) = (author().await, at(&Uuid::new_v4().to_string()), unique("put"));
    let put = |title: &str| person.api.put(&path).json(&content(&slug, title));
    let _ = put("One").send().await.expect(201);
    let differs = put("Two").send().await.problem(428, "precondition-required");
    assert_eq!(differs.body["version"], 1);
    let changed = put("Two").if_match(1).send().await.expect(200);
    assert_eq!((changed.version(), changed.changed()), (2, true));
    let stale = put("Three").if_match(1).send().await.problem(412, "version-conflict");
    assert_eq!(stale.body["version"], 2);
    let any = put("Three").header("If-Match", "*").send().await.expect(200);
    assert_eq!(any.version(), 3);
}

#[tokio::test]
async fn put_wants_a_slug() {
    let (person, path) = (author().await, at(&Uuid::new_v4().to_string()));
    let answer = person.api.put(&path).json(&json!({"title": "T"})).send().await.problem(422, "invalid");
    assert_eq!(answer.pointer(), "/slug");
    let answer = person.api.put(&path).json(&json!({"title": "T", "slug": "s", "x": 1})).send().await;
    assert_eq!(answer.problem(422, "invalid").pointer(), "/x");
}

#[tokio::test]
async fn put_does_not_change_the_author() {
    let (person, path, slug) = (editor().await, at(&Uuid::new_v4().to_string()), unique("put"));
    let _ = person.api.put(&path).json(&content(&slug, "One")).send().await.expect(201);
    let mut other = content(&slug, "One");
    other["author_id"] = json!(Uuid::new_v4());
    let answer = person.api.put(&path).json(&other).if_match(1).send().await.problem(422, "invalid");
    assert_eq!(answer.pointer(), "/author_id");
}

#[tokio::test]
async fn an_edit_changes_the_fields_it_names() {
    let person = author().await;
    let path = at(&person.post().await);
    let edit = |body: Value| person.api.patch(&path).json(&body);
    let edited = edit(json!({"title": "Another"})).if_match(1).send().await.expect(200);
    assert_eq!((edited.version(), edited.changed()), (2, true));
    let same = edit(json!({"title": "Another"})).if_match(2).send().await.expect(200);
    assert_eq!((same.version(), same.changed()), (2, false));
    let nothing = edit(json!({})).if_match(2).send().await.expect(200);
    assert!(!nothing.changed());
}

#[tokio::test]
async fn an_edit_says_which_version_it_is_made_to() {
    let person = author().await;
    let path = at(&person.post().await);
    let edit = || person.api.patch(&path).json(&json!({"title": "Another"}));
    let required = edit().send().await.problem(428, "precondition-required");
    assert_eq!(required.body["version"], 1);
    let lost = edit().if_match(7).send().await.problem(412, "version-conflict");
    assert_eq!(lost.body["version"], 1);
    let _ = edit().header("If-Match", "\"1-abc\"").send().await.problem(412, "version-conflict");
    assert_eq!(edit().header("If-Match", "\"1\", \"7\"").send().await.expect(200).version(), 2);
}

#[tokio::test]
async fn of_two_edits_of_one_version_one_wins() {
    let person = author().await;
    for _ in 0..10 {
        let path = at(&person.post().await);
        let edit = |title: &str| person.api.patch(&path).json(&json!({"title": title})).if_match(1).send();
        let mut seen: Vec<u16> = join_all(["One", "Two"].map(edit)).await.iter().map(|answer| answer.status).collect();
        seen.sort_unstable();
        assert_eq!(seen, [200, 412]);
    }
}

#[tokio::test]
async fn an_edit_is_as_strict_as_a_draft() {
    let person = author().await;
    let path = at(&person.post().await);
    let wrongs = [
        (json!({"title": null}), "/title"),
        (json!({"title": ""}), "/title"),
        (json!({"tags": ["ok", 7]}), "/tags/1"),
        (json!({"author_id": Uuid::new_v4()}), "/author_id"),
        (json!({"slug": "Not a slug"}), "/slug"),
    ];
    for (body, pointer) in wrongs {
        let answer = person.api.patch(&path).json(&body).if_match(1).send().await.problem(422, "invalid");
        assert_eq!(answer.pointer(), pointer, "{body}");
    }
}

/// A PATCH is a JSON merge patch (RFC 7396).
#[tokio::test]
async fn null_takes_away_what_can_be_taken_away() {
    // Who may name co-authors.
    let person = editor().await;
    let drafted = json!({
        "title": "T", "slug": unique("merge"), "summary": "s", "body": "b", "tags": ["t"],
        "co_author_ids": [Uuid::new_v4()], "originally_published_at": "2020-01-02T03:04:05Z",
    });
    let path = at(&person.api.post("/v1/posts").json(&drafted).send().await.expect(201).id());
    let edit = |body: Value| person.api.patch(&path).json(&body);
    for (version, field) in (1..).zip(["originally_published_at", "summary", "body", "tags", "co_author_ids"]) {
        let edited = edit(json!({field: null})).if_match(version).send().await.expect(200);
        assert_eq!((edited.version(), edited.changed()), (version + 1, true), "{field}");
        let again = edit(json!({field: null})).if_match(version + 1).send().await.expect(200);
        assert!(!again.changed(), "{field}");
    }
    for field in ["title", "slug"] {
        let answer = edit(json!({field: null})).if_match(6).send().await.problem(422, "invalid");
        assert_eq!(answer.pointer(), format!("/{field}"));
    }
}

#[tokio::test]
async fn only_the_author_edits() {
    let (owner, other) = (author().await, author().await.api);
    let post = owner.post().await;
    let _ = owner.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    let path = at(&post);
    let edit = other.patch(&path).json(&json!({"title": "Mine"})).if_match(1);
    let _ = edit.send().await.problem(403, "not-the-author");
    let slug = unique("stolen");
    let edit = other.patch(&path).json(&json!({"slug": slug})).if_match(1);
    let _ = edit.send().await.problem(403, "not-the-author");
    let _ = other.put(&path).json(&content(&slug, "Mine")).if_match(1).send().await.problem(403, "not-the-author");
    let _ = other.delete(&path).send().await.problem(403, "not-the-author");
    // A caller who may not act does not get to reserve a slug either.
    let _ = other.post("/v1/posts").json(&content(&slug, "Free")).send().await.expect(201);
    let editor = editor().await.api;
    let _ = editor.patch(&path).json(&json!({"title": "Edited"})).if_match(2).send().await.expect(200);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let person = author().await;
    for (id, status, problem) in [
        // No version of it is as demanded.
        (Uuid::new_v4().to_string(), 412, "version-conflict"),
        ("not-an-id".to_owned(), 404, "not-found"),
    ] {
        let path = at(&id);
        let edit = person.api.patch(&path).json(&json!({"title": "T"})).if_match(1);
        let _ = edit.send().await.problem(status, problem);
        let _ = person.api.delete(&path).send().await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_former_slug_stays_taken_and_can_be_had_again_by_its_post() {
    let (person, former, new) = (author().await, unique("former"), unique("new"));
    let path = at(&person.draft(&former).await.expect(201).id());
    let rename = |slug: &str, version| person.api.patch(&path).json(&json!({"slug": slug})).if_match(version).send();
    let renamed = rename(&new, 1).await.expect(200);
    assert_eq!(renamed.body["slug"], new);
    let _ = author().await.draft(&former).await.problem(409, "slug-taken");
    let _ = author().await.draft(&new).await.problem(409, "slug-taken");
    let back = rename(&former, 2).await.expect(200);
    assert_eq!((back.body["slug"].as_str(), back.version()), (Some(former.as_str()), 3));
}

/// A caller could keep slugs from others by asking for what is refused, with nothing to show for it in any history.
#[tokio::test]
async fn what_is_refused_of_a_post_keeps_no_slug_from_others() {
    let person = author().await;
    let path = at(&person.post().await);
    let [put, edited, deleted] = ["put", "edited", "deleted"].map(unique);
    let differs = person.api.put(&path).json(&content(&put, "Another")).send().await;
    let _ = differs.problem(428, "precondition-required");
    let rename = |slug: &str, version| person.api.patch(&path).json(&json!({"slug": slug})).if_match(version).send();
    let _ = rename(&edited, 7).await.problem(412, "version-conflict");
    let _ = person.api.delete(&path).send().await.expect(200);
    let _ = rename(&deleted, 2).await.problem(409, "deleted");
    for slug in [put, edited, deleted] {
        let _ = author().await.draft(&slug).await.expect(201);
    }
}

/// Each slug that a post had is kept from all others for ever.
#[tokio::test]
async fn a_post_has_so_many_slugs_and_no_more() {
    let (person, first) = (author().await, unique("first"));
    let path = at(&person.draft(&first).await.expect(201).id());
    let rename = |slug: &str, version| person.api.patch(&path).json(&json!({"slug": slug})).if_match(version).send();
    for version in 1..=50 {
        let _ = rename(&unique("another"), version).await.expect(200);
    }
    let one_more = unique("one-more");
    let refused = rename(&one_more, 51).await.problem(422, "invalid");
    assert_eq!((refused.pointer(), &refused.body["version"]), ("/slug", &json!(51)));
    let _ = author().await.draft(&one_more).await.expect(201);
    let _ = rename(&first, 51).await.expect(200);
}

#[tokio::test]
async fn a_post_is_not_renamed_to_what_another_has() {
    let (person, taken) = (author().await, unique("taken"));
    let _ = author().await.draft(&taken).await.expect(201);
    let path = at(&person.post().await);
    let rename = person.api.patch(&path).json(&json!({"slug": taken})).if_match(1);
    let _ = rename.send().await.problem(409, "slug-taken");
}

#[tokio::test]
async fn a_deleted_post_takes_nothing_until_it_is_restored() {
    let (person, slug) = (author().await, unique("deleted"));
    let id = person.draft(&slug).await.expect(201).id();
    let path = at(&id);
    let deleted = person.api.delete(&path).send().await.expect(200);
    assert_eq!((deleted.version(), deleted.changed()), (2, true));
    let again = person.api.delete(&path).send().await.expect(200);
    assert_eq!((again.version(), again.changed()), (2, false));
    let edit = || person.api.patch(&path).json(&json!({"title": "Another"})).if_match(2).send();
    let refused = edit().await.problem(409, "deleted");
    assert_eq!(refused.body["version"], 2);
    let _ = person.api.put(&path).json(&content(&slug, "T")).if_match(2).send().await.problem(409, "deleted");
    let _ = person.api.post(&format!("{path}/publish")).send().await.problem(409, "deleted");
    let _ = author().await.draft(&slug).await.problem(409, "slug-taken");
    let restored = person.api.post(&format!("{path}/restore")).send().await.expect(200);
    assert_eq!((restored.version(), restored.changed()), (3, true));
    let _ = person.api.patch(&path).json(&json!({"title": "Another"})).if_match(3).send().await.expect(200);
    let log = Server::shared().await.posts().await;
    assert_eq!(log.story(&id), ["Drafted", "Deleted", "Restored", "Edited"]);
    log.assert_whole();
}
