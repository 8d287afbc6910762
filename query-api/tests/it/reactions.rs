//! What is given to posts: `/v1/posts/{slug}/reactions/{kind}`, `/v1/me/reactions/post/{kind}`,
//! `/v1/authors/{user_name}/reactions/post/{kind}`, `/v1/me/shares/post/{place}`, and the numbers beside posts; and the
//! same of comments.

use domain::Role;
use domain::comments::comment_id;
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
    if (table, kind) == ("reactions", "post") {
        crate::ranks::points(pool, "content.reaction_points", target, 10, since.date()).await;
    }
    if (table, kind) == ("reactions", "comment") {
        let sql = "UPDATE content.comment_ranks SET given = given + 1,
             reactions = CASE WHEN deleted THEN 0 ELSE given + 1 END WHERE comment_id = $1";
        sqlx::query(sql).bind(target).execute(pool).await.unwrap();
    }
}

/// A reaction of the kind `like`, since so many milliseconds.
pub(crate) async fn like(pool: &PgPool, account: Uuid, post: Uuid, since: i64) {
    mark(pool, "reactions", (account, post), "like", since).await;
}

/// The same, to a comment.
pub(crate) async fn like_comment(pool: &PgPool, account: Uuid, comment: Uuid, since: i64) {
    mark_of(pool, ("reactions", "comment"), (account, comment), "like", since).await;
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
        ("/v1/me/reactions/tag/like".to_owned(), (404, "no-such-address")),
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

/// Five comments of Ada's on the post `one`, with four, none, two (of two kinds), one and one reactions.
async fn commented() -> (Server, Uuid) {
    let (server, post) = server().await;
    let pool = server.pool();
    for number in 1..=5 {
        let _ = Comment::on(post, number, &format!("Words {number}.")).write(pool).await;
    }
    let id = |number| comment_id(post, number);
    for (number, likes) in [(1, 4), (3, 1), (4, 1), (5, 1)] {
        for person in 0..likes {
            like_comment(pool, fan(person), id(number), 1_000 * number + i64::try_from(person).unwrap()).await;
        }
    }
    mark_of(pool, ("reactions", "comment"), (BOB, id(3)), "love", 1_000).await;
    (server, post)
}

fn numbers(answer: &Answer) -> Vec<i64> {
    let comments = answer.body["comments"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    let number = |one: &Value| one["number"].as_i64().or_else(|| one["comment"]["number"].as_i64());
    comments.iter().map(|one| number(one).unwrap()).collect()
}

const LIKED: &str = "/v1/posts/one/comments?sort=liked";

#[tokio::test]
async fn comments_have_their_numbers_and_are_listed_by_them_in_both_directions() {
    let (server, _) = commented().await;
    let all = server.get(LIKED).await;
    // Of those with as many the oldest first.
    assert_eq!(numbers(&all), [1, 3, 4, 5, 2]);
    assert_eq!(all.body["comments"][1]["reactions"], json!({"like": 1, "love": 1}));
    assert_eq!(server.get("/v1/posts/one").await.body["reactions"]["like"], 5, "those of the post are its own");
    // Page by page, and back again.
    let (mut seen, mut next) = (Vec::new(), format!("{LIKED}&limit=2"));
    let last = loop {
        let page = server.get(&next).await;
        seen.extend(numbers(&page));
        let Some(cursor) = page.body["next"].as_str() else { break page };
        next = format!("{LIKED}&limit=2&cursor={cursor}");
    };
    assert_eq!(seen, numbers(&all));
    let back = server.get(&format!("{LIKED}&limit=2&cursor={}", last.body["previous"].as_str().unwrap())).await;
    assert_eq!(numbers(&back), seen[2..4]);
    let foreign = last.body["previous"].as_str().unwrap();
    let other = server.get(&format!("/v1/posts/one/comments?cursor={foreign}")).await;
    assert_eq!(other.problem(), (422, "invalid"));
}

#[tokio::test]
async fn a_page_by_reactions_begins_where_the_one_before_ended_whatever_was_given_meanwhile() {
    let (server, post) = commented().await;
    let first = server.get(&format!("{LIKED}&limit=2")).await;
    assert_eq!(numbers(&first), [1, 3]);
    // What was read gets more, and what is still to be read gets as many as that had.
    like_comment(server.pool(), BOB, comment_id(post, 1), 9_000).await;
    like_comment(server.pool(), BOB, comment_id(post, 2), 9_000).await;
    let next = first.body["next"].as_str().unwrap();
    assert_eq!(numbers(&server.get(&format!("{LIKED}&cursor={next}")).await), [2, 4, 5]);
}

#[tokio::test]
async fn a_comment_that_says_nothing_any_more_has_no_reactions_and_shows_none() {
    let (server, post) = commented().await;
    let deleted = "UPDATE content.comments SET deleted = true WHERE post_id = $1 AND number = 1";
    sqlx::query(deleted).bind(post).execute(server.pool()).await.unwrap();
    let ranked = "UPDATE content.comment_ranks SET deleted = true, reactions = 0 WHERE post_id = $1 AND number = 1";
    sqlx::query(ranked).bind(post).execute(server.pool()).await.unwrap();
    let all = server.get(LIKED).await;
    assert_eq!(numbers(&all), [3, 4, 5, 1, 2]);
    assert_eq!(all.body["comments"][3]["reactions"], json!({}));
    let path = "/v1/posts/one/comments/1";
    assert_eq!(server.get(path).await.body["reactions"], json!({}));
    assert_eq!(server.get(&format!("{path}/reactions/like")).await.problem(), (410, "gone"));
}

#[tokio::test]
async fn who_reacted_to_a_comment_is_listed_newest_first() {
    let (server, post) = commented().await;
    let path = "/v1/posts/one/comments/1/reactions/like";
    assert_eq!(names(&server.get(path).await), ["fan3", "fan2", "fan1", "fan0"]);
    let first = server.get(&format!("{path}?limit=3")).await;
    let next = first.body["next"].as_str().unwrap();
    assert_eq!(names(&server.get(&format!("{path}?limit=3&cursor={next}")).await), ["fan0"]);
    assert_eq!(names(&server.get("/v1/posts/one/comments/3/reactions/love").await), ["bob"]);
    prefer(&server, fan(2), "private").await;
    assert_eq!(names(&server.get(path).await), ["fan3", "fan1", "fan0"]);
    assert_eq!(names(&as_who(&server, fan(2), path).await).len(), 4);
    let moved = server.get("/v1/posts/uno/comments/1/reactions/like?limit=3").await;
    assert_eq!((moved.status, moved.header("location")), (301, &*format!("{path}?limit=3")));
    for nothing in ["one/comments/6/reactions/like", "one/comments/0/reactions/like", "one/comments/x/reactions/like"] {
        assert_eq!(server.get(&format!("/v1/posts/{nothing}")).await.problem(), (404, "not-found"), "{nothing}");
    }
    let hidden = "UPDATE content.posts SET published = false WHERE post_id = $1";
    sqlx::query(hidden).bind(post).execute(server.pool()).await.unwrap();
    assert_eq!(server.get(path).await.problem(), (404, "not-found"));
}

#[tokio::test]
async fn the_comments_that_one_reacted_to_are_listed_unless_they_or_their_posts_cannot_be_read() {
    let (server, post) = commented().await;
    let other = Post::called("hidden").write(server.pool()).await.id;
    let hidden = Comment { author: BOB, ..Comment::on(other, 1, "Hidden.") }.write(server.pool()).await;
    like_comment(server.pool(), fan(0), hidden, 9_000).await;
    let run = async |sql: &'static str, id: Uuid| {
        sqlx::query(sql).bind(id).execute(server.pool()).await.unwrap();
    };
    run("UPDATE content.posts SET visibility = 'unlisted' WHERE post_id = $1", other).await;
    let (mine, theirs) = ("/v1/me/reactions/comment/like", "/v1/authors/FAN0/reactions/comment/like");
    let answer = as_who(&server, fan(0), mine).await;
    assert_eq!((numbers(&answer), answer.header("cache-control")), (vec![1, 5, 4, 3, 1], "private, no-cache"));
    let newest = &answer.body["comments"][0];
    let of = |field: &str| newest[field].clone();
    assert_eq!(
        (of("since"), of("post_slug"), of("post_id")),
        (json!("1970-01-01T00:00:09.000Z"), json!("hidden"), json!(other))
    );
    assert_eq!(newest["comment"]["author"]["user_name"], "bob");
    let on_one = as_who(&server, fan(0), &format!("{mine}?post_id={post}&limit=3")).await;
    assert_eq!(numbers(&on_one), [5, 4, 3]);
    let next = on_one.body["next"].as_str().unwrap();
    assert_eq!(numbers(&as_who(&server, fan(0), &format!("{mine}?post_id={post}&cursor={next}")).await), [1]);
    let foreign = as_who(&server, fan(0), &format!("{mine}?cursor={next}")).await;
    assert_eq!(foreign.problem(), (422, "invalid"));
    assert_eq!(numbers(&server.get(theirs).await), [5, 4, 3, 1], "an unlisted post is in one's own list");
    assert_eq!(numbers(&as_who(&server, fan(0), theirs).await), [1, 5, 4, 3, 1]);
    run("UPDATE content.comments SET deleted = true WHERE post_id = $1 AND number = 4", post).await;
    assert_eq!(numbers(&server.get(theirs).await), [5, 3, 1]);
    run("UPDATE content.posts SET archived = true WHERE post_id = $1", post).await;
    assert!(numbers(&server.get(theirs).await).is_empty(), "what is in the archive is in its own lists alone");
    assert_eq!(numbers(&as_who(&server, fan(0), mine).await), [1, 5, 3, 1]);
    run("UPDATE content.posts SET published = false WHERE post_id = $1", post).await;
    assert_eq!(numbers(&as_who(&server, fan(0), mine).await), [1]);
    prefer(&server, fan(0), "private").await;
    assert_eq!(server.get(theirs).await.problem(), (403, "private"));
    assert_eq!(server.get(mine).await.problem(), (401, "unauthorized"));
}

/// Issue 18: ten thousand comments on a post, and the page of those that are liked most.
#[tokio::test]
async fn a_page_by_reactions_of_ten_thousand_comments_reads_no_more_than_that_post() {
    let (server, post) = commented().await;
    let many = "INSERT INTO content.comments
        SELECT $1, n, md5('comment' || n)::uuid, $2, NULL, 0, 'Words.', '{}', '{}', false, now(), NULL, now(), n
        FROM generate_series(6, 10000) n";
    let liked = "INSERT INTO content.reaction_counts
        SELECT 'comment', comment_id, 'like', 1 + number % 7 FROM content.comments WHERE number % 10 = 0";
    let others = "INSERT INTO content.reaction_counts
        SELECT 'comment', gen_random_uuid(), 'like', 1 FROM generate_series(1, 50000)";
    sqlx::query(many).bind(post).bind(ADA).execute(server.pool()).await.unwrap();
    let ranked = "INSERT INTO content.comment_ranks
        SELECT comment_id, post_id, number, reply_to, false, likes, likes FROM (
            SELECT *, CASE WHEN number % 10 = 0 THEN 1 + number % 7 ELSE 0 END AS likes FROM content.comments
            WHERE number > 5) c";
    let elsewhere = "INSERT INTO content.comment_ranks
        SELECT gen_random_uuid(), gen_random_uuid(), 1, NULL, false, 1, 1 FROM generate_series(1, 50000)";
    for sql in [liked, others, ranked, elsewhere, "ANALYZE content.comments", "ANALYZE content.comment_ranks"] {
        sqlx::query(sql).execute(server.pool()).await.unwrap();
    }
    for condition in ["", "AND k.reply_to IS NULL", "AND k.reply_to = 7"] {
        let sql = format!(
            "EXPLAIN SELECT c.* FROM content.comment_ranks k JOIN content.comments c
             ON c.post_id = k.post_id AND c.number = k.number
             WHERE k.post_id = $1 {condition} AND (k.reactions, -k.number) < (3, 0)
             ORDER BY k.reactions DESC, -k.number DESC LIMIT 21"
        );
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(post);
        let plan: Vec<String> = query.fetch_all(server.pool()).await.unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains("using comment_ranks_") && !plan.contains("Sort"), "{plan}");
    }
    let begun = std::time::Instant::now();
    let page = server.get(&format!("{LIKED}&limit=20")).await;
    println!("a page by reactions of 10,000 comments took {:?}", begun.elapsed());
    let people: Vec<i64> = page.body["comments"].as_array().unwrap().iter().map(likes).collect();
    assert_eq!(people, [7; 20], "{page:?}");
    assert!(numbers(&page).is_sorted(), "the oldest first");
}

fn likes(comment: &Value) -> i64 {
    comment["reactions"]["like"].as_i64().unwrap_or(0)
}
