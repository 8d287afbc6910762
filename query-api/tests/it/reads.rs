//! `GET /v1/posts/{slug}/reads`, and who is counted.

use std::time::Duration;

use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Post, Server};

const FIREFOX: (&str, &str) = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0");
const PROXY: [&str; 2] = ["--trusted-proxies", "127.0.0.0/8"];

/// On a day a post was read so often.
pub(crate) async fn were(pool: &PgPool, post_id: Uuid, day: &str, reads: i64) {
    let query = sqlx::query("INSERT INTO reads.daily VALUES ($1, $2::date, $3)").bind(post_id).bind(day).bind(reads);
    query.execute(pool).await.unwrap();
}

async fn total(pool: &PgPool, post_id: Uuid) -> i64 {
    let sql = "SELECT coalesce(sum(reads), 0)::bigint FROM reads.daily WHERE post_id = $1";
    sqlx::query_scalar(sql).bind(post_id).fetch_one(pool).await.unwrap()
}

/// Waits until a post was read so often, and then as long again.
async fn settled(pool: &PgPool, post_id: Uuid, reads: i64) {
    for _ in 0..100 {
        if total(pool, post_id).await >= reads {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(total(pool, post_id).await, reads);
}

async fn read_from(server: &Server, address: &str, headers: &[(&str, &str)]) -> u16 {
    let headers = [&[FIREFOX, ("X-Forwarded-For", address)], headers].concat();
    server.get_with("/v1/posts/terms", &headers).await.status
}

#[tokio::test]
async fn each_reader_counts_once_a_day_however_often_they_ask_and_whom() {
    let server = Server::with(&PROXY).await;
    let post = Post::called("terms").write(server.pool()).await;
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.1", "2001:db8::1", "2001:db8::2"] {
        assert_eq!(read_from(&server, address, &[]).await, 200);
    }
    let tag = server.get("/v1/posts/terms").await.header("etag").to_owned();
    assert_eq!(read_from(&server, "192.0.2.3", &[("If-None-Match", &tag)]).await, 304);
    settled(server.pool(), post.id, 4).await;
    // Written already: another process would not know it either.
    assert_eq!(read_from(&server, "192.0.2.1", &[]).await, 200);
    assert_eq!(read_from(&server, "192.0.2.4", &[]).await, 200);
    settled(server.pool(), post.id, 5).await;
    let kept: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT visit FROM reads.visits").fetch_all(server.pool()).await.unwrap();
    assert_eq!(kept.len(), 5);
}

#[tokio::test]
async fn an_address_that_calls_its_program_a_hundred_names_counts_sixteen_times_at_most() {
    let server = Server::start().await;
    let post = Post::called("terms").write(server.pool()).await;
    for number in 0..100 {
        let agent = format!("{} {number}", FIREFOX.1);
        assert_eq!(server.get_with("/v1/posts/terms", &[("User-Agent", &agent)]).await.status, 200);
    }
    settled(server.pool(), post.id, 16).await;
}

#[tokio::test]
async fn the_days_key_is_in_redis_alone_and_ends_with_the_day() {
    let server = Server::with(&PROXY).await;
    let post = Post::called("terms").write(server.pool()).await;
    assert_eq!(read_from(&server, "192.0.2.1", &[]).await, 200);
    settled(server.pool(), post.id, 1).await;
    let mut redis = server.redis().await;
    let keys: Vec<String> =
        redis::cmd("KEYS").arg(format!("{}:reads:key:*", server.redis_prefix)).query_async(&mut redis).await.unwrap();
    let [key] = &keys[..] else { panic!("{keys:?}") };
    let seconds: i64 = redis::cmd("TTL").arg(key).query_async(&mut redis).await.unwrap();
    assert!((1..=24 * 3600 + 900).contains(&seconds), "{seconds}");
    // Where it is lost, who read is counted anew, and nothing else happens.
    let _: () = redis::cmd("DEL").arg(key).query_async(&mut redis).await.unwrap();
    assert_eq!(read_from(&server, "192.0.2.1", &[]).await, 200);
    settled(server.pool(), post.id, 2).await;
}

#[tokio::test]
async fn programs_fetches_ahead_authors_and_drafts_are_not_counted() {
    let server = Server::with(&PROXY).await;
    let post = Post::called("terms").write(server.pool()).await;
    let draft = Post::draft("draft").write(server.pool()).await;
    let author = server.token(post.author, &[]);
    let editor = server.token(Uuid::from_u128(7), &[domain::Role::Editor]);
    assert_eq!(server.get_with("/v1/posts/terms", &[("User-Agent", "curl/8.5.0")]).await.status, 200);
    assert_eq!(read_from(&server, "192.0.2.1", &[("Sec-Purpose", "prefetch")]).await, 200);
    for token in [&author, &editor] {
        assert_eq!(read_from(&server, "192.0.2.1", &[("Authorization", token)]).await, 200);
        let answer = server.get_with("/v1/posts/draft", &[FIREFOX, ("Authorization", token)]).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(read_from(&server, "192.0.2.9", &[]).await, 200);
    settled(server.pool(), post.id, 1).await;
    assert_eq!(total(server.pool(), draft.id).await, 0);
}

#[tokio::test]
async fn what_is_read_while_the_database_is_away_is_counted_later_and_what_is_left_at_the_end_is_too() {
    let (mut server, proxy) = Server::behind(&PROXY).await;
    let post = Post::called("terms").write(server.pool()).await;
    assert_eq!(read_from(&server, "192.0.2.1", &[]).await, 200);
    proxy.cut();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    proxy.mend();
    settled(server.pool(), post.id, 1).await;
    let mut status = 0;
    for _ in 0..20 {
        status = read_from(&server, "192.0.2.2", &[]).await;
        if status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(status, 200);
    server.end().await;
    assert_eq!(total(server.pool(), post.id).await, 2);
}

#[tokio::test]
async fn who_read_is_forgotten_when_the_day_is_over_and_how_often_is_not() {
    let server = Server::start().await;
    let post = Post::called("terms").write(server.pool()).await;
    // More than one statement deletes.
    let visits = "INSERT INTO reads.visits SELECT '2026-01-01', n::text::bytea FROM generate_series(1, 25000) n";
    sqlx::query(visits).execute(server.pool()).await.unwrap();
    were(server.pool(), post.id, "2026-01-01", 3).await;
    let mut left = 1;
    for _ in 0..100 {
        let sql = "SELECT count(*) FROM reads.visits";
        left = sqlx::query_scalar::<_, i64>(sql).fetch_one(server.pool()).await.unwrap();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((left, total(server.pool(), post.id).await), (0, 3));
}

#[tokio::test]
async fn authors_and_editors_see_how_often_a_post_is_read_by_day() {
    let server = Server::start().await;
    let post = Post { former_slugs: vec!["former"], ..Post::called("terms") }.write(server.pool()).await;
    for (day, reads) in [("2026-11-28", 2), ("2026-11-29", 1), ("2025-01-01", 7)] {
        were(server.pool(), post.id, day, reads).await;
    }
    let author = server.token(post.author, &[]);
    let path = "/v1/posts/terms/reads";
    let first = server.get_with(&format!("{path}?limit=2"), &[("Authorization", &author)]).await;
    let days = json!([{"day": "2026-11-29", "reads": 1}, {"day": "2026-11-28", "reads": 2}]);
    assert_eq!((first.status, &first.body["days"]), (200, &days));
    assert_eq!(first.header("cache-control"), "private, no-store");
    let next = format!("{path}?limit=2&cursor={}", first.body["next"].as_str().unwrap());
    let last = server.get_with(&next, &[("Authorization", &author)]).await;
    assert_eq!(last.body, json!({"days": [{"day": "2025-01-01", "reads": 7}], "next": null}));
    let mine = server.get_with("/v1/me/posts", &[("Authorization", &author)]).await;
    assert_eq!(mine.body["posts"][0]["reads"], 10, "{:?}", mine.body);
    let moved = server.get_with("/v1/posts/former/reads?limit=2", &[("Authorization", &author)]).await;
    assert_eq!((moved.status, moved.header("location")), (301, "/v1/posts/terms/reads?limit=2"));
    let other = server.token(Uuid::from_u128(7), &[]);
    let refused = server.get_with(path, &[("Authorization", &other)]).await;
    assert_eq!(refused.problem(), (403, "not-the-author"));
    Post::draft("draft").write(server.pool()).await;
    let unseen = server.get_with("/v1/posts/draft/reads", &[("Authorization", &other)]).await;
    assert_eq!(unseen.problem(), (404, "not-found"));
    assert_eq!(server.get(path).await.problem(), (401, "unauthorized"));
}
