//! `/v1/review-queue`, and what an author sees of a review.

use domain::Role;
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Server, review};

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
    let sql = "UPDATE content.reviews SET copy_sha256 = 'c0' WHERE since = to_timestamp(2000)";
    sqlx::query(sql).execute(pool).await.unwrap();
    server
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
}
