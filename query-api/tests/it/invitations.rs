//! `/v1/me/invitations` and `/v1/posts/{slug}/invitations`.

use domain::Role;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::moderation::block;
use crate::support::{Answer, Author, Post, Server};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const CAROL: Uuid = Uuid::from_u128(3);
const PATH: &str = "/v1/me/invitations";

/// An invitation by Ada, open since so many milliseconds.
pub(crate) async fn invite(pool: &PgPool, account: Uuid, post: Uuid, since: i64) {
    let since = OffsetDateTime::from_unix_timestamp_nanos(i128::from(since) * 1_000_000).unwrap();
    let query = sqlx::query("INSERT INTO content.invitations VALUES ($1, $2, $3, true, $4, 2)");
    query.bind(account).bind(post).bind(ADA).bind(since).execute(pool).await.unwrap();
}

/// Ada invited Bob to four posts, and Carol to the first of them, which is a draft.
async fn server() -> Server {
    let server = Server::start().await;
    for (id, name) in [(ADA, "ada"), (BOB, "bob"), (CAROL, "carol")] {
        Author::write(server.pool(), id, name, 1).await;
    }
    for (number, since) in [1_000, 2_000, 2_000, 3_000].into_iter().enumerate() {
        let slug = format!("post-{number}");
        let post = Post { id: Uuid::from_u128(100 + number as u128), ..Post::called(&slug) };
        let post = if number == 0 { Post { published: false, former_slugs: vec!["former"], ..post } } else { post };
        invite(server.pool(), BOB, post.write(server.pool()).await.id, since).await;
    }
    invite(server.pool(), CAROL, Uuid::from_u128(100), 5_000).await;
    server
}

async fn get(server: &Server, reader: Uuid, path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(reader, &[]))]).await
}

fn titles(answer: &Answer) -> Vec<&str> {
    let entries = answer.body["invitations"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries.iter().map(|entry| entry["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn who_is_invited_finds_it_newest_first_in_pages_that_neither_skip_nor_repeat() {
    let server = server().await;
    let (mut path, mut seen) = (format!("{PATH}?limit=1"), Vec::new());
    loop {
        let answer = get(&server, BOB, &path).await;
        seen.extend(titles(&answer).into_iter().map(str::to_owned));
        let Some(next) = answer.body["next"].as_str() else { break };
        path = format!("{PATH}?limit=1&cursor={next}");
    }
    assert_eq!(seen, ["Title of post-3", "Title of post-2", "Title of post-1", "Title of post-0"]);
    assert!(titles(&get(&server, ADA, PATH).await).is_empty());
    assert_eq!(server.get(PATH).await.problem(), (401, "unauthorized"));
}

#[tokio::test]
async fn of_a_draft_who_is_invited_reads_the_title_and_no_more() {
    let server = server().await;
    let answer = get(&server, CAROL, PATH).await;
    let ada = json!({"id": ADA, "user_name": "ada", "display_name": "ada v1"});
    let expected = json!({"post_id": Uuid::from_u128(100), "title": "Title of post-0", "slug": null, "owner": ada,
        "invited_by": ada, "invited_at": "1970-01-01T00:00:05.000Z"});
    assert_eq!(answer.body["invitations"], json!([expected]));
    assert_eq!((answer.header("cache-control"), answer.header("vary")), ("private, no-cache", "Authorization"));
    assert_eq!(get(&server, CAROL, "/v1/posts/post-0").await.status, 404);
    assert_eq!(get(&server, BOB, PATH).await.body["invitations"][0]["slug"], "post-3");
}

#[tokio::test]
async fn what_cannot_be_accepted_is_left_out() {
    let server = server().await;
    let run = async |sql: &'static str| {
        sqlx::query(sql).execute(server.pool()).await.unwrap();
    };
    run("UPDATE content.posts SET deleted = true WHERE slug = 'post-1'").await;
    run("UPDATE content.invitations SET open = false WHERE post_id = '00000000-0000-0000-0000-000000000066'").await;
    assert_eq!(titles(&get(&server, BOB, PATH).await), ["Title of post-3", "Title of post-0"]);
    run("UPDATE content.authors SET user_name = '~deleted-1' WHERE user_name = 'ada'").await;
    assert!(titles(&get(&server, BOB, PATH).await).is_empty(), "the owner was forgotten");
}

#[tokio::test]
async fn the_owner_sees_who_is_invited() {
    let server = server().await;
    let answer = get(&server, ADA, "/v1/posts/post-0/invitations").await;
    let names = |answer: &Answer| -> Vec<Value> {
        let entries = answer.body["invitations"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
        entries.iter().map(|entry| entry["account"]["user_name"].clone()).collect()
    };
    assert_eq!(names(&answer), ["carol", "bob"]);
    assert_eq!(answer.body["invitations"][0]["invited_by"]["user_name"], "ada");
    let token = server.token(CAROL, &[Role::Editor]);
    let answer = server.get_with("/v1/posts/post-1/invitations", &[("authorization", &token)]).await;
    assert_eq!(names(&answer), ["bob"]);
    let moved = get(&server, ADA, "/v1/posts/former/invitations?limit=1").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/v1/posts/post-0/invitations?limit=1"));
}

#[tokio::test]
async fn no_other_sees_who_is_invited_nor_that_a_draft_is_there() {
    let server = server().await;
    for reader in [BOB, CAROL] {
        assert_eq!(get(&server, reader, "/v1/posts/post-0/invitations").await.problem(), (404, "not-found"));
        assert_eq!(get(&server, reader, "/v1/posts/former/invitations").await.problem(), (404, "not-found"));
        assert_eq!(get(&server, reader, "/v1/posts/post-1/invitations").await.problem(), (403, "not-the-author"));
    }
    assert_eq!(server.get("/v1/posts/post-1/invitations").await.problem(), (401, "unauthorized"));
    sqlx::query("UPDATE content.posts SET deleted = true").execute(server.pool()).await.unwrap();
    assert_eq!(get(&server, ADA, "/v1/posts/post-1/invitations").await.problem(), (410, "gone"));
    assert_eq!(get(&server, BOB, "/v1/posts/post-1/invitations").await.problem(), (404, "not-found"));
}

#[tokio::test]
async fn what_one_who_is_apart_asks_and_what_moderators_removed_is_left_out() {
    let server = server().await;
    let hide = async |slug: &str, visible: &str| {
        let sql = "UPDATE content.posts SET visible = $2 WHERE slug = $1";
        sqlx::query(sql).bind(slug).bind(visible).execute(server.pool()).await.unwrap();
    };
    hide("post-3", "author").await;
    hide("post-2", "moderators").await;
    let answer = get(&server, BOB, PATH).await;
    assert_eq!(titles(&answer), ["Title of post-3", "Title of post-1", "Title of post-0"]);
    assert_eq!(answer.body["invitations"][0]["slug"], Value::Null, "it is as a draft");
    for (blocker, blocked) in [(ADA, BOB), (BOB, ADA)] {
        block(server.pool(), blocker, blocked, true).await;
        assert!(titles(&get(&server, BOB, PATH).await).is_empty());
        block(server.pool(), blocker, blocked, false).await;
    }
    assert_eq!(titles(&get(&server, BOB, PATH).await).len(), 3);
}
