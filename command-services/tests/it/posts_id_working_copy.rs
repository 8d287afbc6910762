//! `/v1/working-copies/{id}`, and its release.

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::members::{Member, PASSWORD, member};
use crate::support::{Person, Server, author, editor, unique};

fn path(post: &str) -> String {
    format!("/v1/working-copies/{post}")
}

/// Saves it as a new copy of the post as it is.
async fn save(api: &Api, post: &str, change: Value) -> Answer {
    let first = api.put(&path(post)).json(&json!({"change": change})).send().await;
    if first.status != 422 || first.pointer() != "/base_version" {
        return first;
    }
    let seen = json!({"change": change, "base_version": first.body["version"]});
    api.put(&path(post)).json(&seen).send().await
}

async fn save_over(api: &Api, post: &str, version: u64, change: Value) -> Answer {
    api.put(&path(post)).json(&json!({"change": change})).if_match(version).send().await
}

async fn read(api: &Api, post: &str) -> Answer {
    api.get(&path(post)).send().await
}

async fn release(api: &Api, post: &str, version: u64) -> Answer {
    api.post(&format!("{}/release", path(post))).if_match(version).send().await
}

async fn story(post: &str) -> Vec<String> {
    Server::shared().await.posts().await.story(post).iter().map(ToString::to_string).collect()
}

/// A post that everyone reads.
async fn live(author: &Person) -> String {
    let id = author.post().await;
    let _ = author.api.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
    id
}

/// A draft of the first that the second writes too.
async fn together(owner: &Member, other: &Member) -> String {
    let draft = json!({"title": "Together", "slug": unique("together")});
    let id = owner.api.post("/v1/posts").json(&draft).send().await.expect(201).id();
    let invited = json!({"account_id": other.id});
    let _ = owner.api.post(&format!("/v1/posts/{id}/invitations")).json(&invited).send().await.expect(200);
    let _ = other.api.post(&format!("/v1/me/invitations/{id}/accept")).send().await.expect(200);
    id
}

#[tokio::test]
async fn however_long_an_author_types_a_release_is_one_event() {
    let author = author().await;
    let post = live(&author).await;
    let mut version = save(&author.api, &post, json!({"body": "T"})).await.expect(200).version();
    for typed in 1..=50 {
        let change = json!({"body": "Typed. ".repeat(typed), "title": "To be"});
        version = save_over(&author.api, &post, version, change).await.expect(200).version();
    }
    assert_eq!(story(&post).await, ["Drafted", "Published"]);
    let copy = read(&author.api, &post).await.expect(200);
    assert_eq!((copy.version(), &copy.body["change"]["title"]), (version, &json!("To be")));
    assert_eq!(copy.body["outdated"], false);
    assert_eq!((copy.body["base_version"].as_u64(), copy.body["saved_by"].clone()), (Some(2), json!(author.id)));
    assert_eq!(copy.header("cache-control"), "private, no-store");
    let released = release(&author.api, &post, version).await.expect(200);
    assert_eq!((released.version(), released.changed(), released.header("etag")), (3, true, "\"3\""));
    assert!(!released.position().is_empty());
    assert_eq!(story(&post).await, ["Drafted", "Published", "Edited"]);
    let _ = read(&author.api, &post).await.problem(404, "no-working-copy");
}

#[tokio::test]
async fn of_two_co_authors_at_one_copy_the_second_is_told_what_changed_and_nothing_is_lost() {
    let (ada, bob) = (member().await, member().await);
    let post = together(&ada, &bob).await;
    let first = save(&ada.api, &post, json!({"title": "One", "body": "Common."})).await.expect(200).version();
    let by_bob = json!({"title": "Two", "body": "Common.", "tags": ["new"]});
    let second = save_over(&bob.api, &post, first, by_bob.clone()).await.expect(200).version();
    let mine = json!({"title": "Three", "body": "Common."});
    let lost = save_over(&ada.api, &post, first, mine.clone()).await.problem(412, "version-conflict");
    assert_eq!((lost.body["version"].as_u64(), &lost.body["saved_by"]), (Some(second), &json!(bob.id)));
    assert_eq!(lost.body["changed"], json!(["tags", "title"]));
    assert_eq!(read(&ada.api, &post).await.expect(200).body["change"], by_bob, "what was saved is there");
    let third = save_over(&ada.api, &post, second, mine).await.expect(200).version();
    let _ = release(&bob.api, &post, second).await.problem(412, "version-conflict");
    let _ = release(&bob.api, &post, third).await.expect(200);
    // Many at the same time: one is first, the others are told.
    let racing = join_all((0..8).map(|n| save(&ada.api, &post, json!({"title": format!("Racing {n}")}))));
    let racing = racing.await;
    assert_eq!(racing.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(racing.iter().all(|answer| answer.status == 200 || answer.status == 428), "{racing:?}");
}

#[tokio::test]
async fn a_save_that_comes_again_because_its_answer_was_lost_is_saved() {
    let author = author().await;
    let post = author.post().await;
    let first = save(&author.api, &post, json!({"title": "One"})).await.expect(200);
    let again = save(&author.api, &post, json!({"title": "One"})).await.expect(200);
    assert_eq!((again.version(), first.changed(), again.changed()), (first.version(), true, false));
    let second = save_over(&author.api, &post, first.version(), json!({"title": "Two"})).await.expect(200);
    let again = save_over(&author.api, &post, first.version(), json!({"title": "Two"})).await.expect(200);
    assert_eq!((again.version(), again.changed()), (second.version(), false));
    let _ = save(&author.api, &post, json!({"title": "Three"})).await.problem(428, "precondition-required");
}

#[tokio::test]
async fn a_release_that_comes_again_gets_its_first_reply() {
    let author = author().await;
    let post = author.post().await;
    let slug = unique("moved");
    let version = save(&author.api, &post, json!({"title": "One", "slug": slug})).await.expect(200).version();
    let key = unique("key");
    let release = || author.api.post(&format!("{}/release", path(&post))).if_match(version).key(&key).send();
    let first = release().await.expect(200);
    assert_eq!(first.body["slug"], slug);
    let again = release().await.expect(200);
    assert_eq!((again.body.clone(), again.position()), (first.body.clone(), first.position()));
    assert_eq!(story(&post).await, ["Drafted", "Edited"]);
    let gone = author.api.post(&format!("{}/release", path(&post))).if_match(version).send().await;
    let _ = gone.problem(412, "version-conflict");
}

#[tokio::test]
async fn what_was_edited_beside_a_copy_is_not_undone_unseen() {
    let author = author().await;
    let post = live(&author).await;
    let version = save(&author.api, &post, json!({"title": "Mine"})).await.expect(200).version();
    let edit = json!({"body": "Beside."});
    let _ = author.api.patch(&format!("/v1/posts/{post}")).json(&edit).if_match(2).send().await.expect(200);
    assert_eq!(release(&author.api, &post, version).await.problem(409, "outdated").body["version"], 3);
    assert_eq!(read(&author.api, &post).await.expect(200).body["outdated"], true);
    let based_on = |base: u64| json!({"change": {"title": "Mine"}, "base_version": base});
    let old = author.api.put(&path(&post)).json(&based_on(1)).if_match(version).send().await;
    assert_eq!(old.problem(409, "outdated").body["version"], 3);
    let looked_at = author.api.put(&path(&post)).json(&based_on(3)).if_match(version).send().await.expect(200);
    assert_eq!(release(&author.api, &post, looked_at.version()).await.expect(200).version(), 4);
}

/// An author has opened the post, and another edits it before the first save.
#[tokio::test]
async fn the_first_save_says_what_it_was_made_to() {
    let author = author().await;
    let post = author.post().await;
    let edit = json!({"body": "Of another."});
    let _ = author.api.patch(&format!("/v1/posts/{post}")).json(&edit).if_match(1).send().await.expect(200);
    let put = async |body: Value| author.api.put(&path(&post)).json(&body).send().await;
    let unsaid = put(json!({"change": {"body": "Mine."}})).await.problem(422, "invalid");
    assert_eq!((unsaid.pointer(), unsaid.body["version"].as_u64()), ("/base_version", Some(2)));
    let _ = put(json!({"change": {"body": "Mine."}, "base_version": 1})).await.problem(409, "outdated");
    let _ = put(json!({"change": {"body": "Both."}, "base_version": 2})).await.expect(200);
}

#[tokio::test]
async fn what_is_no_edit_of_the_post_is_in_no_releases_way() {
    let (ada, bob) = (member().await, member().await);
    let draft = json!({"title": "Soon", "slug": unique("soon")});
    let post = ada.api.post("/v1/posts").json(&draft).send().await.expect(201).id();
    let version = save(&ada.api, &post, json!({"title": "Mine"})).await.expect(200).version();
    let invited = json!({"account_id": bob.id});
    let _ = ada.api.post(&format!("/v1/posts/{post}/invitations")).json(&invited).send().await.expect(200);
    assert_eq!(release(&ada.api, &post, version).await.expect(200).version(), 3);
}

/// The event is in the log, and Postgres does not let the row go.
#[tokio::test]
async fn a_copy_that_was_released_and_is_still_there_is_none() {
    let author = author().await;
    let post = author.post().await;
    let version = save(&author.api, &post, json!({"title": "Released"})).await.expect(200).version();
    let mut vault = Server::shared().await.scope.postgres().await;
    let mut holds = sqlx::Connection::begin(&mut vault).await.unwrap();
    let sql = "SELECT post_id FROM writing.working_copies WHERE post_id = $1 FOR UPDATE";
    let id: Uuid = post.parse().unwrap();
    let _: Uuid = sqlx::query_scalar(sql).bind(id).fetch_one(&mut *holds).await.unwrap();
    assert_eq!(release(&author.api, &post, version).await.expect(200).version(), 2);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM writing.working_copies WHERE post_id = $1")
        .bind(id)
        .fetch_one(&mut *holds)
        .await
        .unwrap();
    assert_eq!(left, 1);
    // It is none, whatever becomes of the post.
    let edit = json!({"title": "Edited since"});
    let _ = author.api.patch(&format!("/v1/posts/{post}")).json(&edit).if_match(2).send().await.expect(200);
    let _ = read(&author.api, &post).await.problem(404, "no-working-copy");
    holds.rollback().await.unwrap();
    let _ = read(&author.api, &post).await.problem(404, "no-working-copy");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM writing.working_copies WHERE post_id = $1")
        .bind(id)
        .fetch_one(&mut vault)
        .await
        .unwrap();
    assert_eq!(left, 0, "it goes once it can");
    let next = save(&author.api, &post, json!({"title": "Next"})).await.expect(200);
    assert!(next.version() > version);
    assert_eq!(read(&author.api, &post).await.expect(200).body["base_version"], 3);
    let _ = release(&author.api, &post, next.version()).await.expect(200);
    assert_eq!(story(&post).await, ["Drafted", "Edited", "Edited", "Edited"]);
}

/// A release under the key of an earlier one took the next copy along.
#[tokio::test]
async fn a_key_releases_one_copy() {
    let author = author().await;
    let post = author.post().await;
    let key = unique("key");
    let release = async |version: u64| {
        let path = format!("{}/release", path(&post));
        author.api.post(&path).if_match(version).header("idempotency-key", &key).send().await
    };
    let first = save(&author.api, &post, json!({"title": "First"})).await.expect(200).version();
    let _ = release(first).await.expect(200);
    let second = save(&author.api, &post, json!({"title": "Second"})).await.expect(200).version();
    let _ = release(first).await.expect(200);
    let _ = release(second).await.problem(422, "idempotency-key-reused");
    assert_eq!(read(&author.api, &post).await.expect(200).version(), second);
}

/// A version is released under a key, and nobody knows yet what became of it. Under the same key another would be taken
/// for it, and go.
#[tokio::test]
async fn a_key_that_is_under_way_releases_no_other_copy() {
    let author = author().await;
    let post = author.post().await;
    let (key, id) = (unique("key"), post.parse::<Uuid>().unwrap());
    let first = save(&author.api, &post, json!({"title": "First"})).await.expect(200).version();
    let mut vault = Server::shared().await.scope.postgres().await;
    let begun = sqlx::query("INSERT INTO writing.releases (post_id, version, account_id, key) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(i64::try_from(first).unwrap())
        .bind(author.id)
        .bind(&key);
    let _ = begun.execute(&mut vault).await.unwrap();
    let second = save_over(&author.api, &post, first, json!({"title": "Second"})).await.expect(200).version();
    let path = format!("{}/release", path(&post));
    let release = || author.api.post(&path).if_match(second).header("idempotency-key", &key).send();
    let _ = release().await.problem(422, "idempotency-key-reused");
    assert_eq!(read(&author.api, &post).await.expect(200).version(), second);
    assert_eq!(story(&post).await, ["Drafted"]);
    // It turned out that nothing became of it.
    let _ = sqlx::query("DELETE FROM writing.releases WHERE post_id = $1").bind(id).execute(&mut vault).await.unwrap();
    let _ = release().await.expect(200);
}

/// Its key was used for something else: this was not released under it.
#[tokio::test]
async fn a_key_of_something_else_releases_no_copy() {
    let author = author().await;
    let post = author.post().await;
    let (key, id) = (unique("key"), post.parse::<Uuid>().unwrap());
    let version = save(&author.api, &post, json!({"title": "First"})).await.expect(200).version();
    let edit = json!({"title": "Edited"});
    let edit = author.api.patch(&format!("/v1/posts/{post}")).json(&edit).if_match(1);
    let _ = edit.header("idempotency-key", &key).send().await.expect(200);
    let mut vault = Server::shared().await.scope.postgres().await;
    let begun = sqlx::query("INSERT INTO writing.releases (post_id, version, account_id, key) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(i64::try_from(version).unwrap())
        .bind(author.id)
        .bind(&key);
    let _ = begun.execute(&mut vault).await.unwrap();
    assert_eq!(read(&author.api, &post).await.expect(200).version(), version);
}

#[tokio::test]
async fn a_copy_is_discarded_and_the_post_stays() {
    let author = author().await;
    let post = author.post().await;
    assert!(!author.api.delete(&path(&post)).send().await.expect(200).changed(), "there is none");
    let version = save(&author.api, &post, json!({"title": "One"})).await.expect(200).version();
    let _ = author.api.delete(&path(&post)).send().await.problem(428, "precondition-required");
    assert!(author.api.delete(&path(&post)).if_match(version).send().await.expect(200).changed());
    let next = save(&author.api, &post, json!({"title": "One"})).await.expect(200);
    assert!(next.version() > version, "no version is given twice");
    let _ = author.api.delete(&path(&post)).if_match(version).send().await.problem(412, "version-conflict");
    assert_eq!(story(&post).await, ["Drafted"]);
}

#[tokio::test]
async fn who_may_not_edit_a_post_has_nothing_to_do_with_its_copy() {
    let (author, stranger) = (author().await, self::author().await);
    let post = author.post().await;
    let version = save(&author.api, &post, json!({"title": "One"})).await.expect(200).version();
    // To a stranger it is not there, before the post is public.
    let hidden = [(404, "not-found"), (412, "version-conflict"), (412, "version-conflict"), (412, "version-conflict")];
    for expected in [hidden, [(403, "not-the-author"); 4]] {
        let answers = [
            read(&stranger.api, &post).await,
            save_over(&stranger.api, &post, version, json!({"title": "X"})).await,
            release(&stranger.api, &post, version).await,
            stranger.api.delete(&path(&post)).if_match(version).send().await,
        ];
        for (answer, (status, kind)) in answers.into_iter().zip(expected) {
            let _ = answer.problem(status, kind);
        }
        let _ = author.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    }
    assert_eq!(read(&editor().await.api, &post).await.expect(200).version(), version);
    let nothing = Uuid::new_v4().to_string();
    let _ = read(&author.api, &nothing).await.problem(404, "not-found");
    let _ = save(&author.api, &nothing, json!({"title": "X"})).await.problem(404, "not-found");
    let _ = author.api.delete(&format!("/v1/posts/{post}")).send().await.expect(200);
    let _ = save_over(&author.api, &post, version, json!({"title": "X"})).await.problem(409, "deleted");
    let _ = release(&author.api, &post, version).await.problem(409, "deleted");
}

#[tokio::test]
async fn a_copy_takes_what_an_edit_takes() {
    let author = author().await;
    let post = author.post().await;
    let refused = save(&author.api, &post, json!({"title": ""})).await.problem(422, "invalid");
    assert_eq!(refused.pointer(), "/change/title");
    // What is typed may be wrong yet, in ways in which a document says that no edit is.
    let typing = author.api.freely();
    let twice = save(&typing, &post, json!({"tags": ["a", "a"]})).await.expect(200).version();
    assert_eq!(release(&author.api, &post, twice).await.problem(422, "invalid").pointer(), "/change/tags");
    let fields = json!({"custom_fields": {"unknown": 1}, "translation_of": Uuid::new_v4()});
    for (field, value) in fields.as_object().unwrap() {
        let refused = save_over(&author.api, &post, twice, json!({field: value})).await.problem(422, "invalid");
        assert_eq!(refused.pointer(), format!("/change/{field}"));
        assert!(refused.body["detail"].as_str().unwrap().starts_with(&format!("/change/{field}")), "{refused:?}");
    }
    let everything = json!({"title": "T", "summary": null, "body": "B \"quoted\" \n", "tags": null, "category_ids": [],
        "originally_published_at": null});
    let _ = save_over(&author.api, &post, twice, everything).await.expect(200);
    let kept = read(&author.api, &post).await.expect(200).body["change"].clone();
    let expected = json!({"title": "T", "summary": "", "body": "B \"quoted\" \n", "tags": [], "category_ids": [],
        "originally_published_at": null});
    assert_eq!(kept, expected);
    let dated = json!({"originally_published_at": "2019-05-06T07:08:09.000Z"});
    let version = read(&author.api, &post).await.expect(200).version();
    let version = save_over(&author.api, &post, version, dated.clone()).await.expect(200).version();
    assert_eq!(read(&author.api, &post).await.expect(200).body["change"], dated);
    assert!(release(&author.api, &post, version).await.expect(200).changed());
}

#[tokio::test]
async fn its_owner_gets_it_with_the_export_and_it_goes_with_the_account() {
    let (ada, bob) = (member().await, member().await);
    let (own, of_bob) = (together(&ada, &bob).await, together(&bob, &ada).await);
    let word = unique("typed");
    let _ = save(&ada.api, &own, json!({"body": word})).await.expect(200);
    let _ = save(&ada.api, &of_bob, json!({"body": format!("With {word}")})).await.expect(200);
    let export = testkit::eventually("there is room", std::time::Duration::from_secs(60), async || {
        let answer = ada.api.get("/v1/me/export").send().await;
        (answer.status != 503).then_some(answer)
    });
    let export = export.await.text;
    let lines = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let copies: Vec<Value> = lines.filter(|line| line["kind"] == "working_copy").collect();
    assert_eq!(copies.len(), 2, "{export}");
    assert!(copies.iter().any(|line| line["working_copy"]["change"]["body"] == word));
    let _ = ada.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    let mut vault = Server::shared().await.scope.postgres().await;
    let sql = "SELECT count(*) FROM writing.working_copies WHERE owner_id = $1 OR saved_by = $1";
    let id: Uuid = ada.id.parse().unwrap();
    let left: i64 = sqlx::query_scalar(sql).bind(id).fetch_one(&mut vault).await.unwrap();
    assert_eq!(left, 0);
    let of_bob = read(&bob.api, &of_bob).await.expect(200);
    assert_eq!(of_bob.body["saved_by"], Value::Null, "his own stays, and does not say who typed");
}

#[tokio::test]
async fn a_copy_goes_along_with_a_post_that_is_handed_over() {
    let (ada, bob) = (member().await, member().await);
    let post = together(&ada, &bob).await;
    let _ = save(&bob.api, &post, json!({"body": "Ours."})).await.expect(200);
    let hand_over = json!({"account_id": bob.id});
    let reply = ada.api.post(&format!("/v1/posts/{post}/hand-over")).json(&hand_over).send().await.expect(200);
    assert!(reply.body["slug"].is_string());
    let _ = ada.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    assert_eq!(read(&bob.api, &post).await.expect(200).body["change"]["body"], "Ours.");
}

async fn names_as_owner(vault: &mut sqlx::PgConnection, post: &str) -> Uuid {
    let sql = "SELECT owner_id FROM writing.working_copies WHERE post_id = $1";
    sqlx::query_scalar(sql).bind(post.parse::<Uuid>().unwrap()).fetch_one(vault).await.unwrap()
}

/// The process died before Postgres heard of it, or a save came from an instance that had not.
#[tokio::test]
async fn what_postgres_did_not_hear_of_a_hand_over_takes_no_words_from_the_new_owner() {
    let (ada, bob) = (member().await, member().await);
    let (handed, own) = (together(&ada, &bob).await, together(&bob, &ada).await);
    for post in [&handed, &own] {
        let _ = save(&bob.api, post, json!({"body": "Of Bob."})).await.expect(200);
    }
    for (post, from, to) in [(&handed, &ada, &bob), (&own, &bob, &ada)] {
        let hand_over = json!({"account_id": to.id});
        let _ = from.api.post(&format!("/v1/posts/{post}/hand-over")).json(&hand_over).send().await.expect(200);
    }
    let mut vault = Server::shared().await.scope.postgres().await;
    let (ada_id, bob_id): (Uuid, Uuid) = (ada.id.parse().unwrap(), bob.id.parse().unwrap());
    let unheard = "UPDATE writing.working_copies SET owner_id = $2 WHERE post_id = $1";
    for (post, named) in [(&handed, ada_id), (&own, bob_id)] {
        let query = sqlx::query(unheard).bind(post.parse::<Uuid>().unwrap()).bind(named);
        query.execute(&mut vault).await.unwrap();
    }
    let export = testkit::eventually("there is room", std::time::Duration::from_secs(60), async || {
        let answer = ada.api.get("/v1/me/export").send().await;
        (answer.status != 503).then_some(answer)
    });
    let export = export.await.text;
    let lines = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let copies: Vec<Value> = lines.filter(|line| line["kind"] == "working_copy").collect();
    assert_eq!(copies.len(), 1, "{export}");
    assert_eq!(copies[0]["working_copy"]["post_id"], json!(own));
    let query = sqlx::query(unheard).bind(handed.parse::<Uuid>().unwrap()).bind(ada_id);
    query.execute(&mut vault).await.unwrap();
    let _ = ada.api.delete("/v1/me").json(&json!({"current_password": PASSWORD})).send().await.expect(204);
    assert_eq!(read(&bob.api, &handed).await.expect(200).body["change"]["body"], "Of Bob.");
    assert_eq!(names_as_owner(&mut vault, &handed).await, bob_id);
    let _ = read(&bob.api, &own).await.problem(404, "no-working-copy");
}

#[tokio::test]
async fn a_hand_over_that_is_repeated_leaves_the_copy_with_who_owns_the_post_by_now() {
    let (ada, bob, cyd) = (member().await, member().await, member().await);
    let post = together(&ada, &bob).await;
    let _ = save(&bob.api, &post, json!({"body": "Ours."})).await.expect(200);
    let path = format!("/v1/posts/{post}/hand-over");
    let (key, to_bob) = (unique("over"), json!({"account_id": bob.id}));
    let first = async || ada.api.post(&path).key(&key).json(&to_bob).send().await.expect(200);
    let _ = first().await;
    let invited = json!({"account_id": cyd.id});
    let _ = bob.api.post(&format!("/v1/posts/{post}/invitations")).json(&invited).send().await.expect(200);
    let _ = cyd.api.post(&format!("/v1/me/invitations/{post}/accept")).send().await.expect(200);
    let _ = bob.api.post(&path).json(&invited).send().await.expect(200);
    let _ = first().await;
    let mut vault = Server::shared().await.scope.postgres().await;
    assert_eq!(names_as_owner(&mut vault, &post).await, cyd.id.parse::<Uuid>().unwrap());
}

/// A field that an edit gains is tried, too: what is kept is what a client would send, for it is read again.
#[tokio::test]
async fn whatever_an_edit_can_take_away_a_copy_takes_away() {
    let author = author().await;
    let document: Value = serde_json::from_str(&command_services::openapi::document()).unwrap();
    let fields = document["components"]["schemas"]["EditPost"]["properties"].as_object().unwrap();
    let mut taken_away = 0;
    for name in fields.keys() {
        let post = author.post().await;
        let saved = save(&author.api, &post, json!({name: null})).await;
        if saved.status == 422 {
            continue;
        }
        let _ = saved.expect(200);
        let kept = read(&author.api, &post).await.expect(200).body["change"][name].clone();
        assert!(kept.is_null() || kept == "" || kept == json!([]), "{name}: {kept}");
        taken_away += 1;
    }
    assert!(taken_away >= 4);
}
