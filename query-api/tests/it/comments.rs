//! `/v1/posts/{slug}/comments`, each by its number, `/v1/me/comments` and `/v1/authors/{user_name}/comments`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Answer, Author, Comment, Post, Server};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const PATH: &str = "/v1/posts/one/comments";

/// A post of Ada's, and who comments on it.
async fn server() -> (Server, Uuid) {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "ada", 1).await;
    Author::write(server.pool(), BOB, "bob", 1).await;
    let post = Post::called("one").write(server.pool()).await.id;
    (server, post)
}

/// First, an answer of Bob's to it, an answer to that, and a second that answers the post.
async fn thread(pool: &PgPool, post: Uuid) {
    Comment::on(post, 1, "First.").write(pool).await;
    let answer = Comment { author: BOB, reply_to: Some(1), depth: 1, ..Comment::on(post, 2, "To the *first*.") };
    answer.write(pool).await;
    Comment { reply_to: Some(2), depth: 2, ..Comment::on(post, 3, "To the answer.") }.write(pool).await;
    Comment::on(post, 4, "Second.").write(pool).await;
}

fn numbers(answer: &Answer) -> Vec<i64> {
    let entries = answer.body["comments"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    let number = |entry: &Value| entry["number"].as_i64().or(entry["comment"]["number"].as_i64()).unwrap();
    entries.iter().map(number).collect()
}

async fn get_as(server: &Server, reader: Uuid, path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(reader, &[]))]).await
}

#[tokio::test]
async fn a_thread_is_read_in_time_or_level_by_level() {
    let (server, post) = server().await;
    thread(server.pool(), post).await;
    let all = server.get(PATH).await;
    assert_eq!(numbers(&all), [1, 2, 3, 4]);
    assert_eq!((&all.body["total"], &all.body["commenters"]), (&json!(4), &json!("open")));
    assert_eq!(numbers(&server.get(&format!("{PATH}?sort=newest")).await), [4, 3, 2, 1]);
    let top = server.get(&format!("{PATH}?reply_to=0")).await;
    assert_eq!(numbers(&top), [1, 4]);
    assert_eq!(top.body["comments"][0]["answers"], 1);
    let answers = server.get(&format!("{PATH}?reply_to=1")).await;
    assert_eq!(numbers(&answers), [2]);
    let second = &answers.body["comments"][0];
    assert_eq!((&second["reply_to"], &second["depth"], &second["answers"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(second["author"], json!({"id": BOB, "user_name": "bob", "display_name": "bob v1"}));
    assert_eq!(second["text_html"], "<p>To the <em>first</em>.</p>\n");
    assert_eq!(second["id"], json!(domain::comments::comment_id(post, 2)));
    for wrong in ["reply_to=-1", "reply_to=100001", "reply_to=x", "sort=best"] {
        assert_eq!(server.get(&format!("{PATH}?{wrong}")).await.problem(), (422, "invalid"), "{wrong}");
    }
    server.close().await;
}

#[tokio::test]
async fn pages_lead_on_and_back_and_neither_skip_nor_repeat() {
    let (server, post) = server().await;
    for number in 1..=7 {
        Comment::on(post, number, "Said.").write(server.pool()).await;
    }
    for (sort, expected) in [("oldest", vec![1, 2, 3, 4, 5, 6, 7]), ("newest", vec![7, 6, 5, 4, 3, 2, 1])] {
        let base = format!("{PATH}?limit=3&sort={sort}");
        let (mut page, mut seen) = (server.get(&base).await, Vec::new());
        assert_eq!(page.body["previous"], Value::Null);
        loop {
            seen.extend(numbers(&page));
            let Some(next) = page.body["next"].as_str() else { break };
            page = server.get(&format!("{base}&cursor={next}")).await;
        }
        assert_eq!(seen, expected, "{sort}");
        let mut back = numbers(&page);
        while let Some(previous) = page.body["previous"].as_str() {
            page = server.get(&format!("{base}&cursor={previous}")).await;
            back.splice(0..0, numbers(&page));
        }
        assert_eq!(back, expected, "{sort}, from the end");
    }
    let links = server.get(&format!("{PATH}?limit=3")).await;
    let second = links.body["next"].as_str().unwrap();
    let links = server.get(&format!("{PATH}?limit=3&cursor={second}")).await;
    let said: Vec<&str> = links.headers.get_all("link").iter().map(|link| link.to_str().unwrap()).collect();
    assert!(said.iter().any(|link| link.ends_with("rel=\"next\"")), "{said:?}");
    assert!(said.iter().any(|link| link.ends_with("rel=\"prev\"")), "{said:?}");
}

#[tokio::test]
async fn a_comment_that_comes_meanwhile_moves_no_page() {
    let (server, post) = server().await;
    for number in 1..=4 {
        Comment::on(post, number, "Said.").write(server.pool()).await;
    }
    let first = server.get(&format!("{PATH}?limit=2&sort=newest")).await;
    Comment::on(post, 5, "Meanwhile.").write(server.pool()).await;
    let next = first.body["next"].as_str().unwrap();
    let second = server.get(&format!("{PATH}?limit=2&sort=newest&cursor={next}")).await;
    assert_eq!((numbers(&first), numbers(&second)), (vec![4, 3], vec![2, 1]));
    let back = second.body["previous"].as_str().unwrap();
    let again = server.get(&format!("{PATH}?limit=2&sort=newest&cursor={back}")).await;
    assert_eq!(numbers(&again), [4, 3]);
    let back = again.body["previous"].as_str().unwrap();
    let newer = server.get(&format!("{PATH}?limit=2&sort=newest&cursor={back}")).await;
    assert_eq!(numbers(&newer), [5]);
}

#[tokio::test]
async fn a_deleted_comment_keeps_its_place_and_says_nothing() {
    let (server, post) = server().await;
    Comment { deleted: true, ..Comment::on(post, 1, "") }.write(server.pool()).await;
    Comment { reply_to: Some(1), depth: 1, ..Comment::on(post, 2, "Why?") }.write(server.pool()).await;
    let answer = server.get(PATH).await;
    let first = &answer.body["comments"][0];
    assert_eq!((&first["deleted"], &first["author"], &first["text_html"]), (&json!(true), &Value::Null, &Value::Null));
    assert_eq!((&first["text_markdown"], &first["answers"]), (&Value::Null, &json!(1)));
    assert_eq!(answer.body["total"], 1);
    assert!(numbers(&get_as(&server, ADA, "/v1/me/comments").await) == [2]);
}

#[tokio::test]
async fn of_who_is_forgotten_nothing_is_left_in_the_middle_of_a_thread() {
    let (server, post) = server().await;
    thread(server.pool(), post).await;
    let named = format!("Hello @{BOB}.");
    Comment::on(post, 5, &named).write(server.pool()).await;
    let sql = "UPDATE content.authors SET user_name = '~deleted-000000000002', display_name = '' WHERE account_id = $1";
    sqlx::query(sql).bind(BOB).execute(server.pool()).await.unwrap();
    let answer = server.get(PATH).await;
    let bobs = &answer.body["comments"][1];
    assert_eq!((&bobs["deleted"], &bobs["author"], &bobs["text_markdown"]), (&json!(true), &Value::Null, &Value::Null));
    assert_eq!(answer.body["comments"][2]["text_markdown"], "To the answer.");
    let names = &answer.body["comments"][4];
    assert_eq!((&names["mentions"], &names["text_markdown"]), (&json!([]), &json!("Hello @~deleted-000000000002.")));
    assert!(!names["text_html"].as_str().unwrap().contains("<a"));
    let one = server.get(&format!("{PATH}/2")).await;
    assert_eq!((&one.body["deleted"], &one.body["history"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn a_mention_follows_who_changes_their_name() {
    let (server, post) = server().await;
    Comment::on(post, 1, &format!("Is it so, @{BOB}? And @eve?")).write(server.pool()).await;
    let said = async || server.get(PATH).await.body["comments"][0].clone();
    let link =
        |name: &str| format!("<a href=\"/v1/authors/{name}\" rel=\"noopener noreferrer nofollow ugc\">@{name}</a>");
    let before = said().await;
    assert_eq!(before["text_markdown"], "Is it so, @bob? And @eve?");
    assert_eq!(before["text_html"], format!("<p>Is it so, {}? And @eve?</p>\n", link("bob")));
    assert_eq!(before["mentions"], json!([{"id": BOB, "user_name": "bob", "display_name": "bob v1"}]));
    let sql = "UPDATE content.authors SET user_name = 'Robert' WHERE account_id = $1";
    sqlx::query(sql).bind(BOB).execute(server.pool()).await.unwrap();
    // Another takes the name.
    Author::write(server.pool(), Uuid::from_u128(3), "bob", 1).await;
    let after = said().await;
    assert_eq!(after["text_html"], format!("<p>Is it so, {}? And @eve?</p>\n", link("Robert")));
    assert_eq!(after["mentions"][0]["id"], json!(BOB));
}

#[tokio::test]
async fn in_code_and_in_links_what_was_written_stays() {
    let (server, post) = server().await;
    let said = format!("`@{BOB}` <https://example.org/?of=@{BOB}>");
    Comment::on(post, 1, &said).write(server.pool()).await;
    Comment::on(post, 2, &format!("{said} @{BOB}")).write(server.pool()).await;
    let thread = server.get(PATH).await;
    let [first, second] = [0, 1].map(|place| thread.body["comments"][place].clone());
    assert_eq!((&first["text_markdown"], &first["mentions"]), (&json!(said), &json!([])));
    assert!(!first["text_html"].as_str().unwrap().contains("/v1/authors/"), "{first}");
    assert_eq!(second["text_markdown"], json!(format!("{said} @bob")));
    assert_eq!(second["mentions"][0]["id"], json!(BOB));
    let html = second["text_html"].as_str().unwrap();
    assert!(html.contains(&format!("<code>@{BOB}</code>")) && html.contains(">@bob</a>"), "{html}");
}

#[tokio::test]
async fn what_is_said_of_a_text_for_members_those_read_who_read_the_text() {
    let (server, post) = server().await;
    thread(server.pool(), post).await;
    let sql = "UPDATE content.posts SET visibility = 'members' WHERE post_id = $1";
    sqlx::query(sql).bind(post).execute(server.pool()).await.unwrap();
    for path in [PATH.to_owned(), format!("{PATH}/1")] {
        assert_eq!(server.get(&path).await.problem(), (403, "private"), "{path}");
        assert_eq!(get_as(&server, BOB, &path).await.problem(), (403, "private"), "{path}");
        let own = get_as(&server, ADA, &path).await;
        assert_eq!((own.status, own.header("cache-control")), (200, "private, no-cache"), "{path}");
    }
    assert_eq!(numbers(&server.get("/v1/authors/bob/comments").await), [0_i64; 0]);
    assert_eq!(numbers(&get_as(&server, BOB, "/v1/authors/bob/comments").await), [2]);
}

#[tokio::test]
async fn others_are_shown_what_a_person_says_below_posts_that_are_in_lists() {
    let (server, post) = server().await;
    thread(server.pool(), post).await;
    for (number, change) in [(5, "visibility = 'unlisted'"), (6, "archived = true")] {
        let hidden = Post::called(&format!("hidden-{number}")).write(server.pool()).await.id;
        Comment::on(hidden, number, "Said.").write(server.pool()).await;
        let sql = format!("UPDATE content.posts SET {change} WHERE post_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(hidden).execute(server.pool()).await.unwrap();
    }
    let path = "/v1/authors/ada/comments";
    assert_eq!(numbers(&server.get(path).await), [4, 3, 1]);
    assert_eq!(numbers(&get_as(&server, BOB, path).await), [4, 3, 1]);
    assert_eq!(numbers(&get_as(&server, ADA, path).await), [6, 5, 4, 3, 1]);
}

#[tokio::test]
async fn a_page_that_became_empty_leads_back() {
    let (server, post) = server().await;
    for number in 1..=4 {
        Comment::on(post, number, "Said.").write(server.pool()).await;
    }
    let path = "/v1/me/comments?limit=2";
    let first = get_as(&server, ADA, path).await;
    let second = get_as(&server, ADA, &format!("{path}&cursor={}", first.body["next"].as_str().unwrap())).await;
    let set = async |deleted: bool, numbers: [i64; 2]| {
        let sql = "UPDATE content.comments SET deleted = $1 WHERE number = ANY($2)";
        sqlx::query(sql).bind(deleted).bind(&numbers[..]).execute(server.pool()).await.unwrap();
    };
    set(true, [1, 2]).await;
    let gone = get_as(&server, ADA, &format!("{path}&cursor={}", first.body["next"].as_str().unwrap())).await;
    assert_eq!((numbers(&gone), &gone.body["next"]), (vec![], &Value::Null));
    let back = get_as(&server, ADA, &format!("{path}&cursor={}", gone.body["previous"].as_str().unwrap())).await;
    assert_eq!(numbers(&back), [4, 3]);
    set(false, [1, 2]).await;
    set(true, [3, 4]).await;
    let gone = get_as(&server, ADA, &format!("{path}&cursor={}", second.body["previous"].as_str().unwrap())).await;
    assert_eq!((numbers(&gone), &gone.body["previous"]), (vec![], &Value::Null));
    let on = get_as(&server, ADA, &format!("{path}&cursor={}", gone.body["next"].as_str().unwrap())).await;
    assert_eq!(numbers(&on), [2, 1]);
}

#[tokio::test]
async fn posts_and_people_say_how_many_comments_there_are() {
    let (server, post) = server().await;
    thread(server.pool(), post).await;
    Comment { deleted: true, ..Comment::on(post, 5, "") }.write(server.pool()).await;
    let read = async |path: &str| server.get(path).await.body["comments_count"].clone();
    assert_eq!(read("/v1/posts/one").await, json!(4));
    assert_eq!(server.get("/v1/posts").await.body["posts"][0]["comments_count"], json!(4));
    assert_eq!((read("/v1/authors/ada").await, read("/v1/authors/bob").await), (json!(3), json!(1)));
    let tag = server.get("/v1/posts/one").await.header("etag").to_owned();
    Comment::on(post, 6, "One more.").write(server.pool()).await;
    assert_ne!(server.get("/v1/posts/one").await.header("etag"), tag);
    let sql = "INSERT INTO content.preferences (account_id, comments_list, version) VALUES ($1, 'private', 2)";
    sqlx::query(sql).bind(ADA).execute(server.pool()).await.unwrap();
    assert_eq!((read("/v1/authors/ada").await, read("/v1/authors/bob").await), (Value::Null, json!(1)));
}

#[tokio::test]
async fn what_a_comment_said_before_is_in_its_history() {
    let (server, post) = server().await;
    Comment { former: vec!["Frist.", "First"], ..Comment::on(post, 1, "First.") }.write(server.pool()).await;
    let one = server.get(&format!("{PATH}/1")).await;
    assert_eq!((one.status, &one.body["edits"], &one.body["text_markdown"]), (200, &json!(2), &json!("First.")));
    let said: Vec<_> = one.body["history"].as_array().unwrap().iter().map(|it| it["text_markdown"].clone()).collect();
    assert_eq!(said, ["Frist.", "First"]);
    assert_eq!(one.body["history"][1]["since"], "2023-11-14T22:13:20.001Z");
    for nothing in ["2", "0", "-1", "x", "99999999999999999999"] {
        assert_eq!(server.get(&format!("{PATH}/{nothing}")).await.problem(), (404, "not-found"), "{nothing}");
    }
}

#[tokio::test]
async fn comments_are_shown_while_their_post_is_whichever_was_there_first() {
    let (server, post) = server().await;
    thread(server.pool(), post).await;
    let set = async |change: &str| {
        let sql = format!("UPDATE content.posts SET {change} WHERE post_id = $1");
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(post).execute(server.pool()).await.unwrap();
    };
    set("comments = 'closed'").await;
    assert_eq!(server.get(PATH).await.body["commenters"], "closed");
    assert_eq!(numbers(&server.get(PATH).await).len(), 4, "what was accepted stays");
    set("published = false").await;
    assert_eq!(server.get(PATH).await.problem(), (404, "not-found"));
    assert_eq!(numbers(&get_as(&server, ADA, PATH).await).len(), 4, "its author sees them");
    assert!(numbers(&get_as(&server, ADA, "/v1/me/comments").await).is_empty());
    set("published = true, deleted = true").await;
    for path in [PATH.to_owned(), format!("{PATH}/1")] {
        assert_eq!(server.get(&path).await.problem(), (410, "gone"));
    }
    set("published = false").await;
    assert_eq!(server.get(PATH).await.problem(), (410, "gone"), "as the post itself, which all could read once");
    assert_eq!(server.get("/v1/posts/one").await.problem(), (410, "gone"));
    set("published = true, deleted = false").await;
    assert_eq!(numbers(&server.get(PATH).await).len(), 4);
    // A comment whose post is not read yet is in no list until it is.
    let unread = Uuid::new_v4();
    Comment::on(unread, 1, "Early.").write(server.pool()).await;
    assert_eq!(numbers(&get_as(&server, ADA, "/v1/me/comments").await), [4, 3, 1]);
    Post { id: unread, ..Post::called("late") }.write(server.pool()).await;
    assert_eq!(numbers(&server.get("/v1/posts/late/comments").await), [1]);
    assert_eq!(numbers(&get_as(&server, ADA, "/v1/me/comments").await).len(), 4);
}

#[tokio::test]
async fn a_former_slug_leads_to_the_comments_at_the_present_one() {
    let (server, _) = server().await;
    let post = Post { former_slugs: vec!["before"], ..Post::called("now") }.write(server.pool()).await.id;
    thread(server.pool(), post).await;
    let moved = server.get("/v1/posts/before/comments?limit=2").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/v1/posts/now/comments?limit=2"));
    assert_eq!(server.get("/v1/posts/before/comments/2").await.header("location"), "/v1/posts/now/comments/2");
    assert_eq!(server.get("/v1/posts/nothing/comments").await.problem(), (404, "not-found"));
}

#[tokio::test]
async fn what_a_person_comments_is_listed_unless_they_keep_it_to_themselves() {
    let (server, post) = server().await;
    thread(server.pool(), post).await;
    let list = server.get("/v1/authors/ada/comments").await;
    assert_eq!(numbers(&list), [4, 3, 1]);
    let first = &list.body["comments"][0];
    assert_eq!((&first["post_slug"], &first["post_title"]), (&json!("one"), &json!("Title of one")));
    let sql = "INSERT INTO content.preferences (account_id, comments_list, version) VALUES ($1, 'private', 2)";
    sqlx::query(sql).bind(ADA).execute(server.pool()).await.unwrap();
    assert_eq!(server.get("/v1/authors/ada/comments").await.problem(), (403, "private"));
    assert_eq!(get_as(&server, BOB, "/v1/authors/ada/comments").await.problem(), (403, "private"));
    let own = get_as(&server, ADA, "/v1/authors/ada/comments").await;
    assert_eq!((numbers(&own), own.header("cache-control")), (vec![4, 3, 1], "private, no-cache"));
    assert_eq!(numbers(&get_as(&server, BOB, "/v1/me/comments").await), [2]);
    assert_eq!(server.get("/v1/me/comments").await.problem(), (401, "unauthorized"));
    assert_eq!(server.get("/v1/authors/eve/comments").await.problem(), (404, "not-found"));
}

#[tokio::test]
async fn ten_thousand_comments_cost_a_page_no_more_than_a_hundred() {
    let (server, post) = server().await;
    let sql = "INSERT INTO content.comments SELECT $1, n, uuid_in(md5($1::text || n)::cstring), $2, \
               CASE WHEN n % 10 = 0 THEN NULL ELSE n / 10 * 10 END, CASE WHEN n % 10 = 0 THEN 0 ELSE 1 END, \
               'Some words about it, *emphatically*.', '{}', '{}', false, \
               '2024-01-01 UTC'::timestamptz + n * interval '1 second', NULL, '2024-02-01 UTC', n \
               FROM generate_series(1, $3) n";
    let small = Post::called("small").write(server.pool()).await.id;
    for (post, count) in [(post, 10_000), (small, 100)] {
        sqlx::query(sql).bind(post).bind(ADA).bind(count).execute(server.pool()).await.unwrap();
    }
    sqlx::query("ANALYZE content.comments").execute(server.pool()).await.unwrap();
    let fastest = async |path: &str| {
        let mut best = Duration::MAX;
        for _ in 0..10 {
            let began = Instant::now();
            assert_eq!(server.get(path).await.status, 200);
            best = best.min(began.elapsed());
        }
        best
    };
    for query in ["", "?sort=newest", "?reply_to=0", "?reply_to=50"] {
        let large = fastest(&format!("{PATH}{query}")).await;
        let small = fastest(&format!("/v1/posts/small/comments{query}")).await;
        assert!(large < small * 3 + Duration::from_millis(10), "{query}: {large:?} beside {small:?}");
    }
}
