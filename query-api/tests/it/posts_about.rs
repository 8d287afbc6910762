//! What a post has beside its text, and who is shown it.

use domain::Role;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Server};

/// Changes columns of a post's row.
async fn set(server: &Server, post: &Post, columns: &str) {
    let sql = format!("UPDATE content.posts SET {columns} WHERE post_id = $1");
    sqlx::query(AssertSqlSafe(sql)).bind(post.id).execute(server.pool()).await.unwrap();
}

async fn called(server: &Server, slug: &str) -> Post {
    Post::called(slug).write(server.pool()).await
}

fn slugs(answer: &Answer) -> Vec<&str> {
    answer.body["posts"].as_array().unwrap().iter().map(|post| post["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_post_shows_what_it_has() {
    let server = Server::start().await;
    let post = called(&server, "terms").await;
    let bare = server.get("/v1/posts/terms").await;
    assert_eq!((&bare.body["cover"], &bare.body["custom_fields"]), (&Value::Null, &json!({})));
    set(
        &server,
        &post,
        "cover_image = 'https://example.org/a.jpg', cover_alt = 'מכונה', cover_focal_x = 0, cover_focal_y = 50, \
         language_tag = 'he', canonical_url = 'https://example.org/a', meta_title = 'M', \
         custom_fields = '{\"deck\":\"مرحبا\",\"rating\":4.5}', featured = true, comments = 'closed', version = 3",
    )
    .await;
    let answer = server.get("/v1/posts/terms").await;
    let cover =
        json!({"url": "https://example.org/a.jpg", "sha256": null, "alt": "מכונה", "focal_x": 0, "focal_y": 50});
    for (field, value) in [
        ("cover", cover.clone()),
        ("language", json!("he")),
        ("canonical_url", json!("https://example.org/a")),
        ("meta_title", json!("M")),
        ("meta_description", Value::Null),
        ("custom_fields", json!({"deck": "مرحبا", "rating": 4.5})),
        ("visibility", json!("public")),
        ("featured", json!(true)),
        ("comments", json!("closed")),
        ("translations", json!([])),
    ] {
        assert_eq!(answer.body[field], value, "{field}");
    }
    let listed = server.get("/v1/posts").await;
    assert_eq!((&listed.body["posts"][0]["cover"], &listed.body["posts"][0]["featured"]), (&cover, &json!(true)));
    set(&server, &post, "cover_image = '/media/' || repeat('5a', 32), version = 4").await;
    let answer = server.get("/v1/posts/terms").await;
    assert_eq!(answer.body["cover"]["sha256"], "5a".repeat(32));
    assert_eq!(answer.body["cover"]["url"], Value::Null);
}

#[tokio::test]
async fn a_post_for_who_has_its_address_is_found_by_that_alone() {
    let server = Server::start().await;
    Author::write(server.pool(), Uuid::from_u128(1), "ada", 1).await;
    let _ = called(&server, "public").await;
    let unlisted = called(&server, "unlisted").await;
    set(&server, &unlisted, "visibility = 'unlisted', translation_of = NULL").await;
    assert_eq!(server.get("/v1/posts/unlisted").await.status, 200);
    assert_eq!(slugs(&server.get("/v1/posts").await), ["public"]);
    assert_eq!(slugs(&server.get("/v1/posts?author=ada").await), ["public"]);
    assert_eq!(server.get("/v1/authors/ada").await.body["posts"], 1);
}

#[tokio::test]
async fn the_text_of_a_post_for_members_is_shown_to_its_authors_and_editors() {
    let server = Server::start().await;
    let post = called(&server, "inside").await;
    set(&server, &post, "visibility = 'members'").await;
    assert_eq!(slugs(&server.get("/v1/posts").await), ["inside"]);
    let mut tags = Vec::new();
    for (reader, is_shown) in [
        (None, false),
        (Some((Uuid::from_u128(9), Role::Author)), false),
        (Some((post.author, Role::Author)), true),
        (Some((Uuid::from_u128(9), Role::Editor)), true),
    ] {
        let answer = match reader {
            None => server.get("/v1/posts/inside").await,
            Some((id, role)) => {
                let token = server.token(id, &[role]);
                server.get_with("/v1/posts/inside", &[("authorization", &token)]).await
            }
        };
        assert_eq!((answer.status, &answer.body["summary"]), (200, &json!("A summary.")));
        assert_eq!(answer.body["body_markdown"].is_string(), is_shown, "{reader:?}");
        assert_eq!(answer.body["body_html"].is_string(), is_shown, "{reader:?}");
        assert_eq!((answer.header("cache-control"), answer.header("vary")), ("private, no-cache", "Authorization"));
        tags.push((answer.header("etag").to_owned(), is_shown));
    }
    assert!(tags.iter().all(|(tag, is_shown)| (*tag == tags[0].0) != *is_shown), "{tags:?}");
}

#[tokio::test]
async fn every_translation_shows_the_others() {
    let server = Server::start().await;
    let [de, en, he, ar] = ["de", "en", "he", "ar"];
    let mut posts = Vec::new();
    for slug in [de, en, he, ar] {
        let post = called(&server, slug).await;
        set(&server, &post, &format!("language_tag = '{slug}'")).await;
        posts.push(post);
    }
    // English names German, Hebrew names English, and German names Hebrew: who names whom does not matter.
    for (from, to) in [(1, 0), (2, 1), (0, 2)] {
        set(&server, &posts[from], &format!("translation_of = '{}'", posts[to].id)).await;
    }
    let shown = async |slug: &str| {
        let answer = server.get(&format!("/v1/posts/{slug}")).await;
        let list = answer.body["translations"].as_array().unwrap().clone();
        list.into_iter().map(|post| post["language"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((shown(de).await, shown(en).await), (vec!["en".into(), "he".into()], vec!["de".into(), "he".into()]));
    assert_eq!((shown(he).await, shown(ar).await), (vec!["de".to_owned(), "en".into()], Vec::new()));
    let before = server.get("/v1/posts/en").await.header("etag").to_owned();
    set(&server, &posts[0], "visibility = 'unlisted'").await;
    assert_eq!(shown(en).await, ["he"]);
    let again = server.get_with("/v1/posts/en", &[("if-none-match", &before)]).await;
    assert_eq!(again.status, 200, "what is beside it changed");
}

#[tokio::test]
async fn featured_posts_are_a_list() {
    let server = Server::start().await;
    let _ = called(&server, "other").await;
    let post = called(&server, "featured").await;
    set(&server, &post, "featured = true").await;
    assert_eq!(slugs(&server.get("/v1/posts?featured=true").await), ["featured"]);
    assert_eq!(slugs(&server.get("/v1/posts?featured=false").await), ["other"]);
    assert_eq!(server.get("/v1/posts?featured=perhaps").await.problem(), (422, "invalid"));
}
