//! `/v1/moderation/queue`, cases and filters, `/v1/me/rulings`, `/v1/me/blocks`, and which comments a reader is shown.

use domain::Role::{self, Admin, Author as Writer, Moderator};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::reactions::like_comment;
use crate::support::{Answer, Author, Comment, Post, Server};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const MODERATOR: Uuid = Uuid::from_u128(3);
const PATH: &str = "/v1/posts/one/comments";

/// A post of Ada's with three comments, of which the second is Bob's.
async fn server() -> (Server, Uuid) {
    let server = Server::start().await;
    for (id, name) in [(ADA, "ada"), (BOB, "bob"), (MODERATOR, "mod")] {
        Author::write(server.pool(), id, name, 1).await;
    }
    let post = Post::called("one").write(server.pool()).await.id;
    Comment::on(post, 1, "First.").write(server.pool()).await;
    Comment { author: BOB, ..Comment::on(post, 2, "Second.") }.write(server.pool()).await;
    Comment::on(post, 3, "Third.").write(server.pool()).await;
    (server, post)
}

async fn get_as(server: &Server, (reader, roles): (Uuid, &[Role]), path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(reader, roles))]).await
}

fn numbers(answer: &Answer) -> Vec<i64> {
    let entries = answer.body["comments"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries.iter().map(|entry| entry["number"].as_i64().or(entry["comment"]["number"].as_i64()).unwrap()).collect()
}

/// Hides Bob's comment.
async fn hide(pool: &PgPool, visible: &str, held_by: &[&str]) {
    let sql = "UPDATE content.comments SET visible = $1, held_by = $2 WHERE number = 2";
    sqlx::query(sql).bind(visible).bind(held_by).execute(pool).await.unwrap();
}

pub(crate) async fn block(pool: &PgPool, blocker: Uuid, blocked: Uuid, active: bool) {
    let sql = "INSERT INTO content.person_blocks VALUES ($1, $2, $3, now(), 1) \
               ON CONFLICT (blocker_id, blocked_id) DO UPDATE SET active = $3";
    sqlx::query(sql).bind(blocker).bind(blocked).bind(active).execute(pool).await.unwrap();
}

/// What waits about Bob's comment: a report of Ada's.
async fn case(pool: &PgPool, post: Uuid) -> String {
    let id = format!("comment:{post}:2");
    let sql = "INSERT INTO content.cases VALUES ($1, 'comment', $2, $3, 2, $4, ARRAY[$5]::uuid[], '{spam}', \
               '{Look.}', '{1700000000000}', NULL, NULL, '{1}', to_timestamp(1700000000), 1, 1, 3)";
    let query = sqlx::query(sql).bind(&id).bind(domain::comments::comment_id(post, 2)).bind(post).bind(BOB).bind(ADA);
    query.execute(pool).await.unwrap();
    id
}

/// An appeal of an account that waits since so many seconds.
pub(crate) async fn waits(pool: &PgPool, account: Uuid, since: i64) {
    let sql = "INSERT INTO content.cases VALUES ($1, 'account', $2, NULL, NULL, $2, '{}', '{}', '{}', '{}', NULL, \
               NULL, '{1}', to_timestamp($3), 1, 1, 2)";
    let query = sqlx::query(sql).bind(format!("account:{account}")).bind(account).bind(since);
    query.execute(pool).await.unwrap();
}

/// A ruling of that case, made so many seconds later.
async fn ruling(pool: &PgPool, case: &str, number: i64, kind: &str) {
    ruling_of(pool, BOB, (case, number), kind).await;
}

/// A ruling that concerns an account.
pub(crate) async fn ruling_of(pool: &PgPool, subject: Uuid, (case, number): (&str, i64), kind: &str) {
    let sql = "INSERT INTO content.rulings VALUES ($1, $2, $3, $4, 'spam', 'It advertises.', $5, 'moderator', \
               to_timestamp(1700000000 + $2), NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, 2)";
    let query = sqlx::query(sql).bind(case).bind(number).bind(subject).bind(kind).bind(MODERATOR);
    query.execute(pool).await.unwrap();
}

#[tokio::test]
async fn what_is_hidden_is_shown_to_its_author_and_moderators_only() {
    let (server, _) = server().await;
    let readers: [(Uuid, &[Role], bool, bool); 4] = [
        (ADA, &[Writer], false, false),
        (BOB, &[], true, false),
        (MODERATOR, &[Moderator], true, true),
        (MODERATOR, &[Admin], true, true),
    ];
    for (visible, held_by) in [("author", &[][..]), ("author", &["words"][..]), ("moderators", &[][..])] {
        hide(server.pool(), visible, held_by).await;
        assert_eq!(numbers(&server.get(PATH).await), [1, 3], "{visible}");
        assert_eq!(server.get(&format!("{PATH}/2")).await.problem(), (404, "not-found"));
        assert_eq!(numbers(&server.get("/v1/authors/bob/comments").await), [0_i64; 0]);
        for (reader, roles, hidden, removed) in readers {
            let shown = if visible == "moderators" { removed } else { hidden };
            let list = get_as(&server, (reader, roles), PATH).await;
            assert_eq!(numbers(&list), if shown { vec![1, 2, 3] } else { vec![1, 3] }, "{visible} {roles:?}");
            assert!(list.header("cache-control").contains("private"), "{list:?}");
            let one = get_as(&server, (reader, roles), &format!("{PATH}/2")).await;
            assert_eq!(one.status, if shown { 200 } else { 404 }, "{visible} {roles:?}");
            if shown {
                assert_eq!((&one.body["visible"], &one.body["held"]), (&json!(visible), &json!(!held_by.is_empty())));
            }
        }
    }
    server.close().await;
}

#[tokio::test]
async fn what_was_never_shown_to_all_is_in_no_history_of_theirs() {
    let (server, post) = server().await;
    let former = vec!["Held.", "Approved."];
    Comment { author: BOB, former, ..Comment::on(post, 4, "Harmless.") }.write(server.pool()).await;
    let sql = "UPDATE content.comments SET withheld_texts = 1 WHERE number = 4";
    sqlx::query(sql).execute(server.pool()).await.unwrap();
    let said = |answer: &Answer| -> Vec<String> {
        let history = answer.body["history"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
        history.iter().map(|former| format!("{} {}", former["text_markdown"], former["since"])).collect()
    };
    let path = format!("{PATH}/4");
    let whole = said(&get_as(&server, (BOB, &[]), &path).await);
    assert_eq!(whole.len(), 2);
    assert_eq!(said(&get_as(&server, (MODERATOR, &[Moderator]), &path).await), whole);
    for answer in [server.get(&path).await, get_as(&server, (ADA, &[Writer]), &path).await] {
        assert_eq!(said(&answer), whole[1..], "{answer:?}");
    }
    server.close().await;
}

#[tokio::test]
async fn a_moderator_does_not_learn_what_is_reported_of_them() {
    let (server, post) = server().await;
    let id = case(server.pool(), post).await;
    waits(server.pool(), BOB, 1).await;
    hide(server.pool(), "author", &["words"]).await;
    for (reader, status, waiting) in [(MODERATOR, 200, 2), (BOB, 404, 0)] {
        for role in [Moderator, Admin] {
            for path in [format!("/v1/moderation/cases/{id}"), format!("/v1/moderation/cases/account:{BOB}")] {
                let answer = get_as(&server, (reader, &[role]), &path).await;
                assert_eq!(answer.status, status, "{path} {answer:?}");
            }
            let queue = get_as(&server, (reader, &[role]), "/v1/moderation/queue").await;
            assert_eq!(queue.body["queue"].as_array().unwrap().len(), waiting, "{queue:?}");
        }
    }
    server.close().await;
}

#[tokio::test]
async fn of_two_who_block_each_other_neither_sees_the_other() {
    let (server, _) = server().await;
    for (blocker, blocked) in [(ADA, BOB), (BOB, ADA)] {
        block(server.pool(), blocker, blocked, true).await;
        assert_eq!(numbers(&get_as(&server, (ADA, &[]), PATH).await), [1, 3]);
        assert_eq!(numbers(&get_as(&server, (BOB, &[]), PATH).await), [2]);
        assert_eq!(numbers(&get_as(&server, (ADA, &[]), "/v1/authors/bob/comments").await), [0_i64; 0]);
        assert_eq!(numbers(&server.get(PATH).await), [1, 2, 3]);
        block(server.pool(), blocker, blocked, false).await;
        assert_eq!(numbers(&get_as(&server, (ADA, &[]), PATH).await), [1, 2, 3]);
    }
    block(server.pool(), ADA, BOB, true).await;
    let blocks = get_as(&server, (ADA, &[]), "/v1/me/blocks").await;
    assert_eq!(blocks.body["blocks"][0]["account"]["user_name"], "bob");
    let none = get_as(&server, (BOB, &[]), "/v1/me/blocks").await;
    assert_eq!(none.body["blocks"], json!([]));
    server.close().await;
}

/// The status of a list, and how many entries it has.
async fn entries(server: &Server, reader: (Uuid, &[Role]), path: &str) -> (u16, usize) {
    let answer = get_as(server, reader, path).await;
    let list = answer.body["comments"].as_array().or_else(|| answer.body["people"].as_array());
    (answer.status, list.map_or(0, Vec::len))
}

#[tokio::test]
async fn reactions_to_what_is_hidden_are_hidden_with_it() {
    let (server, post) = server().await;
    like_comment(server.pool(), ADA, domain::comments::comment_id(post, 2), 1).await;
    let (people, moderator) = (format!("{PATH}/2/reactions/like"), (MODERATOR, &[Moderator][..]));
    let of_ada = "/v1/authors/ada/reactions/comment/like";
    for (visible, shown) in [("all", true), ("author", false), ("moderators", false)] {
        hide(server.pool(), visible, &[]).await;
        let (found, listed) = if shown { ((200, 1), (200, 1)) } else { ((404, 0), (200, 0)) };
        assert_eq!(entries(&server, (ADA, &[]), &people).await, found, "{visible}");
        assert_eq!(server.get(&people).await.status, found.0, "{visible}");
        assert_eq!(entries(&server, (ADA, &[]), "/v1/me/reactions/comment/like").await, listed, "{visible}");
        let answer = server.get(of_ada).await;
        assert_eq!(answer.body["comments"].as_array().unwrap().len(), listed.1, "{visible}");
        let author = if visible == "moderators" { (404, 0) } else { (200, 1) };
        assert_eq!(entries(&server, (BOB, &[]), &people).await, author, "{visible}");
        assert_eq!(entries(&server, moderator, &people).await, (200, 1), "{visible}");
        assert_eq!(entries(&server, moderator, of_ada).await, (200, 1), "{visible}");
    }
    server.close().await;
}

#[tokio::test]
async fn what_one_reacts_to_is_not_shown_to_whom_they_block() {
    let (server, post) = server().await;
    for number in [1, 2] {
        like_comment(server.pool(), BOB, domain::comments::comment_id(post, number), 1).await;
    }
    let (first, second) = (format!("{PATH}/1/reactions/like"), format!("{PATH}/2/reactions/like"));
    assert_eq!(entries(&server, (ADA, &[]), &first).await, (200, 1));
    block(server.pool(), BOB, ADA, true).await;
    assert_eq!(entries(&server, (ADA, &[]), &first).await, (200, 0));
    assert_eq!(entries(&server, (ADA, &[]), &second).await, (404, 0));
    assert_eq!(entries(&server, (ADA, &[]), "/v1/authors/bob/reactions/comment/like").await, (200, 1));
    assert_eq!(entries(&server, (BOB, &[]), "/v1/me/reactions/comment/like").await, (200, 1));
    assert_eq!(entries(&server, (MODERATOR, &[]), &first).await, (200, 1));
    server.close().await;
}

#[tokio::test]
async fn what_waits_is_in_the_queue_once_and_for_moderators() {
    let (server, post) = server().await;
    let path = "/v1/moderation/queue";
    assert_eq!(get_as(&server, (ADA, &[Writer]), path).await.problem(), (403, "forbidden"));
    hide(server.pool(), "author", &["links"]).await;
    let queue = async || get_as(&server, (MODERATOR, &[Moderator]), path).await.body["queue"].clone();
    let held = queue().await;
    assert_eq!((held[0]["case_id"].clone(), &held[1]), (json!(format!("comment:{post}:2")), &Value::Null));
    assert_eq!((&held[0]["held_by"], &held[0]["reports"]), (&json!(["links"]), &json!(0)));
    let id = case(server.pool(), post).await;
    let reported = queue().await;
    assert_eq!((&reported[0]["case_id"], &reported[1]), (&json!(id), &Value::Null));
    assert_eq!((&reported[0]["reports"], &reported[0]["rules"]), (&json!(1), &json!(["spam"])));
    assert_eq!((&reported[0]["held_by"], &reported[0]["subject"]["user_name"]), (&json!(["links"]), &json!("bob")));
    server.close().await;
}

#[tokio::test]
async fn a_case_has_its_reports_and_rulings_and_a_person_reads_what_concerns_them() {
    let (server, post) = server().await;
    let id = case(server.pool(), post).await;
    for (number, kind) in [(1, "hide"), (2, "dismiss"), (3, "lift")] {
        ruling(server.pool(), &id, number, kind).await;
    }
    let path = format!("/v1/moderation/cases/{id}");
    assert_eq!(get_as(&server, (BOB, &[]), &path).await.problem(), (403, "forbidden"));
    let moderator = (MODERATOR, &[Moderator][..]);
    let case = get_as(&server, moderator, &path).await;
    let report = &case.body["reports"][0];
    assert_eq!((&report["statement"], &report["reporter"]["user_name"]), (&json!("Look."), &json!("ada")));
    assert_eq!(case.body["rulings"].as_array().unwrap().len(), 3);
    for missing in [format!("post:{post}"), "nonsense".into()] {
        let path = format!("/v1/moderation/cases/{missing}");
        assert_eq!(get_as(&server, moderator, &path).await.problem(), (404, "not-found"));
    }
    let mine = get_as(&server, (BOB, &[]), "/v1/me/rulings?limit=1").await;
    assert_eq!((&mine.body["rulings"][0]["kind"], &mine.body["rulings"][1]), (&json!("lift"), &Value::Null));
    assert!(
        !mine.body.to_string().contains(&ADA.to_string()) && !mine.body.to_string().contains(&MODERATOR.to_string()),
        "{mine:?}"
    );
    let next = format!("/v1/me/rulings?limit=1&cursor={}", mine.body["next"].as_str().unwrap());
    assert_eq!(get_as(&server, (BOB, &[]), &next).await.body["rulings"][0]["kind"], "hide");
    assert_eq!(get_as(&server, (ADA, &[]), "/v1/me/rulings").await.body["rulings"], json!([]));
    server.close().await;
}

/// The kinds of the rulings that someone reads of themselves, newest first.
async fn read_by(server: &Server, reader: Uuid) -> Vec<Value> {
    let answer = get_as(server, (reader, &[Writer]), "/v1/me/rulings").await;
    answer.body["rulings"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone()
}

#[tokio::test]
async fn who_gets_a_hidden_post_reads_what_is_in_force_and_not_what_another_was_told() {
    let (server, post) = server().await;
    let (pool, id) = (server.pool(), format!("post:{post}"));
    // Hidden, shown and hidden again while it was Bob's, who appealed and was answered.
    for (number, kind) in [(1, "hide"), (2, "lift"), (3, "hide"), (4, "dismiss"), (5, "answer")] {
        ruling_of(pool, BOB, (&id, number), kind).await;
    }
    let lifted = "UPDATE content.rulings SET lifted_at = now() WHERE case_id = $1 AND ruling = 1";
    sqlx::query(lifted).bind(&id).execute(pool).await.unwrap();
    let appealed = "UPDATE content.rulings SET appealed_at = now(), appeal = 'It does not.', answered_at = now() \
                    WHERE case_id = $1 AND ruling = 3";
    sqlx::query(appealed).bind(&id).execute(pool).await.unwrap();
    assert_eq!(read_by(&server, ADA).await, [Value::Null; 0], "others see the post");
    for visible in ["author", "moderators"] {
        let sql = "UPDATE content.posts SET visible = $2 WHERE post_id = $1";
        sqlx::query(sql).bind(post).bind(visible).execute(pool).await.unwrap();
        let hers = read_by(&server, ADA).await;
        assert_eq!(hers.len(), 1, "{hers:?}");
        assert_eq!(
            (&hers[0]["ruling"], &hers[0]["kind"], &hers[0]["rule"]),
            (&json!(3), &json!("hide"), &json!("spam"))
        );
        assert_eq!((&hers[0]["explanation"], &hers[0]["appeal"]), (&json!(""), &json!("")));
        assert!(hers[0]["appealed_at"].is_string() && hers[0]["answered_at"].is_string(), "{hers:?}");
    }
    let kinds = |all: &[Value]| all.iter().map(|one| one["kind"].clone()).collect::<Vec<_>>();
    let his = read_by(&server, BOB).await;
    assert_eq!(kinds(&his), ["answer", "hide", "lift", "hide"]);
    assert_eq!((&his[1]["explanation"], &his[1]["appeal"]), (&json!("It advertises."), &json!("It does not.")));
    // What is decided from then on concerns her, in one list with the former, in pages.
    ruling_of(pool, ADA, (&id, 6), "remove").await;
    let first = get_as(&server, (ADA, &[Writer]), "/v1/me/rulings?limit=1").await;
    assert_eq!(first.body["rulings"][0]["explanation"], "It advertises.");
    let next = format!("/v1/me/rulings?limit=1&cursor={}", first.body["next"].as_str().unwrap());
    assert_eq!(get_as(&server, (ADA, &[Writer]), &next).await.body["rulings"][0]["ruling"], 3);
    server.close().await;
}

#[tokio::test]
async fn moderators_read_what_comments_are_held_for() {
    let (server, _) = server().await;
    let path = "/v1/moderation/filters";
    assert_eq!(get_as(&server, (ADA, &[Writer]), path).await.problem(), (403, "forbidden"));
    let moderator = (MODERATOR, &[Moderator][..]);
    let nothing = json!({"words": [], "most_links": null, "first_comments": 0, "version": 0});
    assert_eq!(get_as(&server, moderator, path).await.body, nothing);
    let sql = "INSERT INTO content.comment_filters VALUES ('filters', '{casino}', 2, 1, $1, now(), 4)";
    sqlx::query(sql).bind(ADA).execute(server.pool()).await.unwrap();
    let something = json!({"words": ["casino"], "most_links": 2, "first_comments": 1, "version": 4});
    assert_eq!(get_as(&server, moderator, path).await.body, something);
    server.close().await;
}
