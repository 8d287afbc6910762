//! Posts that moderators hide: what is shown to whom, wherever posts are named.

use domain::Role::{self, Author as Writer, Moderator};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::reactions::like_comment;
use crate::support::{Answer, Author, Comment, Post, Preview, Series, Server};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const CAROL: Uuid = Uuid::from_u128(3);
const MODERATOR: Uuid = Uuid::from_u128(4);

/// Hides a post, as the projector does.
async fn hide(pool: &PgPool, post: Uuid, visible: &str) {
    let sql = "UPDATE content.posts SET visible = $2, version = version + 1 WHERE post_id = $1";
    sqlx::query(sql).bind(post).bind(visible).execute(pool).await.unwrap();
    for sql in
        ["DELETE FROM content.post_tags WHERE post_id = $1", "DELETE FROM content.post_writers WHERE post_id = $1"]
    {
        sqlx::query(sql).bind(post).execute(pool).await.unwrap();
    }
}

/// Two posts of Ada's in a series, of which Bob writes the first with her; it is hidden.
async fn server(visible: &str) -> (Server, Uuid) {
    let server = Server::start().await;
    let pool = server.pool();
    for (id, name) in [(ADA, "ada"), (BOB, "bob"), (CAROL, "carol"), (MODERATOR, "mod")] {
        Author::write(pool, id, name, 1).await;
    }
    let post = Post { co_authors: vec![BOB], tags: vec!["engines"], ..Post::called("hidden") }.write(pool).await.id;
    let other = Post { tags: vec!["engines"], ..Post::called("other") }.write(pool).await.id;
    Series { posts: vec![post, other], ..Series::called("all") }.write(pool).await;
    let comment = Comment { author: CAROL, ..Comment::on(post, 1, "First.") }.write(pool).await;
    like_comment(pool, CAROL, comment, 1).await;
    for post in [post, other] {
        let sql = "INSERT INTO content.bookmarks VALUES ($1, $2, true, now(), 1)";
        for account in [ADA, CAROL] {
            sqlx::query(sql).bind(account).bind(post).execute(pool).await.unwrap();
        }
    }
    hide(pool, post, visible).await;
    (server, post)
}

async fn get(server: &Server, reader: Option<(Uuid, &[Role])>, path: &str) -> Answer {
    match reader {
        Some((id, roles)) => server.get_with(path, &[("authorization", &server.token(id, roles))]).await,
        None => server.get(path).await,
    }
}

const ANYONE: Option<(Uuid, &[Role])> = None;
const AS_ADA: Option<(Uuid, &[Role])> = Some((ADA, &[Writer]));
const AS_BOB: Option<(Uuid, &[Role])> = Some((BOB, &[Writer]));
const AS_CAROL: Option<(Uuid, &[Role])> = Some((CAROL, &[Writer]));
const AS_MODERATOR: Option<(Uuid, &[Role])> = Some((MODERATOR, &[Moderator]));

/// What is at the address of the post, and beside it.
const ADDRESSES: [&str; 4] =
    ["/v1/posts/hidden", "/v1/posts/hidden/comments", "/v1/posts/hidden/comments/1", "/v1/posts/hidden/related"];

fn slugs(answer: &Answer, list: &str) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let entries = answer.body[list].as_array().unwrap_or_else(|| panic!("{answer:?}")).iter();
    entries.map(|entry| entry["slug"].as_str().or(entry["post"]["slug"].as_str()).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn those_who_write_it_and_moderators_read_it_and_it_is_not_there_for_others() {
    let (server, _) = server("author").await;
    for path in ADDRESSES {
        for others in [ANYONE, AS_CAROL] {
            assert_eq!(get(&server, others, path).await.problem(), (404, "not-found"), "{path}");
        }
        for theirs in [AS_ADA, AS_BOB, AS_MODERATOR] {
            let answer = get(&server, theirs, path).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            assert!(answer.header("cache-control").starts_with("private"), "{path}: {answer:?}");
        }
    }
    let post = get(&server, AS_ADA, ADDRESSES[0]).await;
    assert_eq!((&post.body["visible"], &post.body["published"]), (&json!("author"), &json!(true)));
    assert_eq!(get(&server, ANYONE, "/v1/posts/other").await.body["visible"], "all");
}

#[tokio::test]
async fn what_is_removed_moderators_read_alone() {
    let (server, _) = server("moderators").await;
    for path in ADDRESSES {
        for others in [ANYONE, AS_CAROL, AS_ADA, AS_BOB] {
            assert_eq!(get(&server, others, path).await.problem(), (404, "not-found"), "{path}");
        }
        assert_eq!(get(&server, AS_MODERATOR, path).await.status, 200, "{path}");
    }
    assert_eq!(slugs(&get(&server, AS_ADA, "/v1/me/posts").await, "posts"), ["other"]);
    assert_eq!(slugs(&get(&server, AS_ADA, "/v1/me/bookmarks").await, "bookmarks"), ["other"]);
}

#[tokio::test]
async fn it_is_in_no_list_and_counts_for_nothing() {
    let (server, post) = server("author").await;
    for path in ["/v1/posts", "/v1/posts?tag=engines", "/v1/posts?author=ada", "/v1/posts?year=2023"] {
        assert_eq!(slugs(&get(&server, ANYONE, path).await, "posts"), ["other"], "{path}");
    }
    assert_eq!(slugs(&get(&server, ANYONE, "/v1/posts?archived=true").await, "posts"), [""; 0]);
    let series = get(&server, ANYONE, "/v1/series/all").await;
    assert_eq!((slugs(&series, "posts"), &series.body["posts_count"]), (vec!["other".to_owned()], &json!(1)));
    let other = get(&server, ANYONE, "/v1/posts/other").await;
    assert_eq!((&other.body["series"][0]["number"], &other.body["series"][0]["previous"]), (&json!(1), &Value::Null));
    assert_eq!(get(&server, ANYONE, "/v1/authors/ada").await.body["posts"], 1);
    assert_eq!(slugs(&get(&server, ANYONE, "/v1/posts/other/related").await, "posts"), [""; 0]);
    let sql = "UPDATE content.posts SET translation_of = $1 WHERE slug = 'other'";
    sqlx::query(sql).bind(post).execute(server.pool()).await.unwrap();
    assert_eq!(get(&server, ANYONE, "/v1/posts/other").await.body["translations"], json!([]));
    assert_eq!(slugs(&get(&server, AS_CAROL, "/v1/me/bookmarks").await, "bookmarks"), ["other"]);
    let comments = get(&server, AS_CAROL, "/v1/authors/carol/comments").await;
    assert_eq!(comments.body["comments"], json!([]), "{comments:?}");
    assert_eq!(slugs(&get(&server, AS_ADA, "/v1/me/bookmarks").await, "bookmarks").len(), 2);
    let mine = get(&server, AS_ADA, "/v1/me/posts").await;
    let visible =
        mine.body["posts"].as_array().unwrap().iter().map(|entry| (&entry["post"]["slug"], &entry["visible"]));
    let mut visible: Vec<String> = visible.map(|(slug, visible)| format!("{slug} {visible}")).collect();
    visible.sort();
    assert_eq!(visible, [r#""hidden" "author""#, r#""other" "all""#]);
}

#[tokio::test]
async fn a_preview_link_does_not_lead_past_a_ruling() {
    let (server, post) = server("author").await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    let path = format!("/v1/previews/{}", Preview::TOKEN);
    assert_eq!(get(&server, ANYONE, &path).await.problem(), (404, "not-found"));
    sqlx::query("UPDATE content.posts SET visible = 'all'").execute(server.pool()).await.unwrap();
    assert_eq!(get(&server, ANYONE, &path).await.status, 200);
}

#[tokio::test]
async fn what_this_version_does_not_know_hides() {
    let (server, _) = server("subscribers").await;
    assert_eq!(get(&server, AS_ADA, ADDRESSES[0]).await.problem(), (404, "not-found"));
    assert_eq!(get(&server, AS_MODERATOR, ADDRESSES[0]).await.status, 200);
}
