//! `/v1/me/schedule`, and what a post says of its schedule.

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Server};

const ADA: Uuid = Uuid::from_u128(1);
const PATH: &str = "/v1/me/schedule";

/// A post expires at a time, in seconds since 1970.
pub(crate) async fn expires(pool: &PgPool, post: Uuid, at: i64) {
    let query = sqlx::query("UPDATE content.posts SET expires_at = $2 WHERE post_id = $1");
    query.bind(post).bind(OffsetDateTime::from_unix_timestamp(at).unwrap()).execute(pool).await.unwrap();
}

async fn is_released(pool: &PgPool, post: Uuid, at: i64) {
    let query = sqlx::query(
        "UPDATE content.posts SET release_at = $2, release_local_time = '2030-03-17T18:46:40', \
         release_time_zone = 'Europe/Vienna' WHERE post_id = $1",
    );
    query.bind(post).bind(OffsetDateTime::from_unix_timestamp(at).unwrap()).execute(pool).await.unwrap();
}

/// Ada has a draft that is to be released and then expires, three posts that expire, and more that say nothing.
async fn server() -> Server {
    let server = Server::start().await;
    let pool = server.pool();
    Author::write(pool, ADA, "ada", 1).await;
    let both = Post::draft("both").write(pool).await;
    is_released(pool, both.id, 1_900_000_000).await;
    expires(pool, both.id, 1_900_000_900).await;
    for (number, at) in [1_900_000_100, 1_900_000_050, 1_900_000_050].into_iter().enumerate() {
        let id = Uuid::from_u128(100 + number as u128);
        let post = Post { id, ..Post::called(&format!("post-{number}")) }.write(pool).await;
        expires(pool, post.id, at).await;
    }
    let others = [
        Post { deleted: true, ..Post::called("deleted") },
        Post { author: Uuid::from_u128(2), ..Post::called("of-another") },
        Post::draft("a-draft-that-would-expire"),
    ];
    for other in others {
        expires(pool, other.write(pool).await.id, 1_900_000_000).await;
    }
    Post::called("for-good").write(pool).await;
    server
}

async fn get(server: &Server, path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(ADA, &[]))]).await
}

#[tokio::test]
async fn what_is_to_come_is_listed_the_next_first() {
    let server = server().await;
    let (mut path, mut seen) = (format!("{PATH}?limit=2"), Vec::new());
    loop {
        let answer = get(&server, &path).await;
        let entries = answer.body["schedule"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
        seen.extend(entries.iter().map(|entry| entry["post"]["slug"].as_str().unwrap().to_owned()));
        let Some(next) = answer.body["next"].as_str() else { break };
        path = format!("{PATH}?limit=2&cursor={next}");
    }
    assert_eq!(seen, ["both", "post-1", "post-2", "post-0"]);
    server.close().await;
}

#[tokio::test]
async fn an_entry_says_when_and_how_it_was_given() {
    let server = server().await;
    let answer = get(&server, &format!("{PATH}?limit=1")).await;
    let entry = &answer.body["schedule"][0];
    assert_eq!(entry["release_at"], "2030-03-17T17:46:40.000Z");
    assert_eq!(entry["release_local_time"], "2030-03-17T18:46:40");
    assert_eq!(entry["release_time_zone"], "Europe/Vienna");
    assert_eq!(entry["expires_at"], "2030-03-17T18:01:40.000Z");
    assert_eq!(entry["expiry_local_time"], serde_json::Value::Null);
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(server.get(PATH).await.problem(), (401, "unauthorized"));
    server.close().await;
}

#[tokio::test]
async fn a_post_says_when_it_is_released_and_expires_and_not_where_its_author_lives() {
    let server = server().await;
    let draft = get(&server, "/v1/posts/both").await;
    assert_eq!(draft.body["release_at"], "2030-03-17T17:46:40.000Z");
    let public = server.get("/v1/posts/post-0").await;
    assert_eq!(public.body["expires_at"], "2030-03-17T17:48:20.000Z");
    assert_eq!(public.body["release_at"], serde_json::Value::Null);
    assert_eq!(public.body.get("expiry_time_zone"), None);
    server.close().await;
}
