//! `/v1/categories`. All of them are in one tree, which the tests share.

use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::support::{Server, author, editor as an_editor, unique};

const PATH: &str = "/v1/categories";

async fn editor() -> Api {
    an_editor().await.api
}

/// Makes a category of this slug below another, or at the root.
async fn create(api: &Api, slug: &str, parent: Option<&str>) -> Answer {
    api.post(PATH).json(&json!({"name": "A category", "slug": slug, "parent_id": parent})).send().await
}

/// The id of a new one.
async fn new(api: &Api, stem: &str, parent: Option<&str>) -> String {
    create(api, &unique(stem), parent).await.expect(201).id()
}

async fn merge(api: &Api, id: &str, into: &str) -> Answer {
    api.post(&format!("{PATH}/{id}/merge")).json(&json!({"into_id": into})).send().await
}

async fn relocate(api: &Api, id: &str, parent: Option<&str>) -> Answer {
    api.post(&format!("{PATH}/{id}/move")).json(&json!({"parent_id": parent})).send().await
}

async fn delete(api: &Api, id: &str) -> Answer {
    api.delete(&format!("{PATH}/{id}")).send().await
}

#[tokio::test]
async fn a_category_is_made_once_and_its_slug_is_its_own() {
    let (api, slug, id) = (editor().await, unique("made"), Uuid::new_v4());
    let body = json!({"id": id, "name": "Made", "slug": slug, "description": "Of this."});
    let made = api.post(PATH).json(&body).send().await.expect(201);
    assert_eq!((made.id(), made.changed()), (id.to_string(), true));
    assert_eq!(made.header("location"), format!("{PATH}/{slug}"));
    assert!(!made.position().is_empty());
    assert!(!api.post(PATH).json(&body).send().await.expect(200).changed());
    let other = json!({"id": id, "name": "Other", "slug": slug});
    let _ = api.post(PATH).json(&other).send().await.problem(409, "exists");
    let taken = create(&api, &slug, None).await.problem(409, "slug-taken");
    assert_eq!(taken.body["category_id"], id.to_string(), "who asks can take that one");
}

#[tokio::test]
async fn without_a_slug_one_is_made_of_the_name() {
    let (api, word) = (editor().await, unique("word"));
    let made = api.post(PATH).json(&json!({"name": format!("Some {word}!")})).send().await.expect(201);
    assert_eq!(made.header("location"), format!("{PATH}/some-{word}"));
}

#[tokio::test]
async fn a_category_is_changed_moved_and_ordered() {
    let api = editor().await;
    let root = new(&api, "root", None).await;
    let (one, two) = (new(&api, "one", Some(&root)).await, new(&api, "two", Some(&root)).await);
    let path = format!("{PATH}/{one}");
    let slug = unique("renamed");
    assert!(api.patch(&path).json(&json!({"slug": slug, "name": "Renamed"})).send().await.expect(200).changed());
    assert!(!api.patch(&path).json(&json!({"name": "Renamed"})).send().await.expect(200).changed());
    let order = |ids: &[&str]| api.put(&format!("{PATH}/order")).json(&json!({"parent_id": root, "category_ids": ids}));
    assert!(order(&[&two, &one]).send().await.expect(200).changed());
    assert!(!order(&[&two, &one]).send().await.expect(200).changed());
    let _ = order(&[&two]).send().await.problem(422, "invalid");
    assert!(relocate(&api, &one, Some(&two)).await.expect(200).changed());
    assert!(!relocate(&api, &one, Some(&two)).await.expect(200).changed());
    let _ = relocate(&api, &two, Some(&one)).await.problem(422, "invalid");
    let _ = relocate(&api, &one, Some(&Uuid::new_v4().to_string())).await.problem(422, "invalid");
    let _ = relocate(&api, &Uuid::new_v4().to_string(), None).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_category_is_merged_for_good_and_never_into_what_is_below_it() {
    let api = editor().await;
    let slug = unique("merged");
    let merged = create(&api, &slug, None).await.expect(201).id();
    let (child, into) = (new(&api, "child", Some(&merged)).await, new(&api, "into", None).await);
    let _ = merge(&api, &merged, &child).await.problem(422, "invalid");
    let _ = merge(&api, &merged, &merged).await.problem(422, "invalid");
    assert!(merge(&api, &merged, &into).await.expect(200).changed());
    assert!(!merge(&api, &merged, &into).await.expect(200).changed());
    let _ = merge(&api, &merged, &child).await.problem(410, "gone");
    let _ = api.patch(&format!("{PATH}/{merged}")).json(&json!({"name": "x"})).send().await.problem(410, "gone");
    // Its slug leads to the other one, which may take it.
    assert_eq!(create(&api, &slug, None).await.problem(409, "slug-taken").body["category_id"], into);
    assert!(api.patch(&format!("{PATH}/{into}")).json(&json!({"slug": slug})).send().await.expect(200).changed());
    let _ = delete(&api, &into).await.problem(409, "not-empty");
    assert!(delete(&api, &child).await.expect(200).changed());
    assert!(delete(&api, &into).await.expect(200).changed());
    assert!(!delete(&api, &into).await.expect(200).changed());
    let _ = create(&api, &slug, None).await.expect(201);
}

#[tokio::test]
async fn an_author_manages_no_category() {
    let (author, api) = (author().await.api, editor().await);
    let id = new(&api, "theirs", None).await;
    let _ = create(&author, &unique("mine"), None).await.problem(403, "forbidden");
    for answer in [merge(&author, &id, &id).await, relocate(&author, &id, None).await, delete(&author, &id).await] {
        let _ = answer.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn the_same_key_gets_the_first_reply_again() {
    let (api, body) = (editor().await, json!({"name": "Kept", "slug": unique("kept")}));
    let ask = |body: &Value| api.post(PATH).key("k-1").json(body).send();
    let first = ask(&body).await.expect(201);
    let _ = delete(&api, &first.id()).await.expect(200);
    let again = ask(&body).await;
    assert_eq!((again.id(), again.version(), again.position()), (first.id(), first.version(), first.position()));
    let _ = ask(&json!({"name": "Other"})).await.problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn a_version_of_the_tree_that_was_seen_can_be_demanded() {
    let api = editor().await;
    let first = create(&api, &unique("seen"), None).await.expect(201);
    let _ = create(&api, &unique("later"), None).await.expect(201);
    let path = format!("{PATH}/{}", first.id());
    let stale = api.delete(&path).if_match(first.version()).send().await;
    let _ = stale.problem(412, "version-conflict");
}

#[tokio::test]
async fn a_post_names_categories_that_are_there_or_not() {
    let (author, slug) = (author().await, unique("sorted"));
    let ids = [Uuid::new_v4(), Uuid::new_v4()];
    let body = json!({"title": "Sorted", "slug": slug, "category_ids": ids});
    let post = author.api.post("/v1/posts").json(&body).send().await.expect(201);
    let path = format!("/v1/posts/{}", post.id());
    let same = author.api.patch(&path).if_match(1).json(&json!({"category_ids": ids})).send().await.expect(200);
    assert!(!same.changed());
    let none = author.api.patch(&path).if_match(1).json(&json!({"category_ids": null})).send().await.expect(200);
    assert_eq!((none.changed(), none.version()), (true, 2));
    let twice = json!({"category_ids": [ids[0], ids[0]]});
    let _ = author.api.patch(&path).if_match(2).json(&twice).send().await.problem(422, "invalid");
    let many = json!({"category_ids": (0..51).map(|_| Uuid::new_v4()).collect::<Vec<_>>()});
    let _ = author.api.patch(&path).if_match(2).json(&many).send().await.problem(422, "invalid");
    let log = Server::shared().await.scope.log("posts").await;
    assert_eq!(log.story(&post.id()), ["Drafted", "Edited"]);
}
