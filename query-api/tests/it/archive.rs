//! `GET /v1/archive`, and the posts of a month.

use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, Post, Server};

fn slugs(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

/// A month, such as 202603, has so many posts.
pub(crate) async fn count(pool: &PgPool, month: i64, posts: i64) {
    let query = sqlx::query("INSERT INTO content.month_counts (month, posts) VALUES ($1, $2)").bind(month).bind(posts);
    query.execute(pool).await.unwrap();
}

/// Around the turn from 2025 to 2026, in UTC.
const NEW_YEAR: i64 = 1_767_225_600;

#[tokio::test]
async fn the_posts_of_a_year_or_month_are_a_list() {
    let server = Server::start().await;
    let march = 1_772_323_200;
    for (slug, at) in [("last", NEW_YEAR - 1), ("first", NEW_YEAR), ("february", march - 1), ("march", march)] {
        Post { published_at: Some(at), ..Post::called(slug) }.write(server.pool()).await;
    }
    let list = async |query: &str| server.get(&format!("/v1/posts?{query}")).await;
    assert_eq!(slugs(&list("year=2026").await), ["march", "february", "first"]);
    assert_eq!(slugs(&list("year=2025").await), ["last"]);
    assert_eq!(slugs(&list("year=2025&month=12").await), ["last"]);
    assert_eq!(slugs(&list("year=2026&month=2").await), ["february"]);
    assert_eq!(slugs(&list("year=2026&until=2026-03-01").await), ["february", "first"]);
    assert_eq!(slugs(&list("year=2026&from=2025-01-01").await), ["march", "february", "first"]);
    let page = list("year=2026&limit=2").await;
    assert_eq!(slugs(&page), ["march", "february"]);
    let next = page.body["next"].as_str().unwrap().to_owned();
    assert_eq!(slugs(&list(&format!("year=2026&limit=2&cursor={next}")).await), ["first"]);
    assert_eq!(list(&format!("year=2025&limit=2&cursor={next}")).await.problem(), (422, "invalid"));
    for wrong in ["month=1", "year=2026&month=13", "year=2026&month=0", "year=999", "year=9999", "year=soon"] {
        assert_eq!(list(wrong).await.problem(), (422, "invalid"), "{wrong}");
    }
}

#[tokio::test]
async fn months_are_counted_the_last_first() {
    let server = Server::start().await;
    for (month, posts) in [(202_512, 3), (202_601, 1), (202_603, 20)] {
        count(server.pool(), month, posts).await;
    }
    let month =
        |year: i64, month: i64, posts: i64| json!({"year": year, "month": month, "posts": posts, "archived": 0});
    let first = server.get("/v1/archive?limit=2").await;
    assert_eq!(first.body["months"], json!([month(2026, 3, 20), month(2026, 1, 1)]));
    let next = first.body["next"].as_str().unwrap();
    let last = server.get(&format!("/v1/archive?limit=2&cursor={next}")).await;
    assert_eq!(last.body, json!({"months": [month(2025, 12, 3)], "next": null}));
}
