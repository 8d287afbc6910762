//! `/v1/me/posts`.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Server, working_copy};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const PATH: &str = "/v1/me/posts";

/// Ada has a post of each state, and writes a draft of Bob's with him.
async fn server() -> Server {
    let server = Server::start().await;
    let pool = server.pool();
    for (id, name) in [(ADA, "ada"), (BOB, "bob")] {
        Author::write(pool, id, name, 1).await;
    }
    let posts = [
        Post::draft("draft"),
        Post::draft("scheduled"),
        Post::called("published"),
        Post { deleted: true, ..Post::called("deleted") },
        Post { author: BOB, co_authors: vec![ADA], ..Post::draft("together") },
        Post { author: BOB, ..Post::draft("of-bob") },
    ];
    for (number, post) in (1..).zip(posts) {
        let post = Post { id: Uuid::from_u128(100 + number), ..post }.write(pool).await;
        let sql = "UPDATE content.posts SET drafted_at = to_timestamp($2) WHERE post_id = $1";
        sqlx::query(sql).bind(post.id).bind(number as f64).execute(pool).await.unwrap();
    }
    let sql = "UPDATE content.posts SET release_at = '2030-01-01 UTC' WHERE slug = 'scheduled'";
    sqlx::query(sql).execute(pool).await.unwrap();
    working_copy(pool, Uuid::from_u128(103), &json!({"title": "Soon"})).await;
    server
}

async fn get(server: &Server, reader: Uuid, path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(reader, &[]))]).await
}

fn slugs(answer: &Answer) -> Vec<&str> {
    let entries = answer.body["posts"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries.iter().map(|entry| entry["post"]["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_author_finds_what_it_writes_drafts_and_those_of_others_too() {
    let server = server().await;
    let answer = get(&server, ADA, PATH).await;
    assert_eq!(slugs(&answer), ["together", "published", "scheduled", "draft"], "newest first");
    assert_eq!((answer.header("cache-control"), answer.header("vary")), ("private, no-store", "Authorization"));
    let said = |field: &str| -> Vec<Value> {
        answer.body["posts"].as_array().unwrap().iter().map(|entry| entry[field].clone()).collect()
    };
    assert_eq!(said("role"), ["co-author", "owner", "owner", "owner"]);
    assert_eq!(said("state"), ["draft", "published", "scheduled", "draft"]);
    assert_eq!(said("working_copy"), [false, true, false, false]);
    assert_eq!(said("release_at")[2], "2030-01-01T00:00:00.000Z");
    assert_eq!(slugs(&get(&server, BOB, PATH).await), ["of-bob", "together"]);
    assert_eq!(server.get(PATH).await.problem(), (401, "unauthorized"));
}

#[tokio::test]
async fn the_list_is_filtered_by_state_and_role() {
    let server = server().await;
    for (filter, expected) in [
        ("state=draft", vec!["together", "draft"]),
        ("state=scheduled", vec!["scheduled"]),
        ("state=published", vec!["published"]),
        ("state=archived", vec![]),
        ("state=deleted", vec!["deleted"]),
        ("role=co-author", vec!["together"]),
        ("role=owner&state=draft", vec!["draft"]),
    ] {
        assert_eq!(slugs(&get(&server, ADA, &format!("{PATH}?{filter}")).await), expected, "{filter}");
    }
    assert_eq!(get(&server, ADA, &format!("{PATH}?state=hidden")).await.problem(), (422, "invalid"));
}

#[tokio::test]
async fn pages_neither_skip_nor_repeat_and_a_cursor_is_of_its_filters() {
    let server = server().await;
    let (mut path, mut seen) = (format!("{PATH}?limit=1"), Vec::new());
    let mut last = String::new();
    loop {
        let answer = get(&server, ADA, &path).await;
        seen.extend(slugs(&answer).into_iter().map(str::to_owned));
        let Some(next) = answer.body["next"].as_str() else { break };
        next.clone_into(&mut last);
        path = format!("{PATH}?limit=1&cursor={next}");
    }
    assert_eq!(seen, ["together", "published", "scheduled", "draft"]);
    let other = get(&server, ADA, &format!("{PATH}?state=draft&cursor={last}")).await;
    assert_eq!(other.problem(), (422, "invalid"));
}
