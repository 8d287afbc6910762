//! `/v1/me/feed`, as Postgres alone has it: what Redis has of it is looked at where both are written, in
//! `projection-services/tests/it/feeds.rs`.

use serde_json::Value;
use uuid::Uuid;

use crate::interests::follow;
use crate::support::{Answer, Author, Category, Follow, Post, Series, Server, TagName};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const EVE: Uuid = Uuid::from_u128(3);

async fn server() -> Server {
    let server = Server::start().await;
    for (id, name) in [(ADA, "ada"), (BOB, "bob"), (EVE, "eve")] {
        Author::write(server.pool(), id, name, 1).await;
    }
    server
}

async fn ask(server: &Server, query: &str) -> Answer {
    server.get_with(&format!("/v1/me/feed{query}"), &[("authorization", &server.token(ADA, &[]))]).await
}

fn slugs(answer: &Answer) -> Vec<&str> {
    let posts = answer.body["posts"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    posts.iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

/// A post by Eve, whom no one follows, at this second.
fn post(slug: &str, at: i64) -> Post {
    Post { author: EVE, published_at: Some(at), ..Post::called(slug) }
}

#[tokio::test]
async fn posts_of_everything_that_is_followed_are_merged_each_once() {
    let server = server().await;
    let pool = server.pool();
    Follow::write(pool, ADA, BOB, 1_000).await;
    let above = Category::called("sciences").write(pool).await;
    let below = Category { parent: Some(above), ..Category::called("physics") }.write(pool).await;
    let merged = Category { merged_into: Some(below), ..Category::called("optics") }.write(pool).await;
    let gone = Category { parent: Some(above), deleted: true, ..Category::called("gone") }.write(pool).await;
    TagName::write(pool, "js", "javascript", "").await;
    follow(pool, ADA, "tag", "js", 1_000).await;
    follow(pool, ADA, "category", &above.to_string(), 1_000).await;
    // By Bob, tagged and sorted: once.
    let own = Post { author: BOB, tags: vec!["javascript", "js"], categories: vec![below], ..post("a", 9) };
    let _ = own.write(pool).await;
    let _ = Post { co_authors: vec![BOB], ..post("b", 8) }.write(pool).await;
    let _ = Post { tags: vec!["javascript"], ..post("c", 7) }.write(pool).await;
    let _ = Post { categories: vec![merged], ..post("d", 6) }.write(pool).await;
    let in_series = post("e", 5).write(pool).await;
    let draft = Post { author: EVE, ..Post::draft("draft") }.write(pool).await;
    let _ = Post { categories: vec![gone], ..post("elsewhere", 10) }.write(pool).await;
    let _ = Post { deleted: true, author: BOB, ..post("deleted", 11) }.write(pool).await;
    for slug in ["one", "two"] {
        let series = Series { posts: vec![draft.id, in_series.id], ..Series::called(slug) }.write(pool).await;
        follow(pool, ADA, "series", &series.to_string(), 1_000).await;
    }
    let answer = ask(&server, "").await;
    assert_eq!(slugs(&answer), ["a", "b", "c", "d", "e"]);
    assert_eq!((answer.header("cache-control"), answer.header("vary")), ("private, no-cache", "Authorization"));
    assert_eq!(server.get("/v1/me/feed").await.problem(), (401, "unauthorized"));
    let bobs = server.get_with("/v1/me/feed", &[("authorization", &server.token(BOB, &[]))]).await;
    assert_eq!(bobs.body["posts"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn pages_follow_each_other_where_posts_have_one_time() {
    let server = server().await;
    let pool = server.pool();
    Follow::write(pool, ADA, BOB, 1_000).await;
    follow(pool, ADA, "tag", "tea", 1_000).await;
    for n in 0..9 {
        let tags = if n % 2 == 0 { vec!["tea"] } else { Vec::new() };
        let _ = Post { author: BOB, tags, ..post(&format!("post-{n}"), 100 + n / 3) }.write(pool).await;
    }
    let all: Vec<String> = slugs(&ask(&server, "").await).into_iter().map(str::to_owned).collect();
    assert_eq!(all.len(), 9);
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = ask(&server, &format!("?limit=2{cursor}")).await;
        paged.extend(slugs(&page).into_iter().map(str::to_owned));
        let Some(next) = page.body["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, all);
}

/// Whom an account follows may be thousands: of each the newest posts are read from the index, and nothing else.
#[tokio::test]
async fn a_page_reads_the_newest_of_each_source_from_its_index() {
    let server = server().await;
    let pool = server.pool();
    let fill = "INSERT INTO content.post_writers SELECT gen_random_uuid(), now(), gen_random_uuid()
        FROM generate_series(1, 20000)";
    sqlx::raw_sql(fill).execute(pool).await.unwrap();
    sqlx::raw_sql("ANALYZE content.post_writers").execute(pool).await.unwrap();
    let sql = "EXPLAIN SELECT w.published_at, w.post_id FROM content.follows s CROSS JOIN LATERAL (
            SELECT w.published_at, w.post_id FROM content.post_writers w WHERE w.account_id = s.followee_id
                AND (w.published_at, w.post_id) < (now(), $1) ORDER BY w.published_at DESC, w.post_id DESC LIMIT 21) w
        WHERE s.active AND s.follower_id = $1";
    let plan: Vec<String> = sqlx::query_scalar(sql).bind(ADA).fetch_all(pool).await.unwrap();
    let plan = plan.join("\n");
    assert!(plan.contains("post_writers_pkey") && !plan.contains("Sort"), "{plan}");
}
