use domain::Role;
use reqwest::Method;
use uuid::Uuid;

use crate::support::{Author, Post, Server};

#[tokio::test]
async fn a_post_is_read_by_its_slug() {
    let server = Server::start().await;
    Author::write(server.pool(), Uuid::from_u128(1), "ada", 1).await;
    Post { body: "A *word*.<script>alert(1)</script>".into(), ..Post::called("terms") }.write(server.pool()).await;
    let answer = server.get("/v1/posts/terms").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["body_html"], "<p>A <em>word</em>.</p>\n");
    assert_eq!(answer.body["body_markdown"], "A *word*.<script>alert(1)</script>");
    assert_eq!(answer.body["author"]["user_name"], "ada");
    assert_eq!(answer.body["published"], true);
    assert_eq!(answer.body["drafted_at"], "2023-01-01T00:00:00.000Z");
    assert_eq!((answer.header("cache-control"), answer.header("vary")), ("public, no-cache", "Authorization"));
    server.close().await;
}

#[tokio::test]
async fn a_former_slug_redirects_and_keeps_the_query() {
    let server = Server::start().await;
    Post { former_slugs: vec!["older", "old"], ..Post::called("now") }.write(server.pool()).await;
    server.advance(9, crate::support::LOG).await;
    for former in ["older", "old"] {
        let position = Server::position(1, crate::support::LOG);
        let answer = server.get(&format!("/v1/posts/{former}?position={position}")).await;
        assert_eq!((answer.status, answer.header("location")), (301, &*format!("/v1/posts/now?position={position}")));
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    assert_eq!(server.get("/v1/posts/old").await.header("location"), "/v1/posts/now");
}

#[tokio::test]
async fn what_was_never_there_is_not_found() {
    let server = Server::start().await;
    for slug in ["nothing", "No%20Slug", "%00", "a%2Fb", &"x".repeat(500)] {
        let answer = server.get(&format!("/v1/posts/{slug}")).await;
        assert_eq!(answer.problem(), (404, "not-found"), "{slug}");
    }
    assert_eq!(server.get("/v1/posts/nothing").await.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn a_deleted_post_is_gone_but_a_deleted_draft_was_never_there() {
    let server = Server::start().await;
    Post { deleted: true, former_slugs: vec!["was"], ..Post::called("deleted") }.write(server.pool()).await;
    let draft = Post { deleted: true, ..Post::draft("secret") }.write(server.pool()).await;
    assert_eq!(server.get("/v1/posts/deleted").await.problem(), (410, "gone"));
    assert_eq!(server.get("/v1/posts/was").await.problem(), (410, "gone"));
    assert_eq!(server.get("/v1/posts/secret").await.problem(), (404, "not-found"));
    let token = server.token(draft.author, &[]);
    let answer = server.get_with("/v1/posts/secret", &[("authorization", &token)]).await;
    assert_eq!(answer.problem(), (410, "gone"));
}

#[tokio::test]
async fn a_draft_is_read_by_its_authors_and_editors_only() {
    let server = Server::start().await;
    let (author, co_author, other) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
    let draft = Post { co_authors: vec![co_author], former_slugs: vec!["working-title"], ..Post::draft("draft") };
    draft.write(server.pool()).await;
    Post { published: false, ..Post::called("withdrawn") }.write(server.pool()).await;
    for slug in ["draft", "withdrawn", "working-title"] {
        assert_eq!(server.get(&format!("/v1/posts/{slug}")).await.problem(), (404, "not-found"), "{slug}");
    }
    for (subject, roles, status) in [
        (author, vec![], 200),
        (co_author, vec![Role::Author], 200),
        (other, vec![Role::Editor], 200),
        (other, vec![Role::Author], 404),
    ] {
        let token = server.token(subject, &roles);
        let answer = server.get_with("/v1/posts/draft", &[("authorization", &token)]).await;
        assert_eq!(answer.status, status, "{subject} {roles:?}");
        if status == 200 {
            assert_eq!(answer.header("cache-control"), "private, no-cache");
            assert_eq!(answer.body["published_at"], serde_json::Value::Null);
        }
    }
    let token = server.token(author, &[]);
    assert_eq!(server.get_with("/v1/posts/working-title", &[("authorization", &token)]).await.status, 301);
}

#[tokio::test]
async fn a_bad_token_is_refused_even_where_none_is_needed() {
    let server = Server::start().await;
    Post::called("terms").write(server.pool()).await;
    let answer = server.get_with("/v1/posts/terms", &[("authorization", "Bearer nonsense")]).await;
    assert_eq!(answer.problem(), (401, "unauthorized"));
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
}

#[tokio::test]
async fn the_entity_tag_stands_for_the_post_and_its_people() {
    let server = Server::start().await;
    let ada = Uuid::from_u128(1);
    Author::write(server.pool(), ada, "ada", 1).await;
    let post = Post::called("terms").write(server.pool()).await;
    let get = async |etag: &str| server.get_with("/v1/posts/terms", &[("if-none-match", etag)]).await;
    let first = server.get("/v1/posts/terms").await.header("etag").to_owned();
    let answer = get(&first).await;
    assert_eq!((answer.status, answer.bytes, answer.header("vary")), (304, 0, "Authorization"));
    Author::write(server.pool(), ada, "ada", 2).await;
    let answer = get(&first).await;
    assert_eq!((answer.status, &answer.body["author"]["display_name"]), (200, &"ada v2".into()));
    let second = answer.header("etag").to_owned();
    Post { version: 3, body: "Anew.".into(), ..post }.write(server.pool()).await;
    let answer = get(&second).await;
    assert_eq!((answer.status, &answer.body["body_html"]), (200, &"<p>Anew.</p>\n".into()));
    assert_eq!(server.ask(Method::HEAD, "/v1/posts/terms", &[]).await.header("etag"), answer.header("etag"));
    let demanding = async |etag: &str| server.get_with("/v1/posts/terms", &[("if-match", etag)]).await;
    assert_eq!(demanding(&second).await.problem(), (412, "version-conflict"));
    assert_eq!((demanding(answer.header("etag")).await.status, demanding("*").await.status), (200, 200));
}

#[tokio::test]
async fn a_large_body_is_rendered_beside_the_others() {
    let server = Server::start().await;
    let body = "Paragraph with *emphasis* and [a link](https://example.org).\n\n".repeat(2000);
    Post { body, ..Post::called("large") }.write(server.pool()).await;
    let (one, two) = tokio::join!(server.get("/v1/posts/large"), server.get("/v1/posts/large"));
    assert_eq!(one.body["body_html"], two.body["body_html"]);
    assert_eq!(one.body["body_html"].as_str().unwrap().matches("<p>").count(), 2000);
}
