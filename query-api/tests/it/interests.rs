//! `/v1/me/following/tags`, `…/categories` and `…/series`, and how many follow each.

use serde_json::Value;
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::support::{Answer, Author, Category, Post, Series, Server, TagName};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);

/// An account follows something, since so many milliseconds.
pub(crate) async fn follow(pool: &PgPool, account: Uuid, kind: &str, which: &str, since: i64) {
    let since = OffsetDateTime::from_unix_timestamp_nanos(i128::from(since) * 1_000_000).unwrap();
    let sql = "INSERT INTO content.followed_subjects VALUES ($1, $2, $3, true, $4, 1)";
    sqlx::query(sql).bind(account).bind(kind).bind(which).bind(since).execute(pool).await.unwrap();
    let sql = "INSERT INTO content.subject_follow_counts AS c VALUES ($1, $2, 1)
        ON CONFLICT (subject_kind, subject_ref) DO UPDATE SET followers = c.followers + 1";
    sqlx::query(sql).bind(kind).bind(which).execute(pool).await.unwrap();
}

async fn server() -> Server {
    let server = Server::start().await;
    for (id, name) in [(ADA, "ada"), (BOB, "bob")] {
        Author::write(server.pool(), id, name, 1).await;
    }
    server
}

async fn mine(server: &Server, list: &str) -> Answer {
    let path = format!("/v1/me/following/{list}");
    server.get_with(&path, &[("authorization", &server.token(ADA, &[]))]).await
}

fn all(answer: &Answer, list: &str, field: &str) -> Vec<Value> {
    let entries = answer.body[list].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries.iter().map(|entry| entry[field].clone()).collect()
}

#[tokio::test]
async fn tags_are_shown_as_what_their_names_stand_for_each_once() {
    let server = server().await;
    let pool = server.pool();
    for (tag, since) in [("rust", 1_000), ("js", 2_000), ("javascript", 3_000), ("tea", 4_000)] {
        follow(pool, ADA, "tag", tag, since).await;
    }
    follow(pool, BOB, "tag", "js", 5_000).await;
    let _ = Post { tags: vec!["javascript"], ..Post::called("one") }.write(pool).await;
    TagName::write(pool, "js", "javascript", "").await;
    assert_eq!(all(&mine(&server, "tags").await, "tags", "tag"), ["tea", "javascript", "rust"]);
    let first = mine(&server, "tags?limit=2").await;
    let next = first.body["next"].as_str().unwrap();
    assert_eq!(all(&mine(&server, &format!("tags?limit=2&cursor={next}")).await, "tags", "tag"), ["rust"]);
    // Ada follows it under two names, and is one.
    assert_eq!(server.get("/v1/tags/javascript").await.body["followers_count"], 2);
    // Of very many it is not told who is whom.
    let many = "UPDATE content.subject_follow_counts SET followers = 6000 WHERE subject_ref IN ('js', 'javascript')";
    sqlx::query(many).execute(pool).await.unwrap();
    assert_eq!(server.get("/v1/tags/javascript").await.body["followers_count"], 12_000);
    assert_eq!(server.get("/v1/me/following/tags").await.problem(), (401, "unauthorized"));
}

#[tokio::test]
async fn categories_are_shown_as_what_they_were_merged_into() {
    let server = server().await;
    let pool = server.pool();
    let into = Category::called("sciences").write(pool).await;
    let merged = Category { merged_into: Some(into), ..Category::called("science") }.write(pool).await;
    let again = Category { merged_into: Some(merged), ..Category::called("physics") }.write(pool).await;
    let gone = Category { deleted: true, ..Category::called("gone") }.write(pool).await;
    for (id, since) in [(merged, 1_000), (again, 2_000), (gone, 3_000), (into, 500), (Uuid::new_v4(), 4_000)] {
        follow(pool, ADA, "category", &id.to_string(), since).await;
    }
    // A name is no id: it is not read as one.
    follow(pool, ADA, "tag", "sciences", 9_000).await;
    follow(pool, BOB, "category", &again.to_string(), 2_000).await;
    assert_eq!(all(&mine(&server, "categories").await, "categories", "slug"), ["sciences"]);
    assert_eq!(server.get("/v1/categories/sciences").await.body["followers_count"], 2);
}

#[tokio::test]
async fn series_are_shown_while_they_are_there() {
    let server = server().await;
    let pool = server.pool();
    for (slug, since) in [("one", 1_000), ("two", 2_000)] {
        let id = Series::called(slug).write(pool).await;
        follow(pool, ADA, "series", &id.to_string(), since).await;
    }
    follow(pool, ADA, "tag", "one", 3_000).await;
    let answer = mine(&server, "series").await;
    assert_eq!(all(&answer, "series", "slug"), ["two", "one"]);
    assert_eq!(all(&answer, "series", "followers_count"), [1, 1]);
    sqlx::query("UPDATE content.series SET deleted = true WHERE slug = 'two'").execute(pool).await.unwrap();
    assert_eq!(all(&mine(&server, "series").await, "series", "slug"), ["one"]);
    assert_eq!(server.get("/v1/series/one").await.body["followers_count"], 1);
}
