//! What a post has beside its text: cover, language, custom fields, visibility, and the like.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Person, Server, author, editor, unique};

fn about() -> Value {
    json!({
        "title": "מכונות", "slug": unique("about"), "summary": "מה מכונות יכולות.",
        "canonical_url": "https://example.org/a", "language": "he", "meta_title": "על מכונות",
        "cover": {"url": "https://example.org/a.jpg", "alt": "מכונה", "focal_x": 0},
        "meta_description": "תיאור", "custom_fields": {"rating": 4.5, "deck": "مرحبا بالعالم"},
        "visibility": "unlisted", "comments": "closed",
    })
}

/// The texts of the last event of a post, as they are in the log.
async fn last_event(id: &str) -> String {
    let log = Server::shared().await.posts().await;
    let event = log.events().filter(|event| event.key == id).last().unwrap();
    String::from_utf8_lossy(&event.value).into_owned()
}

async fn drafted(person: &Person, body: &Value) -> String {
    person.api.post("/v1/posts").json(body).send().await.expect(201).id()
}

#[tokio::test]
async fn all_that_a_post_has_is_in_its_event() {
    let person = author().await;
    let event = last_event(&drafted(&person, &about()).await).await;
    for text in [
        "https://example.org/a",
        "https://example.org/a.jpg",
        "מכונה",
        "he",
        "על מכונות",
        "תיאור",
        r#"{"deck":"مرحبا بالعالم","rating":4.5}"#,
        "unlisted",
        "closed",
    ] {
        assert!(event.contains(text), "{text}: {event}");
    }
}

#[tokio::test]
async fn null_takes_it_away_and_a_put_without_it_keeps_it() {
    let (person, body) = (author().await, about());
    let id = drafted(&person, &body).await;
    let path = format!("/v1/posts/{id}");
    let put = json!({"title": body["title"], "slug": body["slug"], "summary": body["summary"]});
    assert!(!person.api.put(&path).json(&put).if_match(1).send().await.expect(200).changed());
    let change = json!({"cover": null, "language": "ar", "custom_fields": {}, "visibility": null});
    let _ = person.api.patch(&path).json(&change).if_match(1).send().await.expect(200);
    let event = last_event(&id).await;
    for text in ["cover_image", "cover_alt", "cover_focal_x", "cover_focal_y", "visibility", "ar", "{}"] {
        assert!(event.contains(text), "{text}: {event}");
    }
}

#[tokio::test]
async fn what_breaks_its_rule_is_named() {
    let person = author().await;
    for (field, value, pointer) in [
        ("language", json!("the English one"), "/language"),
        ("language", json!("e"), "/language"),
        ("canonical_url", json!("javascript:alert(1)"), "/canonical_url"),
        ("canonical_url", json!(""), "/canonical_url"),
        ("cover", json!({"url": "https://a.org/a", "sha256": "5a".repeat(32)}), "/cover"),
        ("cover", json!({"alt": "nothing"}), "/cover"),
        ("meta_title", json!("photo\u{202e}gpj"), "/meta_title"),
        ("meta_description", json!("x".repeat(501)), "/meta_description"),
        ("visibility", json!("secret"), "/visibility"),
        ("comments", json!(true), "/comments"),
        ("custom_fields", json!(["a"]), "/custom_fields"),
        ("custom_fields", json!({"rating": 6}), "/custom_fields/rating"),
        ("custom_fields", json!({"links": [{"url": "https://a.org"}, {"title": "b"}]}), "/custom_fields/links/1"),
        ("custom_fields", json!({"colour": "red"}), "/custom_fields"),
        ("custom_fields", json!({"deck": "x".repeat(16_384)}), "/custom_fields"),
        ("translation_of", json!(Uuid::new_v4()), "/translation_of"),
    ] {
        let mut body = json!({"title": "T"});
        body[field] = value;
        let answer = person.api.post("/v1/posts").json(&body).send().await.problem(422, "invalid");
        assert_eq!(answer.pointer(), pointer, "{body}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_for_its_size() {
    let body = json!({"title": "T", "custom_fields": {"deck": "x".repeat(10 << 20)}});
    let _ = author().await.api.post("/v1/posts").json(&body).send().await.problem(413, "body-too-large");
}

#[tokio::test]
async fn a_translation_names_a_post_that_its_author_may_edit() {
    let (ada, bob) = (author().await, author().await);
    let original = drafted(&ada, &about()).await;
    let translation = json!({"title": "Machines", "translation_of": original});
    let refused = bob.api.post("/v1/posts").json(&translation).send().await.problem(422, "invalid");
    assert_eq!(refused.pointer(), "/translation_of");
    let id = drafted(&ada, &translation).await;
    assert!(last_event(&id).await.contains(&original));
    let _ = drafted(&editor().await, &translation).await;
    let path = format!("/v1/posts/{original}");
    let itself = ada.api.patch(&path).json(&json!({"translation_of": original})).if_match(1).send().await;
    assert_eq!(itself.problem(422, "invalid").pointer(), "/translation_of");
}

#[tokio::test]
async fn only_editors_feature_posts() {
    let (ada, editor) = (author().await, editor().await);
    let id = drafted(&ada, &json!({"title": "T"})).await;
    let (path, change) = (format!("/v1/posts/{id}"), json!({"featured": true}));
    let _ = ada.api.patch(&path).json(&change).if_match(1).send().await.problem(403, "forbidden");
    let _ = editor.api.patch(&path).json(&change).if_match(1).send().await.expect(200);
    assert_eq!(Server::shared().await.posts().await.story(&id), ["Drafted", "Edited"]);
}
