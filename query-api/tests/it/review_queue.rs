//! `/v1/review-queue`, and what an author sees of a review.

use domain::Role;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Server, review, working_copy};

const ADA: Uuid = Uuid::from_u128(1);
const EDITH: Uuid = Uuid::from_u128(9);
const PATH: &str = "/v1/review-queue";

/// Ada has submitted three posts, of which one was deleted since; changes of a fourth are wanted.
async fn server() -> Server {
    let server = Server::start().await;
    let pool = server.pool();
    Author::write(pool, ADA, "ada", 1).await;
    for (slug, state, since, deleted) in [
        ("second", "in_review", 2_000, false),
        ("first", "in_review", 1_000, false),
        ("deleted", "in_review", 500, true),
        ("wanted", "changes_requested", 100, false),
        ("approved", "approved", 100, false),
    ] {
        let post = Post { deleted, ..Post::draft(slug) }.write(pool).await;
        review(pool, post.id, state, since).await;
    }
    submit_copy(pool, "second", &json!({"title": "Soon"})).await;
    server
}

/// Saves this as a post's working copy, and submits that.
async fn submit_copy(pool: &PgPool, slug: &str, change: &serde_json::Value) {
    let sql = "UPDATE content.reviews r SET copy_sha256 = encode(sha256(convert_to($2, 'UTF8')), 'hex') \
               FROM content.posts p WHERE p.post_id = r.post_id AND p.slug = $1 RETURNING p.post_id";
    let query = sqlx::query_scalar(sql).bind(slug).bind(change.to_string());
    working_copy(pool, query.fetch_one(pool).await.unwrap(), change).await;
}

async fn get(server: &Server, roles: &[Role], path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(EDITH, roles))]).await
}

#[tokio::test]
async fn an_editor_finds_what_waits_the_oldest_first() {
    let server = server().await;
    let answer = get(&server, &[Role::Editor], PATH).await;
    let entries = answer.body["queue"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    let said = |field: &str| entries.iter().map(|entry| entry[field].clone()).collect::<Vec<_>>();
    let slugs: Vec<_> = entries.iter().map(|entry| entry["post"]["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["first", "second"]);
    assert_eq!(said("what"), ["post", "working-copy"]);
    assert_eq!(said("submitted_at")[0], "1970-01-01T00:16:40.000Z");
    assert_eq!(entries[0]["submitted_by"]["user_name"], "ada");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let page = get(&server, &[Role::Admin], &format!("{PATH}?limit=1")).await;
    let next = page.body["next"].as_str().unwrap();
    let last = get(&server, &[Role::Admin], &format!("{PATH}?limit=1&cursor={next}")).await;
    assert_eq!(last.body["queue"][0]["post"]["slug"], "second");
}

/// A copy that was discarded stayed there, and was approved by none.
#[tokio::test]
async fn a_working_copy_waits_while_it_is_there() {
    let server = server().await;
    let waits = async || {
        let queue = get(&server, &[Role::Editor], PATH).await.body["queue"].clone();
        let entries = queue.as_array().unwrap().iter();
        entries.map(|entry| (entry["post"]["slug"].clone(), entry["saved_since"].clone())).collect::<Vec<_>>()
    };
    let own = async || {
        let answer = server.get_with("/v1/me/posts", &[("authorization", &server.token(ADA, &[]))]).await;
        let entries = answer.body["posts"].as_array().unwrap().clone();
        entries.iter().find(|entry| entry["post"]["slug"] == "second").unwrap()["review"].clone()
    };
    assert_eq!(waits().await, [(json!("first"), json!(false)), (json!("second"), json!(false))]);
    let change = "UPDATE writing.working_copies SET change = $1";
    sqlx::query(change).bind(json!({"title": "Later"}).to_string()).execute(server.pool()).await.unwrap();
    assert_eq!(waits().await, [(json!("first"), json!(false)), (json!("second"), json!(true))]);
    assert_eq!(own().await, "in_review");
    sqlx::query("DELETE FROM writing.working_copies").execute(server.pool()).await.unwrap();
    assert_eq!(waits().await, [(json!("first"), json!(false))]);
    assert_eq!(own().await, "none");
}

/// It was called approved on, and its release was refused (409 `not-approved`).
#[tokio::test]
async fn an_approval_of_a_working_copy_ends_with_its_next_save() {
    let server = server().await;
    let own = async || {
        let answer = server.get_with("/v1/me/posts", &[("authorization", &server.token(ADA, &[]))]).await;
        let entries = answer.body["posts"].as_array().unwrap().clone();
        let own = entries.into_iter().find(|entry| entry["post"]["slug"] == "approved").unwrap();
        ["review", "reviewed_by", "saved_since"].map(|field| own[field].clone())
    };
    let approved = [json!("approved"), json!(ADA), json!(false)];
    assert_eq!(own().await, approved, "the post as it is");
    submit_copy(server.pool(), "approved", &json!({"title": "Soon"})).await;
    assert_eq!(own().await, approved);
    let save = "UPDATE writing.working_copies w SET change = $1 FROM content.posts p
        WHERE p.post_id = w.post_id AND p.slug = 'approved'";
    sqlx::query(save).bind(json!({"title": "Later"}).to_string()).execute(server.pool()).await.unwrap();
    assert_eq!(own().await, [json!("none"), json!(null), json!(true)]);
}

#[tokio::test]
async fn only_editors_see_the_queue() {
    let server = server().await;
    assert_eq!(get(&server, &[Role::Author], PATH).await.problem(), (403, "forbidden"));
    assert_eq!(server.get(PATH).await.problem(), (401, "unauthorized"));
}

#[tokio::test]
async fn an_author_sees_how_the_review_of_a_post_stands() {
    let server = server().await;
    let answer = server.get_with("/v1/me/posts", &[("authorization", &server.token(ADA, &[]))]).await;
    let entries = answer.body["posts"].as_array().unwrap();
    let of = |slug: &str| entries.iter().find(|entry| entry["post"]["slug"] == slug).unwrap();
    assert_eq!((&of("wanted")["review"], &of("wanted")["review_note"]), (&"changes_requested".into(), &"Why?".into()));
    assert_eq!((&of("first")["review"], &of("first")["review_note"]), (&"in_review".into(), &serde_json::Value::Null));
    assert_eq!(of("approved")["review"], "approved");
    assert!(of("first")["reviewed_by"].is_null(), "it waits");
    assert!(["wanted", "approved"].iter().all(|slug| of(slug)["reviewed_by"].is_string()), "{answer:?}");
}
