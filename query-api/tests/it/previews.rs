//! `/v1/previews/{token}` and `/v1/posts/{slug}/previews`.

use domain::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Author, Post, Preview, Server, TagName, working_copy};

const ADA: Uuid = Uuid::from_u128(1);
const BOB: Uuid = Uuid::from_u128(2);
const CAROL: Uuid = Uuid::from_u128(3);

/// Ada has a draft that Bob writes with her.
async fn server() -> (Server, Uuid) {
    let server = Server::start().await;
    for (id, name) in [(ADA, "ada"), (BOB, "bob"), (CAROL, "carol")] {
        Author::write(server.pool(), id, name, 1).await;
    }
    let draft = Post { co_authors: vec![BOB], tags: vec!["js"], ..Post::draft("draft") };
    let post = draft.write(server.pool()).await.id;
    (server, post)
}

async fn follow(server: &Server, token: &str) -> Answer {
    server.get(&format!("/v1/previews/{token}")).await
}

fn assert_kept_secret(answer: &Answer) {
    let kept = ["cache-control", "x-robots-tag", "referrer-policy"].map(|name| answer.header(name));
    assert_eq!(kept, ["private, no-store", "noindex", "no-referrer"], "{answer:?}");
}

#[tokio::test]
async fn who_has_the_link_reads_the_draft_without_an_account() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    TagName::write(server.pool(), "js", "javascript", "").await;
    let answer = follow(&server, Preview::TOKEN).await;
    assert_kept_secret(&answer);
    let person = |id, name: &str| json!({"id": id, "user_name": name, "display_name": format!("{name} v1")});
    let expected = json!({"title": "Title of draft", "summary": "A summary.", "tags": ["javascript"], "slug": "draft",
        "author": person(ADA, "ada"), "co_authors": [person(BOB, "bob")], "working_copy": false, "outdated": false,
        "cover": null, "updated_at": "2023-01-02T00:00:00.000Z", "expires_at": "2096-10-02T07:06:40.000Z",
        "language": null, "visibility": "public", "comments": "open", "custom_fields": {}, "translation_of": null,
        "body_html": "<p>Some <em>text</em>.</p>\n"});
    assert_eq!(answer.status, 200, "{answer:?}");
    for (name, expected) in expected.as_object().unwrap() {
        assert_eq!(&answer.body[name], expected, "{name}");
    }
    assert_eq!(server.get("/v1/posts/draft").await.status, 404);
}

#[tokio::test]
async fn where_there_is_a_working_copy_it_is_shown_over_the_post() {
    let (server, post) = server().await;
    let live = Post::called("live").write(server.pool()).await.id;
    let other = "b3RoZXIgbGlua3MgYXJlIG9mIG90aGVyIHNlY3JldHM";
    Preview::with(Preview::TOKEN).write(server.pool(), live).await;
    Preview::with(other).write(server.pool(), post).await;
    let change = json!({"title": "To be", "body": "A *new* text.", "summary": null, "tags": ["new"]});
    working_copy(server.pool(), live, &change).await;
    let shown = follow(&server, Preview::TOKEN).await.body;
    assert_eq!((&shown["title"], &shown["summary"], &shown["tags"]), (&json!("To be"), &json!(""), &json!(["new"])));
    assert_eq!((&shown["working_copy"], &shown["body_html"]), (&true.into(), &"<p>A <em>new</em> text.</p>\n".into()));
    assert_eq!(server.get("/v1/posts/live").await.body["title"], "Title of live", "readers see what is released");
    assert_eq!(follow(&server, other).await.body["working_copy"], false);
    // What is saved is shown at once.
    let sql = "UPDATE writing.working_copies SET change = '{\"body\": \"Newer.\"}', version = version + 1";
    sqlx::query(sql).execute(server.pool()).await.unwrap();
    let shown = follow(&server, Preview::TOKEN).await.body;
    assert_eq!((&shown["title"], &shown["body_html"]), (&json!("Title of live"), &json!("<p>Newer.</p>\n")));
}

/// Who was to look at it saw a mixture that no release would make, and was told nothing.
#[tokio::test]
async fn a_copy_beside_which_the_post_was_edited_says_so() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    let outdated = async || follow(&server, Preview::TOKEN).await.body["outdated"].clone();
    let edit = async |version: i64| {
        let sql = "UPDATE content.posts SET edited_version = $2, version = $2 WHERE post_id = $1";
        sqlx::query(sql).bind(post).bind(version).execute(server.pool()).await.unwrap();
    };
    edit(5).await;
    assert_eq!(outdated().await, false, "there is no copy");
    working_copy(server.pool(), post, &json!({"title": "To be"})).await;
    assert_eq!(outdated().await, true, "it was made to version 2");
    sqlx::query("UPDATE writing.working_copies SET base_version = 5").execute(server.pool()).await.unwrap();
    assert_eq!(outdated().await, false);
    edit(6).await;
    assert_eq!(outdated().await, true);
}

/// A copy of a title stays as it is while the post's text is edited.
#[tokio::test]
async fn where_a_copy_has_no_text_the_post_s_is_shown_as_it_is_by_now() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    working_copy(server.pool(), post, &json!({"title": "To be"})).await;
    assert_eq!(follow(&server, Preview::TOKEN).await.body["body_html"], "<p>Some <em>text</em>.</p>\n");
    let sql = "UPDATE content.posts SET body = 'Edited.', version = version + 1 WHERE post_id = $1";
    sqlx::query(sql).bind(post).execute(server.pool()).await.unwrap();
    let shown = follow(&server, Preview::TOKEN).await.body;
    assert_eq!((&shown["title"], &shown["body_html"]), (&json!("To be"), &json!("<p>Edited.</p>\n")));
}

/// What a preview calls a field of a working copy.
fn shown_as(field: &str) -> &str {
    match field {
        "body" => "body_html",
        "category_ids" => "categories",
        "co_author_ids" => "co_authors",
        field => field,
    }
}

/// A field that a copy can have, and that no preview shows, is one of which its reviewer learns nothing.
#[test]
fn each_field_that_a_working_copy_can_change_is_shown() {
    let document = |file: &str| -> Value {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let commands = document("../command-services/openapi.json");
    let change = commands["components"]["schemas"]["EditPost"]["properties"].as_object().unwrap().clone();
    let laid = a_copy_of_all();
    for field in change.keys() {
        assert!(laid.get(field).is_some(), "the copy of the next test has no {field}");
    }
}

/// A copy that changes all that it can.
fn a_copy_of_all() -> Value {
    json!({"title": "To be", "body": "A *new* text.", "summary": "New.", "tags": ["new"], "slug": "to-be",
        "co_author_ids": [CAROL], "category_ids": [], "originally_published_at": "2001-02-03T04:05:06Z",
        "canonical_url": "https://example.org/first", "cover": {"sha256": "a".repeat(64), "alt": "An engine",
        "focal_x": 10, "focal_y": 90}, "language": "de", "translation_of": ADA, "meta_title": "Found as",
        "meta_description": "Found by", "custom_fields": {"mood": "fine"}, "visibility": "members", "featured": true,
        "comments": "closed"})
}

#[tokio::test]
async fn a_preview_shows_all_that_its_working_copy_changes_and_takes_away() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    let before = follow(&server, Preview::TOKEN).await.body;
    let copy = a_copy_of_all();
    working_copy(server.pool(), post, &copy).await;
    let shown = follow(&server, Preview::TOKEN).await.body;
    for (field, value) in copy.as_object().unwrap() {
        let expected = match field.as_str() {
            "body" => json!("<p>A <em>new</em> text.</p>\n"),
            "co_author_ids" => json!([{"id": CAROL, "user_name": "carol", "display_name": "carol v1"}]),
            "originally_published_at" => json!("2001-02-03T04:05:06.000Z"),
            "cover" => json!({"url": null, "sha256": "a".repeat(64), "alt": "An engine", "focal_x": 10, "focal_y": 90}),
            _ => value.clone(),
        };
        assert_eq!(shown[shown_as(field)], expected, "{field}");
    }
    // What is null is taken away, whatever the post has.
    let taken = copy.as_object().unwrap().keys().filter(|name| !["slug", "title"].contains(&name.as_str()));
    let nothing: serde_json::Map<String, Value> = taken.map(|name| (name.clone(), Value::Null)).collect();
    sqlx::query("UPDATE writing.working_copies SET change = $1, version = version + 1")
        .bind(Value::Object(nothing).to_string())
        .execute(server.pool())
        .await
        .unwrap();
    let shown = follow(&server, Preview::TOKEN).await.body;
    for field in ["cover", "language", "canonical_url", "translation_of", "meta_title", "originally_published_at"] {
        assert_eq!(shown[field], Value::Null, "{field}");
    }
    for field in ["visibility", "featured", "comments", "custom_fields", "title"] {
        assert_eq!(shown[field], before[field], "{field}");
    }
    assert_eq!((&shown["tags"], &shown["summary"], &shown["body_html"]), (&json!([]), &json!(""), &json!("")));
}

#[tokio::test]
async fn a_preview_of_an_archived_post_says_that_it_takes_no_comments() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    working_copy(server.pool(), post, &json!({"comments": "open"})).await;
    assert_eq!(follow(&server, Preview::TOKEN).await.body["comments"], "open");
    let sql = "UPDATE content.posts SET published = true, archived = true WHERE post_id = $1";
    sqlx::query(sql).bind(post).execute(server.pool()).await.unwrap();
    assert_eq!(follow(&server, Preview::TOKEN).await.body["comments"], "closed");
}

#[tokio::test]
async fn a_link_that_is_not_good_is_not_told_from_one_that_never_was() {
    let (server, post) = server().await;
    let deleted = Post { deleted: true, ..Post::draft("deleted") }.write(server.pool()).await.id;
    let of_erased = Post { author: CAROL, ..Post::draft("erased") }.write(server.pool()).await.id;
    let sql = "UPDATE content.authors SET user_name = '~deleted-3' WHERE account_id = $1";
    sqlx::query(sql).bind(CAROL).execute(server.pool()).await.unwrap();
    let [revoked, expired, of_deleted, forgotten] = [
        "cmV2b2tlZC1yZXZva2VkLXJldm9rZWQtcmV2b2tlZC0",
        "ZXhwaXJlZC1leHBpcmVkLWV4cGlyZWQtZXhwaXJlZC0",
        "ZGVsZXRlZC1kZWxldGVkLWRlbGV0ZWQtZGVsZXRlZC0",
        "Zm9yZ290dGVuLWZvcmdvdHRlbi1mb3Jnb3R0ZW4tZm8",
    ];
    Preview { revoked: true, ..Preview::with(revoked) }.write(server.pool(), post).await;
    Preview { expires_at: 1_700_000_001, ..Preview::with(expired) }.write(server.pool(), post).await;
    Preview::with(of_deleted).write(server.pool(), deleted).await;
    Preview::with(forgotten).write(server.pool(), of_erased).await;
    let never = follow(&server, Preview::TOKEN).await;
    assert_eq!(never.problem(), (404, "not-found"));
    for token in [revoked, expired, of_deleted, forgotten, "short", "%00", &"x".repeat(3_000)] {
        let answer = follow(&server, token).await;
        assert_eq!((answer.status, &answer.body), (404, &never.body), "{token}");
        assert_kept_secret(&answer);
    }
}

/// Who gave a link knows it, and was shown the post because they wrote it.
#[tokio::test]
async fn with_a_co_author_who_leaves_end_the_links_that_they_gave() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    let run = async |sql: &'static str| {
        sqlx::query(sql).bind(post).bind(CAROL).execute(server.pool()).await.unwrap();
    };
    run("UPDATE content.previews SET given_by = $2 WHERE post_id = $1").await;
    run("UPDATE content.posts SET co_author_ids = ARRAY[$2] WHERE post_id = $1").await;
    run("INSERT INTO content.invitations VALUES ($2, $1, $2, false, '2000-01-01 UTC', 2)").await;
    assert_eq!(follow(&server, Preview::TOKEN).await.status, 200, "a co-author gave it");
    run("UPDATE content.posts SET co_author_ids = '{}' WHERE post_id = $1 AND $2 IS NOT NULL").await;
    run("UPDATE content.invitations SET since = now() WHERE post_id = $1 AND account_id = $2").await;
    assert_eq!(follow(&server, Preview::TOKEN).await.problem(), (404, "not-found"));
    let ended = async || {
        let listed = links(&server, ADA, &[], "/v1/posts/draft/previews").await;
        assert_eq!(ids(&listed).len(), 1, "it can be revoked");
        listed.body["previews"][0]["ended"] == true
    };
    assert!(ended().await);
    run("UPDATE content.posts SET co_author_ids = ARRAY[$2] WHERE post_id = $1").await;
    assert_eq!(follow(&server, Preview::TOKEN).await.status, 200, "they write it again");
    assert!(!ended().await);
}

/// Who gave a link as an editor does not lose it by being asked to write the post, whatever they answer.
#[tokio::test]
async fn an_editor_s_links_end_with_the_role_and_with_no_invitation() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    let run = async |sql: &'static str| {
        sqlx::query(sql).bind(post).bind(CAROL).execute(server.pool()).await.unwrap();
    };
    run("UPDATE content.previews SET given_by = $2 WHERE post_id = $1").await;
    let status = async || follow(&server, Preview::TOKEN).await.status;
    for roles in ["{editor}", "{reader,admin}"] {
        let sql = "UPDATE content.authors SET roles = $1::text[] WHERE account_id = $2";
        sqlx::query(sql).bind(roles).bind(CAROL).execute(server.pool()).await.unwrap();
        assert_eq!(status().await, 200, "{roles}");
    }
    run("INSERT INTO content.invitations VALUES ($2, $1, $2, true, now(), 2)").await;
    assert_eq!(status().await, 200, "is invited");
    run("UPDATE content.invitations SET open = false, since = now() WHERE post_id = $1 AND account_id = $2").await;
    assert_eq!(status().await, 200, "declined, or wrote it and left");
    run("UPDATE content.authors SET roles = '{reader}' WHERE account_id = $2 AND $1 IS NOT NULL").await;
    assert_eq!(follow(&server, Preview::TOKEN).await.problem(), (404, "not-found"));
    let listed = links(&server, ADA, &[], "/v1/posts/draft/previews").await;
    assert_eq!(listed.body["previews"][0]["ended"], true);
}

#[tokio::test]
async fn with_an_account_that_can_do_nothing_end_the_links_that_it_gave() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    let run = async |sql: &'static str| {
        sqlx::query(sql).bind(post).bind(BOB).execute(server.pool()).await.unwrap();
    };
    run("UPDATE content.previews SET given_by = $2 WHERE post_id = $1").await;
    let status = async || follow(&server, Preview::TOKEN).await.status;
    assert_eq!(status().await, 200, "Bob writes it");
    run("UPDATE content.authors SET deactivated = true WHERE account_id = $2 AND $1 IS NOT NULL").await;
    assert_eq!(status().await, 404);
    run("UPDATE content.authors SET deactivated = false WHERE account_id = $2 AND $1 IS NOT NULL").await;
    assert_eq!(status().await, 200, "it can act again");
    run("UPDATE content.authors SET user_name = '~deleted-2' WHERE account_id = $2 AND $1 IS NOT NULL").await;
    assert_eq!(status().await, 404);
}

/// A token of an operator's is of no account, whose roles could be known.
#[tokio::test]
async fn the_links_of_who_has_no_account_end_when_they_leave_the_post() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    let run = async |sql: &'static str| {
        sqlx::query(sql).bind(post).bind(Uuid::from_u128(9)).execute(server.pool()).await.unwrap();
    };
    run("UPDATE content.previews SET given_by = $2 WHERE post_id = $1").await;
    assert_eq!(follow(&server, Preview::TOKEN).await.status, 200);
    run("INSERT INTO content.invitations VALUES ($2, $1, $2, false, now(), 2)").await;
    assert_eq!(follow(&server, Preview::TOKEN).await.status, 404);
}

#[tokio::test]
async fn a_digest_is_no_token() {
    let (server, post) = server().await;
    Preview::with(Preview::TOKEN).write(server.pool(), post).await;
    let digest: String =
        sqlx::query_scalar("SELECT token_sha256 FROM content.previews").fetch_one(server.pool()).await.unwrap();
    assert_eq!(follow(&server, &digest).await.status, 404);
    assert_eq!(follow(&server, &digest[..43]).await.status, 404);
}

async fn links(server: &Server, reader: Uuid, roles: &[Role], path: &str) -> Answer {
    server.get_with(path, &[("authorization", &server.token(reader, roles))]).await
}

fn ids(answer: &Answer) -> Vec<Value> {
    let entries = answer.body["previews"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    entries.iter().map(|entry| entry["preview_id"].clone()).collect()
}

#[tokio::test]
async fn authors_and_editors_see_which_links_are_good_and_no_token() {
    let (server, post) = server().await;
    let link = |number, given_at| Preview { id: Uuid::from_u128(number), given_at, ..Preview::with(Preview::TOKEN) };
    link(7, 1_000).write(server.pool(), post).await;
    link(8, 2_000).write(server.pool(), post).await;
    Preview { revoked: true, ..link(9, 3_000) }.write(server.pool(), post).await;
    Preview { expires_at: 4_001, ..link(10, 4_000) }.write(server.pool(), post).await;
    let path = "/v1/posts/draft/previews";
    for (reader, roles) in [(ADA, &[][..]), (BOB, &[]), (CAROL, &[Role::Editor])] {
        let answer = links(&server, reader, roles, path).await;
        assert_eq!(ids(&answer), [json!(Uuid::from_u128(8)), json!(Uuid::from_u128(7))]);
        assert_eq!(answer.body["previews"][0]["given_by"]["user_name"], "ada");
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert!(!answer.body.to_string().contains(Preview::TOKEN));
    }
    assert_eq!(links(&server, CAROL, &[], path).await.problem(), (404, "not-found"));
    assert_eq!(server.get(path).await.problem(), (401, "unauthorized"));
    Post::called("live").write(server.pool()).await;
    let answer = links(&server, CAROL, &[], "/v1/posts/live/previews").await;
    assert_eq!(answer.problem(), (403, "not-the-author"));
}
