//! `/v1/me/preferences` and its schema.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use crate::support::{Author, LOG, Server};

const ADA: Uuid = Uuid::from_u128(1);
const PATH: &str = "/v1/me/preferences";

async fn server() -> Server {
    let server = Server::start().await;
    Author::write(server.pool(), ADA, "Ada", 7).await;
    server
}

#[tokio::test]
async fn whoever_chose_nothing_has_the_defaults() {
    let server = server().await;
    let token = server.token(ADA, &[]);
    let answer = server.get_with(PATH, &[("authorization", &token)]).await;
    let defaults = json!({
        "locale": "en", "time_zone": "UTC", "theme": "system", "posts_per_page": 20, "email_new_follower": false,
        "email_comment": false, "email_digest": "none", "following_list": "public",
        "reactions_list": "public",
        "comments_list": "public",
    });
    assert_eq!((answer.status, &answer.body), (200, &defaults));
    assert_eq!((answer.header("etag"), answer.header("cache-control")), ("\"7\"", "private, no-cache"));
    assert_eq!(answer.header("vary"), "Authorization");
    let again = server.get_with(PATH, &[("authorization", &token), ("if-none-match", "\"7\"")]).await;
    assert_eq!(again.status, 304);
    server.close().await;
}

#[tokio::test]
async fn what_was_chosen_is_shown_and_what_is_not_known_is_the_default() {
    let server = server().await;
    let sql = "INSERT INTO content.preferences (account_id, locale, theme, posts_per_page, email_comment, version)
        VALUES ($1, 'pt-BR', 'sepia', 50, true, 6)";
    sqlx::query(sql).bind(ADA).execute(server.pool()).await.unwrap();
    let answer = server.get_with(PATH, &[("authorization", &server.token(ADA, &[]))]).await;
    let shown = ["locale", "theme", "posts_per_page", "email_comment"].map(|field| answer.body[field].clone());
    assert_eq!(shown, [json!("pt-BR"), json!("system"), json!(50), json!(true)]);
}

#[tokio::test]
async fn they_are_shown_to_their_owner_and_nobody_else() {
    let server = server().await;
    assert_eq!(server.get(PATH).await.problem(), (401, "unauthorized"));
    assert_eq!(server.get_with(PATH, &[("authorization", "Bearer x")]).await.problem(), (401, "unauthorized"));
    let stranger = server.token(Uuid::from_u128(2), &[]);
    assert_eq!(server.get_with(PATH, &[("authorization", &stranger)]).await.problem(), (404, "not-found"));
    let query = server.get_with("/v1/me/preferences?mood=good", &[("authorization", &stranger)]).await;
    assert_eq!(query.problem(), (422, "invalid"));
}

#[tokio::test]
async fn a_change_is_waited_for() {
    let server = server().await;
    let token = server.token(ADA, &[]);
    server.advance(7, LOG).await;
    let position = Server::position(7, LOG);
    let headers = [("authorization", token.as_str()), ("inklog-position", position.as_str())];
    let ask = || server.get_with(PATH, &headers);
    assert_eq!(ask().await.problem(), (503, "behind"));
    let writing = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Author::write(server.pool(), ADA, "Ada", 8).await;
        server.advance(8, LOG).await;
    };
    let (answer, ()) = tokio::join!(ask(), writing);
    assert_eq!((answer.status, answer.header("etag")), (200, "\"8\""));
}

#[tokio::test]
async fn the_schema_is_there_for_everyone() {
    let server = server().await;
    let answer = server.get("/v1/me/preferences/schema").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/schema+json"));
    assert_eq!(answer.body["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let zones = answer.body["properties"]["time_zone"]["enum"].as_array().unwrap();
    assert!(zones.contains(&json!("Europe/Lisbon")));
    let tag = answer.header("etag");
    let again = server.get_with("/v1/me/preferences/schema", &[("if-none-match", tag)]).await;
    assert_eq!(again.status, 304);
}
