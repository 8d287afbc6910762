//! What is given to posts: `/v1/posts/{slug}/reactions/{kind}`, `/v1/me/reactions/post/{kind}`,
//! `/v1/authors/{user_name}/reactions/post/{kind}`, `/v1/me/shares/post/{place}`, and the numbers beside posts.

use domain::Role;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::support::{Answer, Author, Comment, Post, Server};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);

async fn mark(pool: &PgPool, table: &str, target: (Uuid, Uuid), name: &str, since: i64) {
    mark_of(pool, (table, "post"), target, name, since).await;
}

/// A reaction to a comment, or the like.
async fn mark_of(pool: &PgPool, (table, kind): (&str, &str), (account, target): (Uuid, Uuid), name: &str, since: i64) {
    let since = OffsetDateTime::from_unix_timestamp_nanos(i128::from(since) * 1_000_000).unwrap();
    let sql = format!("INSERT INTO content.{table} VALUES ($1, '{kind}', $2, $3, true, $4, 1)");
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(account).bind(target).bind(name).bind(since);
    query.execute(pool).await.unwrap();
    let (counts, column) = if table == "shares" { ("share_counts", "place") } else { ("reaction_counts", "kind") };
    let sql = format!(
        "INSERT INTO content.{counts} AS c VALUES ('{kind}', $1, $2, 1) \
         ON CONFLICT (target_kind, target_id, {column}) DO UPDATE SET people = c.people + 1"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(target).bind(name).execute(pool).await.unwrap();
}

/// A reaction of the kind `like`, since so many milliseconds.
pub(crate) async fn like(pool: &PgPool, account: Uuid, post: Uuid, since: i64) {
    mark(pool, "reactions", (account, post), "like", since).await;
}

/// A share to `link`, since so many milliseconds.
pub(crate) async fn share(pool: &PgPool, account: Uuid, post: Uuid, since: i64) {
    mark(pool, "shares", (account, post), "link", since).await;
}

fn fan(number: u128) -> Uuid {
    Uuid::from_u128(100 + number)
}

/// A post of Ada's that five like, two of them since the same moment; one of those shared it, and one loves it.
async fn server() -> (Server, Uuid) {
    let server = Server::start().await;
    let pool = server.pool();
    Author::write(pool, ADA, "ada", 1).await;
    Author::write(pool, BOB, "bob", 1).await;
    let post = Post { former_slugs: vec!["uno"], ..Post::called("one") }.write(pool).await.id;
    let _ = Post::called("other").write(pool).await;
    for (number, since) in (0..5).zip([1_000, 2_000, 2_000, 3_000, 4_000]) {
        Author::write(pool, fan(number), &format!("fan{number}"), 1).await;
        like(pool, fan(number), post, since).await;
    }
    share(pool, fan(0), post, 5_000).await;
    mark(pool, "reactions", (fan(1), post), "love", 6_000).await;
    (server, post)
}

fn names(answer: &Answer) -> Vec<&str> {
    let people = answer.body["people"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    people.iter().map(|person| person["user_name"].as_str().unwrap()).collect()
}

fn slugs(answer: &Answer) -> Vec<&str> {
    let entries = answer.body["entries"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries.iter().map(|entry| entry["post"]["slug"].as_str().unwrap()).collect()
}

async fn as_who(server: &Server, who: Uuid, path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(who, &[]))]).await
}

#[tokio::test]
async fn a_post_has_its_numbers_alone_and_in_lists() {
    let (server, _) = server().await;
    let numbers = |post: &Value| (post["reactions"].clone(), post["shares"].clone());
    let expected = (json!({"like": 5, "love": 1}), json!({"link": 1}));
    assert_eq!(numbers(&server.get("/v1/posts/one").await.body), expected);
    let list = server.get("/v1/posts").await;
    let of = |slug: &str| {
        let posts = list.body["posts"].as_array().unwrap();
        numbers(posts.iter().find(|post| post["slug"] == slug).unwrap())
    };
    assert_eq!((of("one"), of("other")), (expected, (json!({}), json!({}))));
}

#[tokio::test]
async fn the_entity_tag_of_a_post_is_another_when_its_numbers_are() {
    let (server, post) = server().await;
    let tag = server.get("/v1/posts/one").await.header("etag").to_owned();
    let ask = async || server.get_with("/v1/posts/one", &[("if-none-match", &tag)]).await.status;
    assert_eq!(ask().await, 304);
    like(server.pool(), BOB, post, 7_000).await;
    assert_eq!(ask().await, 200);
}

#[tokio::test]
async fn who_reacted_is_listed_newest_first_in_pages_that_neither_skip_nor_repeat() {
    let (server, _) = server().await;
    let (mut path, mut seen) = ("/v1/posts/one/reactions/like?limit=2".to_owned(), Vec::new());
    loop {
        let answer = server.get(&path).await;
        seen.extend(names(&answer).into_iter().map(str::to_owned));
        let Some(next) = answer.body["next"].as_str() else { break };
        path = format!("/v1/posts/one/reactions/like?limit=2&cursor={next}");
    }
    assert_eq!(seen, ["fan4", "fan3", "fan2", "fan1", "fan0"]);
    assert_eq!(names(&server.get("/v1/posts/one/reactions/love").await), ["fan1"]);
    assert!(names(&server.get("/v1/posts/one/reactions/unheard-of").await).is_empty());
    let first = server.get("/v1/posts/one/reactions/love").await;
    let expected = json!({"people": [{"id": fan(1), "user_name": "fan1", "display_name": "fan1 v1", "image_url": "",
        "since": "1970-01-01T00:00:06.000Z"}], "next": null});
    assert_eq!((first.body.clone(), first.header("cache-control")), (expected, "public, no-cache"));
}

#[tokio::test]
async fn who_took_it_back_or_was_forgotten_is_in_no_list() {
    let (server, _) = server().await;
    let ended = "UPDATE content.reactions SET active = false WHERE account_id = $1";
    sqlx::query(ended).bind(fan(4)).execute(server.pool()).await.unwrap();
    let forgotten = "UPDATE content.authors SET user_name = $2 WHERE account_id = $1";
    let name = domain::views::deleted_user_name(fan(2));
    sqlx::query(forgotten).bind(fan(2)).bind(name).execute(server.pool()).await.unwrap();
    assert_eq!(names(&server.get("/v1/posts/one/reactions/like?limit=2").await), ["fan3", "fan1"]);
}

#[tokio::test]
async fn who_reacted_is_shown_to_who_can_read_the_post() {
    let (server, post) = server().await;
    let path = "/v1/posts/one/reactions/like";
    let run = async |sql: &'static str| {
        sqlx::query(sql).bind(post).execute(server.pool()).await.unwrap();
    };
    run("UPDATE content.posts SET published = false WHERE post_id = $1").await;
    assert_eq!(server.get(path).await.problem(), (404, "not-found"));
    assert_eq!(as_who(&server, BOB, path).await.problem(), (404, "not-found"));
    let mine = as_who(&server, ADA, path).await;
    assert_eq!((names(&mine).len(), mine.header("cache-control")), (5, "private, no-cache"));
    let editor = server.token(BOB, &[Role::Editor]);
    assert_eq!(server.get_with(path, &[("authorization", &editor)]).await.status, 200);
    run("UPDATE content.posts SET published = true, deleted = true WHERE post_id = $1").await;
    assert_eq!(server.get(path).await.problem(), (410, "gone"));
    run("UPDATE content.posts SET deleted = false WHERE post_id = $1").await;
    let moved = server.get("/v1/posts/uno/reactions/like?limit=3").await;
    assert_eq!((moved.status, moved.header("location")), (301, &*format!("{path}?limit=3")));
    for nothing in ["nothing/reactions/like", "%00/reactions/like", "one/reactions/Like"] {
        assert_eq!(server.get(&format!("/v1/posts/{nothing}")).await.problem(), (404, "not-found"), "{nothing}");
    }
}

#[tokio::test]
async fn what_one_gave_is_shown_to_oneself_newest_first() {
    let (server, post) = server().await;
    let draft = Post { author: BOB, ..Post::draft("draft") }.write(server.pool()).await.id;
    let more = [("more", 2_000), ("most", 3_000)];
    for (slug, since) in more {
        let id = Post::called(slug).write(server.pool()).await.id;
        like(server.pool(), BOB, id, since).await;
    }
    like(server.pool(), BOB, post, 1_000).await;
    like(server.pool(), BOB, draft, 4_000).await;
    like(server.pool(), ADA, draft, 4_000).await;
    share(server.pool(), BOB, post, 1_000).await;
    let path = "/v1/me/reactions/post/like";
    assert_eq!(slugs(&as_who(&server, BOB, path).await), ["draft", "most", "more", "one"]);
    assert!(slugs(&as_who(&server, ADA, path).await).is_empty(), "another's draft");
    assert_eq!(slugs(&as_who(&server, BOB, "/v1/me/shares/post/link").await), ["one"]);
    assert!(slugs(&as_who(&server, BOB, "/v1/me/reactions/post/link").await).is_empty());
    assert_eq!(slugs(&as_who(&server, BOB, &format!("{path}?post_id={post}")).await), ["one"]);
    assert!(slugs(&as_who(&server, BOB, &format!("{path}?post_id={}", Uuid::new_v4())).await).is_empty());
    let first = as_who(&server, BOB, &format!("{path}?limit=2")).await;
    let next = first.body["next"].as_str().unwrap();
    assert_eq!(slugs(&as_who(&server, BOB, &format!("{path}?limit=2&cursor={next}")).await), ["more", "one"]);
    assert_eq!(first.header("cache-control"), "private, no-cache");
    for (other, problem) in [
        (format!("{path}?cursor={next}&post_id={post}"), (422, "invalid")),
        (format!("/v1/me/reactions/post/love?cursor={next}"), (422, "invalid")),
        ("/v1/me/reactions/tag/like".to_owned(), (404, "not-found")),
    ] {
        assert_eq!(as_who(&server, BOB, &other).await.problem(), problem, "{other}");
    }
    assert_eq!(server.get(path).await.problem(), (401, "unauthorized"));
}

async fn prefer(server: &Server, who: Uuid, wish: &str) {
    let sql = "INSERT INTO content.preferences (account_id, reactions_list, version) VALUES ($1, $2, 2)
        ON CONFLICT (account_id) DO UPDATE SET reactions_list = $2";
    sqlx::query(sql).bind(who).bind(wish).execute(server.pool()).await.unwrap();
}

#[tokio::test]
async fn what_an_author_reacted_to_is_shown_unless_they_keep_it_to_themselves() {
    let (server, post) = server().await;
    let hidden = Post::called("hidden").write(server.pool()).await.id;
    let sql = "UPDATE content.posts SET visibility = 'unlisted' WHERE post_id = $1";
    sqlx::query(sql).bind(hidden).execute(server.pool()).await.unwrap();
    like(server.pool(), fan(0), hidden, 9_000).await;
    let path = "/v1/authors/FAN0/reactions/post/like";
    let answer = server.get(path).await;
    assert_eq!((slugs(&answer), answer.header("cache-control")), (vec!["one"], "public, no-cache"));
    assert_eq!(slugs(&as_who(&server, fan(0), path).await), ["hidden", "one"], "an unlisted post is in one's own list");
    // One that this version does not know hides, too.
    for wish in ["private", "friends"] {
        prefer(&server, fan(0), wish).await;
        let answer = server.get(path).await;
        assert_eq!((answer.problem(), answer.header("cache-control")), ((403, "private"), "no-cache"), "{wish}");
        let admin = server.token(BOB, &[Role::Admin]);
        assert_eq!(server.get_with(path, &[("authorization", &admin)]).await.problem(), (403, "private"));
        let mine = as_who(&server, fan(0), path).await;
        assert_eq!((slugs(&mine).len(), mine.header("cache-control")), (2, "private, no-cache"));
        // Neither is their name shown among those who reacted; they count all the same.
        let who = "/v1/posts/one/reactions/like";
        assert_eq!(names(&server.get(who).await), ["fan4", "fan3", "fan2", "fan1"]);
        assert_eq!(names(&as_who(&server, BOB, who).await).len(), 4);
        assert_eq!(names(&as_who(&server, fan(0), who).await).last(), Some(&"fan0"));
        assert_eq!(server.get("/v1/posts/one").await.body["reactions"]["like"], 5);
    }
    prefer(&server, fan(0), "public").await;
    assert_eq!(slugs(&server.get(&format!("{path}?post_id={post}")).await), ["one"]);
    assert_eq!(server.get("/v1/authors/unknown/reactions/post/like").await.problem(), (404, "not-found"));
}

/// However many reacted: the index has a page in its order, and nothing is sorted or counted.
#[tokio::test]
async fn a_page_of_many_is_read_from_the_index() {
    let (server, post) = server().await;
    let many = "INSERT INTO content.authors
            (account_id, user_name, display_name, bio, image_url, registered_at, version)
        SELECT gen_random_uuid(), 'many' || n, '', '', '', now(), 1 FROM generate_series(1, 20000) n";
    let liked = "INSERT INTO content.reactions
        SELECT account_id, 'post', $1, 'like', true, now() + random() * interval '1 day', 1 FROM content.authors
        WHERE user_name LIKE 'many%'";
    sqlx::query(many).execute(server.pool()).await.unwrap();
    sqlx::query(liked).bind(post).execute(server.pool()).await.unwrap();
    sqlx::query("ANALYZE content.reactions").execute(server.pool()).await.unwrap();
    let plan: Vec<String> = sqlx::query_scalar(
        "EXPLAIN SELECT * FROM content.reactions r WHERE r.active AND r.target_kind = 'post' AND r.target_id = $1
         AND r.kind = 'like' AND (r.since, r.account_id) < (now(), $1)
         ORDER BY r.since DESC, r.account_id DESC LIMIT 21",
    )
    .bind(post)
    .fetch_all(server.pool())
    .await
    .unwrap();
    let plan = plan.join("\n");
    assert!(plan.contains("reactions_of_target") && !plan.contains("Sort"), "{plan}");
    let answer = server.get("/v1/posts/one/reactions/like?limit=100").await;
    assert_eq!(names(&answer).len(), 100);
}

#[tokio::test]
async fn comments_have_their_numbers_and_are_listed_by_them_in_both_directions() {
    let (server, post) = server().await;
    let pool = server.pool();
    for number in 1..=5 {
        Comment::on(post, number, "Words.").write(pool).await;
    }
    for (number, likes) in [(2, 3), (4, 1), (5, 1)] {
        let id = domain::comments::comment_id(post, number);
        for person in 0..likes {
            mark_of(pool, ("reactions", "comment"), (fan(person), id), "like", 1_000).await;
        }
    }
    mark_of(pool, ("reactions", "comment"), (BOB, domain::comments::comment_id(post, 4)), "love", 1_000).await;
    let numbers = |answer: &Answer| -> Vec<i64> {
        answer.body["comments"].as_array().unwrap().iter().map(|one| one["number"].as_i64().unwrap()).collect()
    };
    let path = "/v1/posts/one/comments?sort=liked";
    let all = server.get(path).await;
    assert_eq!(numbers(&all)[..3], [2, 4, 5]);
    assert_eq!(all.body["comments"][1]["reactions"], json!({"like": 1, "love": 1}));
    assert_eq!(server.get("/v1/posts/one").await.body["reactions"]["like"], 5, "those of the post are its own");
    // Page by page, and back again.
    let (mut seen, mut next) = (Vec::new(), format!("{path}&limit=2"));
    let last = loop {
        let page = server.get(&next).await;
        seen.extend(numbers(&page));
        let Some(cursor) = page.body["next"].as_str() else { break page };
        next = format!("{path}&limit=2&cursor={cursor}");
    };
    assert_eq!(seen, numbers(&all));
    let back = server.get(&format!("{path}&limit=2&cursor={}", last.body["previous"].as_str().unwrap())).await;
    assert_eq!(numbers(&back), seen[2..4]);
    let foreign = last.body["previous"].as_str().unwrap();
    let other = server.get(&format!("/v1/posts/one/comments?cursor={foreign}")).await;
    assert_eq!(other.problem(), (422, "invalid"));
}
