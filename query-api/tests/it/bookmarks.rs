//! `/v1/me/bookmarks`.

use serde_json::Value;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Server};

const ADA: Uuid = Uuid::from_u128(1);
const PATH: &str = "/v1/me/bookmarks";

/// A bookmark, since so many milliseconds.
pub(crate) async fn keep(pool: &PgPool, account: Uuid, post: Uuid, since: i64) {
    let since = OffsetDateTime::from_unix_timestamp_nanos(i128::from(since) * 1_000_000).unwrap();
    let query = sqlx::query("INSERT INTO content.bookmarks VALUES ($1, $2, true, $3, 1)");
    query.bind(account).bind(post).bind(since).execute(pool).await.unwrap();
}

/// Ada, who keeps five posts of another author, two of them since the same moment.
async fn server() -> Server {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "ada", 1).await;
    Author::write(server.pool(), Uuid::from_u128(2), "bob", 1).await;
    for (number, since) in [1_000, 2_000, 2_000, 3_000, 4_000].into_iter().enumerate() {
        let (id, author) = (Uuid::from_u128(100 + number as u128), Uuid::from_u128(2));
        let post = Post { id, author, ..Post::called(&format!("post-{number}")) };
        keep(server.pool(), ADA, post.write(server.pool()).await.id, since).await;
    }
    server
}

async fn get(server: &Server, path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(ADA, &[]))]).await
}

fn slugs(answer: &Answer) -> Vec<&str> {
    let entries = answer.body["bookmarks"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries.iter().map(|entry| entry["post"]["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn bookmarks_are_listed_newest_first_in_pages_that_neither_skip_nor_repeat() {
    let server = server().await;
    let (mut path, mut seen) = (format!("{PATH}?limit=2"), Vec::new());
    loop {
        let answer = get(&server, &path).await;
        seen.extend(slugs(&answer).into_iter().map(str::to_owned));
        let Some(next) = answer.body["next"].as_str() else { break };
        path = format!("{PATH}?limit=2&cursor={next}");
        assert_eq!(answer.header("link"), format!("<{path}>; rel=\"next\""));
    }
    assert_eq!(seen, ["post-4", "post-3", "post-2", "post-1", "post-0"]);
    server.close().await;
}

#[tokio::test]
async fn an_entry_shows_the_post_and_since_when_it_is_kept() {
    let server = server().await;
    let answer = get(&server, &format!("{PATH}?limit=1")).await;
    let entry = &answer.body["bookmarks"][0];
    assert_eq!(entry["bookmarked_at"], "1970-01-01T00:00:04.000Z");
    assert_eq!(
        (&entry["post"]["title"], &entry["post"]["author"]["user_name"]),
        (&Value::from("Title of post-4"), &Value::from("bob"))
    );
    assert_eq!((answer.header("cache-control"), answer.header("vary")), ("private, no-cache", "Authorization"));
    let etag = answer.header("etag").to_owned();
    let token = server.token(ADA, &[]);
    let path = format!("{PATH}?limit=1");
    let again = server.get_with(&path, &[("authorization", &token), ("if-none-match", &etag)]).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn they_are_shown_to_their_owner_alone() {
    let server = server().await;
    assert_eq!(server.get(PATH).await.problem(), (401, "unauthorized"));
    let stranger = server.token(Uuid::from_u128(2), &[]);
    assert!(slugs(&server.get_with(PATH, &[("authorization", &stranger)]).await).is_empty());
}

#[tokio::test]
async fn what_was_removed_and_what_cannot_be_read_is_left_out() {
    let server = server().await;
    let run = async |sql: &'static str| {
        sqlx::query(sql).execute(server.pool()).await.unwrap();
    };
    run("UPDATE content.bookmarks SET active = false WHERE post_id = '00000000-0000-0000-0000-000000000064'").await;
    run("UPDATE content.posts SET deleted = true WHERE slug = 'post-1'").await;
    run("UPDATE content.posts SET published = false WHERE slug = 'post-2'").await;
    run("UPDATE content.posts SET published = false, author_id = '00000000-0000-0000-0000-000000000001' \
         WHERE slug = 'post-3'")
    .await;
    assert_eq!(slugs(&get(&server, PATH).await), ["post-4", "post-3"], "a draft of her own she reads");
}
