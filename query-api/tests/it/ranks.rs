//! `GET /v1/popular`, `GET /v1/trending-tags` and `GET /v1/posts/{slug}/related`.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection, PgPool, raw_sql};
use time::{Date, Month};
use uuid::Uuid;

use crate::support::{Answer, Comment, Post, Server, TagName};

const FIREFOX: (&str, &str) = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0");

/// A post has so many points more by a sum, given on a day.
pub(crate) async fn points(pool: &PgPool, sum: &str, post: Uuid, points: i64, day: Date) {
    let sql = format!(
        "INSERT INTO {sum} AS p VALUES ($1, $2 * content.weight_of_day(($3::date - date '1970-01-01')::bigint)) \
         ON CONFLICT (post_id) DO UPDATE SET points = p.points + excluded.points"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(post).bind(points).bind(day).execute(pool).await.unwrap();
}

fn november(day: u8) -> Date {
    Date::from_calendar_date(2026, Month::November, day).unwrap()
}

fn slugs(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

fn tags(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["tags"].as_array().unwrap().iter().map(|tag| tag["tag"].as_str().unwrap()).collect()
}

async fn change(pool: &PgPool, post: Uuid, sets: &str) {
    let sql = format!("UPDATE content.posts SET {sets} WHERE post_id = $1");
    sqlx::query(AssertSqlSafe(sql)).bind(post).execute(pool).await.unwrap();
}

#[tokio::test]
async fn popular_is_what_has_most_points_and_they_fade() {
    let server = Server::start().await;
    let pool = server.pool();
    let [old, new, read] = ["old", "new", "read"].map(Post::called);
    let (old, new, read) = (old.write(pool).await.id, new.write(pool).await.id, read.write(pool).await.id);
    let _ = Post::called("none").write(pool).await;
    // Nine reactions and five readers ten days before one reaction, and nine readers on its day.
    points(pool, "content.reaction_points", old, 90, november(10)).await;
    points(pool, "content.reaction_points", new, 10, november(20)).await;
    points(pool, "reads.points", read, 9, november(20)).await;
    points(pool, "reads.points", old, 5, november(9)).await;
    assert_eq!(slugs(&server.get("/v1/popular").await), ["new", "old", "read"]);
    points(pool, "content.comment_points", read, 20, november(20)).await;
    assert_eq!(slugs(&server.get("/v1/popular").await), ["read", "new", "old"]);
    points(pool, "content.comment_points", read, -20, november(20)).await;
    assert_eq!(slugs(&server.get("/v1/popular").await), ["new", "old", "read"]);
    server.close().await;
}

#[tokio::test]
async fn popular_posts_are_those_in_the_lists() {
    let server = Server::start().await;
    let pool = server.pool();
    for (slug, sets) in [
        ("listed", "slug = slug"),
        ("for-members", "visibility = 'members'"),
        ("unlisted", "visibility = 'unlisted'"),
        ("deleted", "deleted = true"),
        ("draft", "published = false"),
        ("archived", "archived = true"),
        ("hidden", "visible = 'author'"),
    ] {
        let post = Post::called(slug).write(pool).await.id;
        change(pool, post, sets).await;
        points(pool, "content.reaction_points", post, if slug == "listed" { 20 } else { 10 }, november(1)).await;
    }
    assert_eq!(slugs(&server.get("/v1/popular").await), ["listed", "for-members"]);
}

#[tokio::test]
async fn pages_of_popular_posts_are_in_one_order_with_ties_by_id() {
    let server = Server::start().await;
    let mut posts = Vec::new();
    for number in 0..9 {
        let post = Post::called(&format!("post-{number}")).write(server.pool()).await;
        // Three have as many each, of a size that no float tells apart.
        points(server.pool(), "content.comment_points", post.id, 20, november(30)).await;
        points(server.pool(), "reads.points", post.id, number / 3, Date::from_ordinal_date(1970, 1).unwrap()).await;
        posts.push((number / 3, post.id, post.slug));
    }
    posts.sort_by(|a, b| b.cmp(a));
    let expected: Vec<&str> = posts.iter().map(|(_, _, slug)| slug.as_str()).collect();
    let mut found: Vec<String> = Vec::new();
    let mut path = "/v1/popular?limit=2".to_owned();
    loop {
        let page = server.get(&path).await;
        found.extend(slugs(&page).into_iter().map(str::to_owned));
        let Some(next) = page.body["next"].as_str() else { break };
        path = format!("/v1/popular?limit=2&cursor={next}");
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn readers_count_for_a_post_and_once_for_each_of_its_tags_as_these_are_called() {
    let server = Server::with(&["--trusted-proxies", "127.0.0.0/8"]).await;
    let pool = server.pool();
    TagName::write(pool, "k8s", "kubernetes", "").await;
    let tags = vec!["k8s", "kubernetes", "tea"];
    let post = Post { tags, ..Post::called("terms") }.write(pool).await;
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.1"] {
        let headers = [FIREFOX, ("X-Forwarded-For", address)];
        assert_eq!(server.get_with("/v1/posts/terms", &headers).await.status, 200);
    }
    let sql = "SELECT (points / content.weight_of_day((current_date - date '1970-01-01')::bigint))::bigint \
               FROM reads.points WHERE post_id = $1";
    let mut counted = None;
    for _ in 0..100 {
        counted = sqlx::query_scalar::<_, i64>(sql).bind(post.id).fetch_optional(pool).await.unwrap();
        if counted == Some(2) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(counted, Some(2));
    let sql = "SELECT tag, (SELECT points FROM reads.points) = points FROM reads.tag_points ORDER BY tag";
    let tags: Vec<(String, bool)> = sqlx::query_as(sql).fetch_all(pool).await.unwrap();
    assert_eq!(tags, [("kubernetes".to_owned(), true), ("tea".to_owned(), true)]);
}

/// Points of a tag, by a name, on a day.
async fn tag_points(pool: &PgPool, sum: &str, tag: &str, points: i64, day: i64) {
    let sql = format!(
        "INSERT INTO {sum} AS p VALUES ($1, $2 * content.weight_of_day($3)) \
         ON CONFLICT (tag) DO UPDATE SET points = p.points + excluded.points"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(tag).bind(points).bind(day).execute(pool).await.unwrap();
}

/// A post that gives its tags their points, as the projector adds them.
async fn tagged(pool: &PgPool, slug: &str, tags: &[&'static str], day: i64) {
    let post = Post { tags: tags.to_vec(), published_at: Some(day * 86_400), ..Post::called(slug) };
    let _ = post.write(pool).await;
    for tag in tags {
        tag_points(pool, "content.tag_points", tag, 20, day).await;
    }
}

#[tokio::test]
async fn tags_trend_by_posts_and_readers_under_whichever_name() {
    const DAY: i64 = 20_700;
    let server = Server::start().await;
    let pool = server.pool();
    for (name, tag, description) in [("k8s", "kubernetes", ""), ("kubernetes", "kubernetes", "Of ships.")] {
        TagName::write(pool, name, tag, description).await;
    }
    tagged(pool, "one", &["tea", "rust"], DAY).await;
    tagged(pool, "two", &["tea"], DAY).await;
    // One post with both names counts as one, and not as much as two of them.
    tagged(pool, "three", &["k8s", "kubernetes"], DAY).await;
    tag_points(pool, "content.tag_points", "once", 20 * 50, DAY - 20).await;
    assert_eq!(tags(&server.get("/v1/trending-tags").await), ["tea", "kubernetes", "rust", "once"]);
    tag_points(pool, "reads.tag_points", "rust", 1, DAY).await;
    assert_eq!(tags(&server.get("/v1/trending-tags").await), ["tea", "rust", "kubernetes", "once"]);
    tagged(pool, "four", &["k8s"], DAY).await;
    tag_points(pool, "reads.tag_points", "k8s", 1, DAY).await;
    tag_points(pool, "reads.tag_points", "gone", 1_000, DAY).await;
    let answer = server.get("/v1/trending-tags").await;
    assert_eq!(tags(&answer), ["kubernetes", "tea", "rust", "once"]);
    // Reads are kept under the tag, of which no post need have that name.
    assert_trends_by_reads_alone(&server).await;
    assert_eq!(answer.body["tags"][0]["description"], "Of ships.");
    assert_eq!(tags(&server.get("/v1/trending-tags?limit=1").await), ["kubernetes"]);
    for query in ["limit=0", "limit=101", "cursor=x"] {
        assert_eq!(server.get(&format!("/v1/trending-tags?{query}")).await.problem(), (422, "invalid"), "{query}");
    }
}

/// What is not among the first by posts trends by its reads, whichever of its names the posts have.
async fn assert_trends_by_reads_alone(server: &Server) {
    let pool = server.pool();
    let crowd = "INSERT INTO content.tag_points SELECT 'x' || n, 50000 * p.points FROM generate_series(1, 300) n,
        (SELECT max(points) AS points FROM content.tag_points) p";
    raw_sql(crowd).execute(pool).await.unwrap();
    TagName::write(pool, "golang", "go", "").await;
    tagged(pool, "five", &["golang"], 20_600).await;
    let first = "INSERT INTO reads.tag_points SELECT 'go', 2 * max(points) FROM content.tag_points";
    raw_sql(first).execute(pool).await.unwrap();
    assert_eq!(tags(&server.get("/v1/trending-tags?limit=1").await), ["go"]);
    raw_sql("DELETE FROM content.tag_points WHERE tag LIKE 'x%'; DELETE FROM reads.tag_points WHERE tag = 'go'")
        .execute(pool)
        .await
        .unwrap();
}

/// A post with its title under its words, as the projector keeps them.
async fn titled(pool: &PgPool, slug: &str, title: &str, tags: &[&'static str], at: i64) -> Uuid {
    let post = Post { tags: tags.to_vec(), published_at: Some(at), ..Post::called(slug) }.write(pool).await;
    let sql = "UPDATE content.posts SET title = $1 WHERE post_id = $2";
    sqlx::query(sql).bind(title).bind(post.id).execute(pool).await.unwrap();
    for word in domain::views::ranks::words(title) {
        let sql = "INSERT INTO content.post_words SELECT $1, published_at, post_id FROM content.posts \
                   WHERE post_id = $2";
        sqlx::query(sql).bind(word).bind(post.id).execute(pool).await.unwrap();
    }
    post.id
}

#[tokio::test]
async fn related_is_what_shares_rare_tags_and_words_and_the_newest_of_equals() {
    let server = Server::start().await;
    let pool = server.pool();
    TagName::write(pool, "ecmascript", "javascript", "").await;
    titled(pool, "terms", "Terms in a log", &["javascript", "blog"], 100).await;
    // Fifteen posts have `blog` at last, three `javascript`, and three the word.
    for number in 0..12 {
        let slug = format!("filler-{number:02}");
        titled(pool, &slug, "Nothing else", &["blog"], 10 + number).await;
    }
    titled(pool, "synonym", "Of languages", &["ecmascript", "blog"], 1).await;
    titled(pool, "word", "Another log", &[], 2).await;
    let unlisted = titled(pool, "unlisted", "Terms in a log", &["javascript", "blog"], 3).await;
    change(pool, unlisted, "visibility = 'unlisted'").await;
    let answer = server.get("/v1/posts/terms/related?limit=4").await;
    // Twice 10 and twice 8; then twice 8, the newest first; the word comes after, with 10.
    assert_eq!(slugs(&answer), ["synonym", "filler-11", "filler-10", "filler-09"]);
    titled(pool, "tie", "Terms in a log", &["javascript"], 4).await;
    assert_eq!(slugs(&server.get("/v1/posts/terms/related?limit=2").await), ["tie", "synonym"]);
    assert_eq!(slugs(&server.get("/v1/posts/word/related").await).len(), 2);
    assert!(slugs(&server.get("/v1/posts/filler-00/related?limit=20").await).contains(&"terms"));
    server.close().await;
}

/// Else the tag would seem as common as twice as many posts make it.
#[tokio::test]
async fn a_post_with_two_names_of_a_tag_is_counted_once_where_what_is_rare_is_told() {
    let server = Server::start().await;
    let pool = server.pool();
    TagName::write(pool, "ecmascript", "javascript", "").await;
    // Three posts have either tag: both tell the same, so the newer is first.
    titled(pool, "asked", "One", &["javascript", "ecmascript", "tea"], 1).await;
    titled(pool, "of-tea", "Two", &["tea"], 2).await;
    titled(pool, "of-tea-too", "Three", &["tea"], 3).await;
    titled(pool, "of-js", "Four", &["javascript", "ecmascript"], 4).await;
    titled(pool, "of-js-too", "Five", &["javascript", "ecmascript"], 5).await;
    let answer = server.get("/v1/posts/asked/related?limit=4").await;
    assert_eq!(slugs(&answer), ["of-js-too", "of-js", "of-tea-too", "of-tea"]);
    server.close().await;
}

#[tokio::test]
async fn who_may_not_see_a_post_is_not_told_what_is_related_to_it() {
    let server = Server::start().await;
    let pool = server.pool();
    let former_slugs = vec!["former"];
    let _ = Post { former_slugs, tags: vec!["tea"], ..Post::called("terms") }.write(pool).await;
    let members = Post { tags: vec!["tea"], ..Post::called("members") }.write(pool).await;
    change(pool, members.id, "visibility = 'members'").await;
    let draft = Post { tags: vec!["tea"], ..Post::draft("draft") }.write(pool).await;
    let _ = Post { deleted: true, ..Post::called("deleted") }.write(pool).await;
    assert_eq!(server.get("/v1/posts/draft/related").await.problem(), (404, "not-found"));
    assert_eq!(server.get("/v1/posts/nothing/related").await.problem(), (404, "not-found"));
    assert_eq!(server.get("/v1/posts/deleted/related").await.problem(), (410, "gone"));
    let moved = server.get("/v1/posts/former/related?limit=2").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/v1/posts/terms/related?limit=2"));
    assert_eq!(slugs(&server.get("/v1/posts/members/related").await), ["terms"]);
    assert_eq!(slugs(&server.get("/v1/posts/terms/related").await), ["members"]);
    let token = server.token(draft.author, &[]);
    let mine = server.get_with("/v1/posts/draft/related", &[("authorization", &token)]).await;
    assert_eq!((slugs(&mine).len(), mine.header("cache-control")), (2, "private, no-cache"));
    server.close().await;
}

/// What a statement of ours costs does not grow with the posts that there are: each part is read from an index, in its
/// order, and ends.
#[tokio::test]
async fn what_is_ranked_is_found_by_indexes() {
    let mut server = Server::start().await;
    let pool = server.pool().clone();
    let many = "INSERT INTO content.posts
        SELECT md5(n::text)::uuid, md5('ada')::uuid, '{}', 's' || n, 'Title', '', '', '{tea}', true, false,
            now() - n * interval '1 minute', NULL, now(), now(), 2 FROM generate_series(1, 20000) n;
        INSERT INTO content.reaction_points SELECT md5(n::text)::uuid, n * 10 FROM generate_series(1, 20000) n;
        INSERT INTO content.comment_points SELECT md5(n::text)::uuid, n * 20 FROM generate_series(1, 20000) n;
        INSERT INTO reads.points SELECT md5(n::text)::uuid, n FROM generate_series(1, 20000) n;
        INSERT INTO content.post_tags SELECT 'tea', published_at, post_id FROM content.posts;
        INSERT INTO content.post_words SELECT 'title', published_at, post_id FROM content.posts;
        INSERT INTO content.slugs SELECT slug, post_id, now() FROM content.posts;
        INSERT INTO content.tag_points SELECT 't' || n, n FROM generate_series(1, 20000) n;
        INSERT INTO reads.tag_points SELECT 't' || n, n FROM generate_series(1, 20000) n;
        ANALYZE content.posts, content.reaction_points, content.comment_points, content.tag_points, reads.points,
            reads.tag_points, content.post_tags, content.post_words;
        SELECT pg_stat_force_next_flush()";
    let mut connection = pool.acquire().await.unwrap();
    raw_sql(many).execute(&mut *connection).await.unwrap();
    let before = read_rows(&mut connection).await;
    for (path, list, found) in
        [("/v1/popular?limit=20", "posts", 20), ("/v1/trending-tags", "tags", 10), ("/v1/posts/s1/related", "posts", 5)]
    {
        assert_eq!(server.get(path).await.body[list].as_array().map(Vec::len), Some(found), "{path}");
    }
    // What a connection did is told when it ends.
    server.end().await;
    let after = read_rows(&mut connection).await;
    for ((table, rows), (_, at_first)) in after.iter().zip(&before) {
        // What is counted to 1,024 and no further may be counted in any order.
        assert!(rows - at_first < 5_000, "{table} was read from its beginning to its end: {}", rows - at_first);
    }
}

/// How many rows were read by scans of whole tables, of each table.
async fn read_rows(connection: &mut PgConnection) -> Vec<(String, i64)> {
    tokio::time::sleep(Duration::from_millis(500)).await;
    let sql = "SELECT schemaname || '.' || relname, coalesce(seq_tup_read, 0) FROM pg_stat_user_tables \
               WHERE schemaname IN ('content', 'reads') ORDER BY 1";
    sqlx::query_as(sql).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn a_day_weighs_ten_times_what_it_did_ten_days_before() {
    let server = Server::start().await;
    let weight = async |day: i64| -> String {
        let query = sqlx::query_scalar("SELECT content.weight_of_day($1)::text").bind(day);
        query.fetch_one(server.pool()).await.unwrap()
    };
    assert_eq!(weight(20_454).await, "1000");
    assert_eq!(weight(20_454 + 3).await, "1995");
    assert_eq!(weight(20_454 + 19).await, "79430");
    assert_eq!([weight(i64::MIN / 2).await, weight(0).await], ["1000", "1000"]);
    assert_eq!(weight(i64::MAX / 2).await, weight(20_454 + 36_524).await);
    assert_eq!(weight(20_454 + 36_524).await.len(), 4 + 3_652);
}

/// What the migration does where there are rows already, told by the statements in it.
#[tokio::test]
async fn what_was_there_before_is_weighed_by_the_migration() {
    let server = Server::start().await;
    let pool = server.pool();
    TagName::write(pool, "k8s", "kubernetes", "").await;
    let post = tagged_on(pool, "terms", &["k8s", "tea"], november(1)).await;
    crate::reads::were(pool, post, "2026-11-11", 3).await;
    let rows = "INSERT INTO content.reactions SELECT gen_random_uuid(), kind, $1, 'like', active, '2026-11-11 UTC', 1
            FROM (VALUES ('post', true), ('post', true), ('post', false), ('comment', true)) AS given (kind, active)";
    sqlx::query(rows).bind(post).execute(pool).await.unwrap();
    for deleted in [true, false] {
        let number = if deleted { 1 } else { 2 };
        Comment { deleted, ..Comment::on(post, number, "Said.") }.write(pool).await;
    }
    let migration = include_str!("../../../projection-services/migrations/0048_ranks.sql");
    let inserts: Vec<&str> = migration.split(';').filter(|sql| sql.trim_start().starts_with("INSERT")).collect();
    assert_eq!(inserts.len(), 5);
    raw_sql(AssertSqlSafe(inserts.join(";"))).execute(pool).await.unwrap();
    // Ages 304 and 314 days; comments of the tests are written in 2023.
    let found = sqlx::query_as::<_, (String, String)>(
        "SELECT 'reactions', points::text FROM content.reaction_points
            UNION ALL SELECT 'comments', points::text FROM content.comment_points
            UNION ALL SELECT 'reads', points::text FROM reads.points
            UNION ALL SELECT tag, points::text FROM content.tag_points
            UNION ALL SELECT 'read: ' || tag, points::text FROM reads.tag_points",
    );
    let mut found = found.fetch_all(pool).await.unwrap();
    found.sort();
    let (year, later) = ("0".repeat(30), "0".repeat(31));
    let expected = [
        ("comments", "20000".to_owned()),
        ("k8s", format!("{}{year}", 20 * 2_512)),
        ("reactions", format!("{}{later}", 20 * 2_512)),
        ("read: kubernetes", format!("{}{later}", 3 * 2_512)),
        ("read: tea", format!("{}{later}", 3 * 2_512)),
        ("reads", format!("{}{later}", 3 * 2_512)),
        ("tea", format!("{}{year}", 20 * 2_512)),
    ];
    assert_eq!(found, expected.map(|(what, points)| (what.to_owned(), points)));
}

async fn tagged_on(pool: &PgPool, slug: &str, tags: &[&'static str], day: Date) -> Uuid {
    let published_at = Some(day.midnight().assume_utc().unix_timestamp());
    Post { tags: tags.to_vec(), published_at, ..Post::called(slug) }.write(pool).await.id
}
