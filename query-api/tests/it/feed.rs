//! `/v1/me/feed`, as Postgres alone has it: what Redis has of it is looked at where both are written, in
//! `projection-services/tests/it/feeds.rs`.

use std::time::Duration;

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, raw_sql};
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

/// Whom an account follows may be thousands, and each of those may have written as many: of each the newest posts are
/// read from the index, and nothing else.
#[tokio::test]
async fn a_page_reads_the_newest_of_each_source_from_its_index() {
    let mut server = server().await;
    let pool = server.pool().clone();
    let many = "INSERT INTO content.posts
        SELECT md5(n::text)::uuid, md5((n % 40)::text)::uuid, '{}', 's' || n, 'Title', '', '', '{tea}', true, false,
            now() - n * interval '1 minute', NULL, now(), now(), 2 FROM generate_series(1, 20000) n;
        INSERT INTO content.post_writers SELECT author_id, published_at, post_id FROM content.posts;
        INSERT INTO content.post_tags SELECT 'tea', published_at, post_id FROM content.posts;
        ANALYZE content.posts, content.post_writers, content.post_tags;
        SELECT pg_stat_force_next_flush()";
    let mut connection = pool.acquire().await.unwrap();
    raw_sql(many).execute(&mut *connection).await.unwrap();
    for n in 0..20 {
        let writer = sqlx::query_scalar("SELECT md5($1::text)::uuid").bind(n).fetch_one(&pool).await.unwrap();
        Follow::write(&pool, ADA, writer, 1_000).await;
    }
    follow(&pool, ADA, "tag", "tea", 1_000).await;
    let before = read_rows(&mut connection).await;
    assert_eq!(slugs(&ask(&server, "?limit=20").await).len(), 20);
    // What a connection did is told when it ends.
    server.end().await;
    let read = read_rows(&mut connection).await - before;
    assert!((20..3_000).contains(&read), "{read} rows were read");
}

/// How many rows and entries of indexes were read of what the feed is made of.
async fn read_rows(connection: &mut PgConnection) -> i64 {
    tokio::time::sleep(Duration::from_millis(500)).await;
    let sql = "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname = ANY($1))::bigint
        + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = ANY($1))::bigint";
    let tables = ["posts", "post_writers", "post_tags", "series_posts", "post_categories"];
    sqlx::query_scalar(sql).bind(&tables[..]).fetch_one(connection).await.unwrap()
}

/// Which posts a series has is in no order of the feed: so few are looked at.
#[tokio::test]
async fn of_very_many_subjects_the_last_ones_are_looked_at() {
    let server = server().await;
    let pool = server.pool();
    let series_of = async |slug: &'static str, at: i64| {
        let one = post(slug, at).write(pool).await;
        Series { posts: vec![one.id], ..Series::called(slug) }.write(pool).await.to_string()
    };
    follow(pool, ADA, "series", &series_of("first", 9).await, 1_000).await;
    follow(pool, ADA, "series", &series_of("last", 8).await, 3_000).await;
    let _ = Post { tags: vec!["tea"], ..post("tagged", 7) }.write(pool).await;
    follow(pool, ADA, "tag", "tea", 1_000).await;
    assert_eq!(slugs(&ask(&server, "").await), ["first", "last", "tagged"]);
    let crowd = |kind: &str, name: &str, count: usize| {
        AssertSqlSafe(format!(
            "INSERT INTO content.followed_subjects SELECT $1, '{kind}', {name}, true, to_timestamp(2), 1
                FROM generate_series(1, {count}) n"
        ))
    };
    let many = crowd("series", "gen_random_uuid()::text", 100);
    sqlx::query(many).bind(ADA).execute(pool).await.unwrap();
    assert_eq!(slugs(&ask(&server, "").await), ["last", "tagged"]);
    sqlx::query(crowd("tag", "'x' || n", 1_000)).bind(ADA).execute(pool).await.unwrap();
    assert_eq!(slugs(&ask(&server, "").await), ["last"]);
}
