//! `/v1/series`.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Api, eventually};
use uuid::Uuid;

use crate::members::member;
use crate::support::{Person, Server, author, editor, person, unique};

const PATH: &str = "/v1/series";

async fn create(api: &Api, slug: &str) -> Answer {
    api.post(PATH).json(&json!({"title": "A series", "slug": slug, "description": "Of this."})).send().await
}

/// The id of a new one.
async fn new(owner: &Person) -> String {
    create(&owner.api, &unique("series")).await.expect(201).id()
}

async fn add(api: &Api, series: &str, post: &str) -> Answer {
    api.put(&format!("{PATH}/{series}/posts/{post}")).send().await
}

async fn remove(api: &Api, series: &str, post: &str) -> Answer {
    api.delete(&format!("{PATH}/{series}/posts/{post}")).send().await
}

async fn order(api: &Api, series: &str, posts: &[&str]) -> Answer {
    api.put(&format!("{PATH}/{series}/order")).json(&json!({"post_ids": posts})).send().await
}

#[tokio::test]
async fn a_series_is_made_once_and_its_slug_is_its_own() {
    let (ada, slug, key) = (author().await, unique("made"), Uuid::new_v4().to_string());
    let body = json!({"title": "Made", "slug": slug});
    let make = || ada.api.post(PATH).header("Idempotency-Key", &key).json(&body);
    let made = make().send().await.expect(201);
    assert_eq!((made.version(), made.changed()), (1, true));
    assert_eq!(made.header("location"), format!("{PATH}/{slug}"));
    assert!(!made.position().is_empty());
    assert_eq!(make().send().await.expect(201).body, made.body, "the first reply again");
    let _ = create(&author().await.api, &slug).await.problem(409, "slug-taken");
    // A post may have the same: it is read at another address.
    let _ = ada.draft(&slug).await.expect(201);
}

#[tokio::test]
async fn without_a_slug_one_is_made_of_the_title_and_made_unique() {
    let (ada, word) = (author().await, unique("word"));
    let make = || ada.api.post(PATH).json(&json!({"title": format!("Some {word}!")}));
    assert_eq!(make().send().await.expect(201).body["slug"], format!("some-{word}"));
    let other = make().send().await.expect(201).body["slug"].as_str().unwrap().to_owned();
    assert!(other.starts_with(&format!("some-{word}-")), "{other}");
}

#[tokio::test]
async fn a_series_is_changed_filled_and_ordered() {
    let ada = author().await;
    let (series, one, two) = (new(&ada).await, ada.post().await, ada.post().await);
    let path = format!("{PATH}/{series}");
    let slug = unique("renamed");
    let renamed = ada.api.patch(&path).json(&json!({"slug": slug, "description": null})).send().await.expect(200);
    assert_eq!((&renamed.body["slug"], renamed.version()), (&json!(slug), 2));
    assert!(!ada.api.patch(&path).json(&json!({"slug": slug})).send().await.expect(200).changed());
    for post in [&one, &two] {
        assert!(add(&ada.api, &series, post).await.expect(200).changed());
        assert!(!add(&ada.api, &series, post).await.expect(200).changed());
    }
    assert!(order(&ada.api, &series, &[&two, &one]).await.expect(200).changed());
    assert!(!order(&ada.api, &series, &[&two, &one]).await.expect(200).changed());
    for wrong in [&[one.as_str()][..], &[&one, &one], &[&one, &two, &series]] {
        let problem = order(&ada.api, &series, wrong).await.problem(422, "invalid");
        assert_eq!(problem.body["errors"][0]["pointer"], "/post_ids");
    }
    assert!(remove(&ada.api, &series, &one).await.expect(200).changed());
    assert!(!remove(&ada.api, &series, &one).await.expect(200).changed());
    assert!(ada.api.delete(&path).send().await.expect(200).changed());
    assert!(!ada.api.delete(&path).send().await.expect(200).changed());
    let _ = add(&ada.api, &series, &one).await.problem(410, "gone");
    let _ = create(&ada.api, &slug).await.problem(409, "slug-taken");
    let log = Server::shared().await.scope.log("series").await;
    log.assert_whole();
    let story = ["Created", "Changed", "PostAdded", "PostAdded", "Ordered", "PostRemoved", "Deleted"];
    assert_eq!(log.story(&series), story);
}

#[tokio::test]
async fn only_its_owner_and_editors_change_a_series() {
    let (ada, bob) = (author().await, author().await);
    let (series, post) = (new(&ada).await, bob.post().await);
    let path = format!("{PATH}/{series}");
    let edit = json!({"title": "Another", "slug": unique("stolen")});
    let _ = bob.api.patch(&path).json(&edit).send().await.problem(403, "not-the-author");
    let _ = bob.api.delete(&path).send().await.problem(403, "not-the-author");
    let _ = add(&bob.api, &series, &post).await.problem(403, "not-the-author");
    let _ = order(&bob.api, &series, &[]).await.problem(403, "not-the-author");
    let staff = editor().await;
    assert!(add(&staff.api, &series, &post).await.expect(200).changed());
    assert!(staff.api.patch(&path).json(&edit).send().await.expect(200).changed());
    let reader = person(Uuid::new_v4(), &["reader"]).await;
    let _ = create(&reader.api, &unique("series")).await.problem(403, "forbidden");
}

#[tokio::test]
async fn a_post_comes_into_a_series_by_who_writes_it() {
    let (ada, bob) = (member().await, member().await);
    let series = create(&bob.api, &unique("series")).await.expect(201).id();
    let draft = async |api: &Api| api.post("/v1/posts").json(&json!({"title": "T"})).send().await.expect(201).id();
    let post = draft(&ada.api).await;
    let _ = add(&bob.api, &series, &post).await.problem(404, "not-found");
    // Once they write it together, it may.
    let body = json!({"account_id": bob.id});
    let _ = ada.api.post(&format!("/v1/posts/{post}/invitations")).json(&body).send().await.expect(200);
    let _ = bob.api.post(&format!("/v1/me/invitations/{post}/accept")).send().await.expect(200);
    assert!(add(&bob.api, &series, &post).await.expect(200).changed());
    // And its author takes it out again, whichever account's series it is.
    assert!(remove(&ada.api, &series, &post).await.expect(200).changed());
    let _ = add(&bob.api, &series, &Uuid::new_v4().to_string()).await.problem(404, "not-found");
    let _ = add(&ada.api, &Uuid::new_v4().to_string(), &post).await.problem(404, "not-found");
    let gone = draft(&bob.api).await;
    let _ = bob.api.delete(&format!("/v1/posts/{gone}")).send().await.expect(200);
    let _ = add(&bob.api, &series, &gone).await.problem(404, "not-found");
}

#[tokio::test]
async fn all_of_a_series_is_in_the_export_of_its_owner() {
    let (ada, title) = (member().await, unique("exported"));
    let series = ada.api.post(PATH).json(&json!({"title": title})).send().await.expect(201).id();
    let path = format!("{PATH}/{series}");
    let by_an_editor = json!({"description": "By an editor."});
    let _ = editor().await.api.patch(&path).json(&by_an_editor).send().await.expect(200);
    let export = eventually("there is room", Duration::from_secs(60), async || {
        let answer = ada.api.get("/v1/me/export").send().await;
        (answer.status != 503).then_some(answer)
    });
    let text = export.await.expect(200).text;
    assert!(text.contains(&title) && text.contains("By an editor."), "{text}");
}

#[tokio::test]
async fn what_is_no_series_is_refused() {
    let ada = author().await;
    let long = "x".repeat(301);
    for (body, pointer) in [
        (json!({"title": ""}), "/title"),
        (json!({"title": long}), "/title"),
        (json!({"title": "A", "slug": "No Slug"}), "/slug"),
        (json!({"title": "A", "description": "x".repeat(2_001)}), "/description"),
    ] {
        let problem = ada.api.post(PATH).json(&body).send().await.problem(422, "invalid");
        assert_eq!(problem.body["errors"][0]["pointer"], pointer);
    }
    let series = new(&ada).await;
    let many: Vec<Value> = (0..501).map(|_| json!(Uuid::new_v4())).collect();
    let path = format!("{PATH}/{series}/order");
    let _ = ada.api.put(&path).json(&json!({"post_ids": many})).send().await.problem(422, "invalid");
}

/// Who asks for a change of a series that is not there keeps no slug from those who write.
#[tokio::test]
async fn an_edit_of_nothing_reserves_no_slug() {
    let (ada, eve, slug) = (author().await, author().await, unique("free"));
    let nothing = format!("{PATH}/{}", Uuid::new_v4());
    let edit = eve.api.patch(&nothing).json(&json!({"slug": slug})).send().await;
    let _ = edit.problem(404, "not-found");
    assert_eq!(create(&ada.api, &slug).await.expect(201).body["slug"], slug);
}
