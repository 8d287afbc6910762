//! Posts in the archive: `GET /v1/posts?archived=true`, and what leads to one.

use domain::Role;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Answer, Author, Category, Post, Series, Server, review};

const ADA: Uuid = Uuid::from_u128(1);

/// Puts a post into the archive, as the projector does.
async fn archive(pool: &PgPool, post: &Post) {
    let sqls = [
        "UPDATE content.posts SET archived = true, version = version + 1 WHERE post_id = $1",
        "WITH gone AS (DELETE FROM content.post_tags WHERE post_id = $1 RETURNING *)
            INSERT INTO content.archived_post_tags SELECT tag, published_at, post_id FROM gone",
        "WITH gone AS (DELETE FROM content.post_categories WHERE post_id = $1 RETURNING *)
            INSERT INTO content.archived_post_categories SELECT category_id, published_at, post_id FROM gone",
    ];
    for sql in sqls {
        sqlx::query(sql).bind(post.id).execute(pool).await.unwrap();
    }
}

fn slugs(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

/// Two posts of Ada's of each kind, all with a tag and in a category, and in a series.
async fn server() -> Server {
    let server = Server::start().await;
    let pool = server.pool();
    Author::write(pool, ADA, "ada", 1).await;
    let category = Category::called("machines").write(pool).await;
    let mut posts = Vec::new();
    for (number, slug) in (0..).zip(["first", "second", "third", "fourth"]) {
        let (published_at, tags, categories) = (Some(1_700_000_000 + number), vec!["engines"], vec![category]);
        posts.push(Post { published_at, tags, categories, ..Post::called(slug) }.write(pool).await);
    }
    Series { posts: posts.iter().map(|post| post.id).collect(), ..Series::called("all") }.write(pool).await;
    archive(pool, &posts[1]).await;
    archive(pool, &posts[2]).await;
    server
}

#[tokio::test]
async fn what_is_archived_is_in_no_list_but_the_archives() {
    let server = server().await;
    for filter in ["", "tag=engines", "category=machines", "author=ada", "year=2023&month=11"] {
        for others in ["", "archived=false&"] {
            let listed = server.get(&format!("/v1/posts?{others}{filter}")).await;
            assert_eq!(slugs(&listed), ["fourth", "first"], "{filter}");
            assert_eq!(listed.body["posts"][0]["archived"], false);
        }
        let archived = server.get(&format!("/v1/posts?archived=true&{filter}")).await;
        assert_eq!(slugs(&archived), ["third", "second"], "{filter}");
        assert_eq!(archived.body["posts"][0]["archived"], true);
    }
    let author = server.get("/v1/authors/ada").await;
    assert_eq!(author.body["posts"], 2, "the others count");
}

#[tokio::test]
async fn a_cursor_is_of_one_of_both_lists() {
    let server = server().await;
    let first = server.get("/v1/posts?archived=true&limit=1").await;
    assert_eq!(slugs(&first), ["third"]);
    let next = first.body["next"].as_str().unwrap();
    assert_eq!(slugs(&server.get(&format!("/v1/posts?archived=true&limit=1&cursor={next}")).await), ["second"]);
    assert_eq!(server.get(&format!("/v1/posts?limit=1&cursor={next}")).await.problem(), (422, "invalid"));
    assert_eq!(server.get("/v1/posts?archived=perhaps").await.problem(), (422, "invalid"));
}

#[tokio::test]
async fn it_is_read_at_its_address_and_takes_no_comments() {
    let server = server().await;
    let fourth = server.get("/v1/posts/fourth").await;
    assert_eq!((&fourth.body["archived"], &fourth.body["comments"]), (&json!(false), &json!("open")));
    let third = server.get("/v1/posts/third").await;
    assert_eq!((&third.body["archived"], &third.body["comments"]), (&json!(true), &json!("closed")));
    assert_eq!(third.body["published"], true);
    assert_ne!(third.body["body_html"], Value::Null);
    assert!(third.header("cache-control").starts_with("public"), "{third:?}");
}

#[tokio::test]
async fn its_series_and_translations_lead_to_it() {
    let server = server().await;
    let series = server.get("/v1/series/all").await;
    assert_eq!(slugs(&series), ["first", "second", "third", "fourth"]);
    assert_eq!(series.body["posts_count"], 4);
    let second = server.get("/v1/posts/second").await;
    let place = &second.body["series"][0];
    let found = (&place["number"], &place["previous"]["slug"], &place["next"]["slug"]);
    assert_eq!(found, (&json!(2), &json!("first"), &json!("third")));
    let sql = "UPDATE content.posts SET translation_of = (SELECT post_id FROM content.posts WHERE slug = 'second')
        WHERE slug = 'first'";
    sqlx::query(sql).execute(server.pool()).await.unwrap();
    assert_eq!(server.get("/v1/posts/first").await.body["translations"][0]["slug"], "second");
}

#[tokio::test]
async fn who_wrote_it_finds_it_by_its_state() {
    let server = server().await;
    let token = server.token(ADA, &[Role::Author]);
    let mine = async |query: &str| {
        let answer = server.get_with(&format!("/v1/me/posts{query}"), &[("authorization", &token)]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let entries = answer.body["posts"].as_array().unwrap().iter();
        entries.map(|entry| (entry["state"].to_string(), entry["post"]["archived"] == true)).collect::<Vec<_>>()
    };
    assert_eq!(mine("?state=archived").await, vec![("\"archived\"".to_owned(), true); 2]);
    assert_eq!(mine("?state=published").await, vec![("\"published\"".to_owned(), false); 2]);
    assert_eq!(mine("").await.len(), 4);
}

#[tokio::test]
async fn what_stands_still_waits_for_no_editor() {
    let server = server().await;
    for slug in ["first", "second"] {
        let sql = "SELECT post_id FROM content.posts WHERE slug = $1";
        let post: Uuid = sqlx::query_scalar(sql).bind(slug).fetch_one(server.pool()).await.unwrap();
        review(server.pool(), post, "in_review", 1_700_000_000).await;
    }
    let token = server.token(ADA, &[Role::Editor]);
    let queue = server.get_with("/v1/review-queue", &[("authorization", &token)]).await;
    let waiting = queue.body["queue"].as_array().unwrap_or_else(|| panic!("{queue:?}"));
    assert_eq!(waiting.iter().map(|entry| &entry["post"]["slug"]).collect::<Vec<_>>(), ["first"]);
}

#[tokio::test]
async fn months_say_how_many_are_in_the_archive() {
    let server = Server::start().await;
    let sql = "INSERT INTO content.month_counts (month, posts, archived) VALUES (202601, 2, 1), (202512, 0, 3)";
    sqlx::query(sql).execute(server.pool()).await.unwrap();
    let months = server.get("/v1/archive").await;
    let expected = json!([
        {"year": 2026, "month": 1, "posts": 2, "archived": 1},
        {"year": 2025, "month": 12, "posts": 0, "archived": 3},
    ]);
    assert_eq!(months.body["months"], expected);
}
