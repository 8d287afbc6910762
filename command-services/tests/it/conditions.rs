//! `If-Match` and `If-None-Match` (RFC 9110, 13), on every route that takes them.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::members::{PASSWORD, member};
use crate::support::{author, editor, person, unique};

/// What no request may be done on that demands one of these.
const NOT_THERE: [&str; 6] = ["*", "\"1\"", "\"0\"", "W/\"1\"", "\"unknown\"", "\"1\", \"2\""];

/// A request on something, and who may make it.
struct Case {
    method: Method,
    /// As the document has it.
    route: &'static str,
    path: String,
    body: Value,
    api: Api,
}

impl Case {
    fn new(method: Method, route: &'static str, id: &str, body: Value, api: &Api) -> Self {
        let path = route.replace("{id}", id).replace("{post_id}", id).replace("{role}", "author");
        let path = path.replace("{tag}", &format!("tag-{id}")).replace("{synonym}", &format!("synonym-{id}"));
        let nil = Uuid::nil().to_string();
        let path = path.replace("{account_id}", &nil).replace("{preview_id}", &nil);
        let path = path.replace("{slug}", "a-former-one").replace("{sha256}", id).replace("{number}", "1");
        let path = path.replace("{series_id}", id).replace("{category_id}", id);
        let path = path.replace("{kind}", "like").replace("{place}", "link");
        let path = path.replace("{case}", id).replace("{ruling}", "1");
        Self { method, route, path, body, api: api.clone() }
    }

    async fn with(&self, header: &str, value: &str) -> Answer {
        let call = self.api.call(self.method.clone(), &self.path).header(header, value);
        let call = if self.body.is_null() { call } else { call.json(&self.body) };
        call.send().await
    }
}

fn post_body() -> Value {
    json!({"title": "A title", "slug": unique("conditional")})
}

/// Requests on a post with this id.
fn on_post(id: &str, api: &Api) -> Vec<Case> {
    let case = |method, route, body| Case::new(method, route, id, body, api);
    vec![
        case(Method::PUT, "/v1/posts/{id}", post_body()),
        case(Method::PATCH, "/v1/posts/{id}", json!({"title": "Another"})),
        case(Method::POST, "/v1/posts/{id}/publish", Value::Null),
        case(Method::POST, "/v1/posts/{id}/unpublish", Value::Null),
        case(Method::DELETE, "/v1/posts/{id}", Value::Null),
        case(Method::POST, "/v1/posts/{id}/restore", Value::Null),
        case(Method::PUT, "/v1/posts/{id}/schedule", json!({"at": "2099-01-01T00:00:00Z"})),
        case(Method::DELETE, "/v1/posts/{id}/schedule", Value::Null),
        case(Method::PUT, "/v1/posts/{id}/expiry", json!({"at": "2099-02-01T00:00:00Z"})),
        case(Method::DELETE, "/v1/posts/{id}/expiry", Value::Null),
        case(Method::PUT, "/v1/posts/{id}/archive", Value::Null),
        case(Method::DELETE, "/v1/posts/{id}/archive", Value::Null),
        case(Method::DELETE, "/v1/posts/{id}/slugs/{slug}", Value::Null),
        case(Method::POST, "/v1/posts/{id}/previews", json!({"expires_at": "2099-01-01T00:00:00Z"})),
        case(Method::DELETE, "/v1/posts/{id}/previews/{preview_id}", Value::Null),
        case(Method::POST, "/v1/posts/{id}/review", json!({"what": "post"})),
        case(Method::DELETE, "/v1/posts/{id}/review", Value::Null),
    ]
}

/// Requests of an editor on a post with this id.
fn on_review(id: &str, editor: &Api) -> Vec<Case> {
    let case = |method, route, body| Case::new(method, route, id, body, editor);
    vec![
        case(Method::POST, "/v1/posts/{id}/review/approve", json!({"what": "post"})),
        case(Method::POST, "/v1/posts/{id}/review/request-changes", json!({"note": "Why?"})),
    ]
}

/// Requests on the comments on a post with this id, of who wrote the first.
fn on_comments(id: &str, writer: &Api) -> Vec<Case> {
    let case = |method, route, body| Case::new(method, route, id, body, writer);
    vec![
        case(Method::POST, "/v1/comments/{post_id}", json!({"text": "Another."})),
        case(Method::PATCH, "/v1/comments/{post_id}/{number}", json!({"text": "Another."})),
        case(Method::DELETE, "/v1/comments/{post_id}/{number}", Value::Null),
    ]
}

/// Requests of a moderator on a case with this id.
fn on_case(id: &str, moderator: &Api) -> Vec<Case> {
    let case = |method, route, body| Case::new(method, route, id, body, moderator);
    let decision = json!({"measure": "hide", "rule": "spam", "explanation": "Why."});
    let (lift, answer) = (json!({"explanation": "Why."}), json!({"upheld": true, "explanation": "Why."}));
    vec![
        case(Method::PUT, "/v1/moderation/{case}/claim", Value::Null),
        case(Method::DELETE, "/v1/moderation/{case}/claim", Value::Null),
        case(Method::POST, "/v1/moderation/{case}/decisions", decision),
        case(Method::POST, "/v1/moderation/{case}/dismissal", json!({})),
        case(Method::POST, "/v1/moderation/{case}/rulings/{ruling}/lift", lift),
        case(Method::POST, "/v1/moderation/{case}/rulings/{ruling}/answer", answer),
    ]
}

/// Requests of an account about whether it blocks another.
fn on_block(other: &str, account: &Api) -> Vec<Case> {
    let route = "/v1/me/blocks/{account_id}";
    let path = format!("/v1/me/blocks/{other}");
    let case = |method| Case { path: path.clone(), ..Case::new(method, route, other, Value::Null, account) };
    vec![case(Method::PUT), case(Method::DELETE)]
}

/// Requests on a series with this id, some about a post.
fn on_series(id: &str, post: &str, owner: &Api) -> Vec<Case> {
    let case = |method, route, body| Case::new(method, route, id, body, owner);
    let about_post = |method| {
        let route = "/v1/series/{id}/posts/{post_id}";
        Case { path: format!("/v1/series/{id}/posts/{post}"), ..case(method, route, Value::Null) }
    };
    vec![
        case(Method::PATCH, "/v1/series/{id}", json!({"title": "Another"})),
        about_post(Method::PUT),
        about_post(Method::DELETE),
        case(Method::PUT, "/v1/series/{id}/order", json!({"post_ids": []})),
        case(Method::DELETE, "/v1/series/{id}", Value::Null),
    ]
}

/// Requests on the working copy of a post with this id, which has versions of its own.
fn on_working_copy(id: &str, api: &Api) -> Vec<Case> {
    let case = |method, route, body| Case::new(method, route, id, body, api);
    vec![
        case(Method::PUT, "/v1/working-copies/{id}", json!({"change": {"title": "Another"}})),
        case(Method::DELETE, "/v1/working-copies/{id}", Value::Null),
        case(Method::POST, "/v1/working-copies/{id}/release", Value::Null),
    ]
}

/// Requests on who writes a post with this id, of its owner about an account.
fn on_co_authors(id: &str, account: &str, owner: &Api) -> Vec<Case> {
    let case = |method, route, body| Case::new(method, route, id, body, owner);
    vec![
        case(Method::POST, "/v1/posts/{id}/invitations", json!({"account_id": account})),
        case(Method::DELETE, "/v1/posts/{id}/invitations/{account_id}", Value::Null),
        case(Method::DELETE, "/v1/posts/{id}/co-authors/{account_id}", Value::Null),
        case(Method::POST, "/v1/posts/{id}/hand-over", json!({"account_id": account})),
    ]
}

/// Requests of an account that reacts to a post with this id, or shared it.
fn on_marks(id: &str, reader: &Api) -> Vec<Case> {
    const REACTION: &str = "/v1/me/reactions/post/{post_id}/{kind}";
    const COMMENT: &str = "/v1/me/reactions/comment/{post_id}/{number}/{kind}";
    const SHARE: &str = "/v1/me/shares/post/{post_id}/{place}";
    let case = |method, route| Case::new(method, route, id, Value::Null, reader);
    vec![
        case(Method::PUT, REACTION),
        case(Method::DELETE, REACTION),
        case(Method::PUT, COMMENT),
        case(Method::DELETE, COMMENT),
        case(Method::PUT, SHARE),
        case(Method::DELETE, SHARE),
    ]
}

/// Requests of an account that follows a tag, and a series with this id.
fn on_interests(id: &str, reader: &Api) -> Vec<Case> {
    let case = |method, route| Case::new(method, route, id, Value::Null, reader);
    let routes = ["/v1/me/following/tags/{tag}", "/v1/me/following/series/{series_id}"];
    routes.into_iter().flat_map(|route| [case(Method::PUT, route), case(Method::DELETE, route)]).collect()
}

/// Requests of an account that follows a category with this id.
fn on_category(id: &str, reader: &Api) -> Vec<Case> {
    let case = |method| Case::new(method, "/v1/me/following/categories/{category_id}", id, Value::Null, reader);
    vec![case(Method::PUT), case(Method::DELETE)]
}

/// Requests of an account that is invited to a post with this id.
fn on_invitation(id: &str, invited: &Api) -> Vec<Case> {
    let routes = ["/v1/me/invitations/{post_id}/accept", "/v1/me/invitations/{post_id}/decline"];
    routes.map(|route| Case::new(Method::POST, route, id, Value::Null, invited)).into()
}

/// Requests of an admin on an account with this id.
fn on_account(id: &str, admin: &Api) -> Vec<Case> {
    let case = |method, route, body| Case::new(method, route, id, body, admin);
    vec![
        case(Method::PUT, "/v1/accounts/{id}", json!({"user_name": unique("conditional")})),
        case(Method::PATCH, "/v1/accounts/{id}", json!({"bio": "Words."})),
        case(Method::PUT, "/v1/accounts/{id}/roles/{role}", Value::Null),
        case(Method::DELETE, "/v1/accounts/{id}/roles/{role}", Value::Null),
        case(Method::POST, "/v1/accounts/{id}/reactivate", Value::Null),
    ]
}

async fn category() -> String {
    let body = json!({"name": unique("conditional")});
    editor().await.api.post("/v1/categories").json(&body).send().await.expect(201).id()
}

async fn published() -> String {
    let author = author().await;
    let id = author.post().await;
    let _ = author.api.post(&format!("/v1/posts/{id}/publish")).send().await.expect(200);
    id
}

/// Requests on what is not there, of every route on which that can be.
async fn on_nothing() -> Vec<Case> {
    let (stranger, admin) = (person(Uuid::new_v4(), &["author"]).await, person(Uuid::new_v4(), &["admin"]).await);
    let (ada, bob) = (member().await, member().await);
    let (id, post) = (Uuid::new_v4().to_string(), published().await);
    let mut cases = on_post(&id, &stranger.api);
    cases.extend(on_working_copy(&id, &stranger.api));
    cases.extend(on_review(&id, &admin.api));
    cases.extend(on_account(&id, &admin.api));
    cases.extend(on_co_authors(&id, &bob.id, &stranger.api));
    cases.extend(on_invitation(&id, &ada.api));
    let answered = published().await;
    let comment = json!({"text": "First."});
    let _ = ada.api.post(&format!("/v1/comments/{answered}")).json(&comment).send().await.expect(201);
    cases.extend(on_marks(&answered, &ada.api));
    cases.extend(on_comments(&post, &ada.api));
    cases.extend(on_case(&format!("comment:{answered}:1"), &admin.api));
    cases.extend(on_block(&bob.id, &ada.api));
    let writer = author().await;
    cases.extend(on_series(&id, &writer.post().await, &writer.api));
    let series = writer.api.post("/v1/series").json(&json!({"title": "A title"})).send().await.expect(201).id();
    cases.extend(on_interests(&series, &ada.api));
    cases.extend(on_category(&category().await, &ada.api));
    cases.extend([
        Case::new(Method::POST, "/v1/posts", "", json!({"title": "A title"}), &stranger.api),
        Case::new(Method::POST, "/v1/series", "", json!({"title": "A title"}), &stranger.api),
        Case::new(Method::POST, "/v1/accounts", "", json!({"user_name": unique("conditional")}), &stranger.api),
        Case::new(Method::PATCH, "/v1/me/preferences", "", json!({"theme": "dark"}), &stranger.api),
        Case::new(Method::PUT, "/v1/me/bookmarks/{post_id}", &post, Value::Null, &ada.api),
        Case::new(Method::DELETE, "/v1/me/bookmarks/{post_id}", &post, Value::Null, &ada.api),
        Case::new(Method::PUT, "/v1/media/{sha256}/alt", &"a".repeat(64), json!({"alt": "x"}), &stranger.api),
        Case::new(Method::DELETE, "/v1/media/{sha256}", &"a".repeat(64), Value::Null, &stranger.api),
        Case::new(Method::PUT, "/v1/me/following/{id}", &bob.id, Value::Null, &ada.api),
        Case::new(Method::DELETE, "/v1/me/following/{id}", &bob.id, Value::Null, &ada.api),
    ]);
    cases
}

/// Requests on what is there, of every route, and the version that is there.
async fn on_something() -> Vec<(Case, u64)> {
    let admin = person(Uuid::new_v4(), &["admin"]).await;
    let (writer, ada, bob) = (author().await, member().await, member().await);
    let (id, post) = (writer.post().await, published().await);
    let of_ada = ada.api.put(&format!("/v1/me/bookmarks/{post}")).send().await.expect(200).version();
    let to_bob = ada.api.put(&format!("/v1/me/following/{}", bob.id)).send().await.expect(200).version();
    let comment = ada.api.post(&format!("/v1/comments/{post}")).json(&json!({"text": "One."}));
    let commented = comment.send().await.expect(201).version();
    let mut cases: Vec<_> = on_post(&id, &writer.api).into_iter().map(|case| (case, 1)).collect();
    let reported = format!("comment:{post}:1");
    let report = bob.api.put(&format!("/v1/me/reports/{reported}")).json(&json!({"rule": "spam"}));
    let _ = report.send().await.expect(200);
    cases.extend(on_case(&reported, &admin.api).into_iter().map(|case| (case, 1)));
    // Whom Ada follows blocks another: who is blocked follows no more.
    let blocked = member().await.id;
    assert_eq!(bob.api.put(&format!("/v1/me/blocks/{blocked}")).send().await.expect(200).version(), 1);
    cases.extend(on_block(&blocked, &bob.api).into_iter().map(|case| (case, 1)));
    cases.extend(on_comments(&post, &ada.api).into_iter().map(|case| (case, commented)));
    cases.extend(on_account(&ada.id, &admin.api).into_iter().map(|case| (case, 1)));
    cases.extend(on_review(&id, &admin.api).into_iter().map(|case| (case, 1)));
    let copy = json!({"change": {"title": "To be"}, "base_version": 1});
    let copy = writer.api.put(&format!("/v1/working-copies/{id}")).json(&copy).send().await.expect(200).version();
    cases.extend(on_working_copy(&id, &writer.api).into_iter().map(|case| (case, copy)));
    let together = writer.post().await;
    let body = json!({"account_id": bob.id});
    let _ = writer.api.post(&format!("/v1/posts/{together}/invitations")).json(&body).send().await.expect(200);
    cases.extend(on_co_authors(&together, &bob.id, &writer.api).into_iter().map(|case| (case, 2)));
    cases.extend(on_invitation(&together, &bob.api).into_iter().map(|case| (case, 2)));
    let series = writer.api.post("/v1/series").json(&json!({"title": "A title"})).send().await.expect(201).id();
    let category = category().await;
    for what in [format!("series/{series}"), format!("tags/tag-{series}"), format!("categories/{category}")] {
        assert_eq!(ada.api.put(&format!("/v1/me/following/{what}")).send().await.expect(200).version(), 1);
    }
    cases.extend(on_interests(&series, &ada.api).into_iter().map(|case| (case, 1)));
    cases.extend(on_category(&category, &ada.api).into_iter().map(|case| (case, 1)));
    cases.extend(on_series(&series, &id, &writer.api).into_iter().map(|case| (case, 1)));
    for mark in ["reactions/post/{post}/like", "reactions/comment/{post}/1/like", "shares/post/{post}/link"] {
        let path = format!("/v1/me/{}", mark.replace("{post}", &post));
        assert_eq!(ada.api.put(&path).send().await.expect(200).version(), 1);
    }
    cases.extend(on_marks(&post, &ada.api).into_iter().map(|case| (case, 1)));
    let name = json!({"user_name": unique("renamed")});
    let text = writer.api.post("/v1/media").body(unique("text")).send().await.expect(201);
    let text = text.body["sha256"].as_str().unwrap().to_owned();
    cases.extend([
        (Case::new(Method::POST, "/v1/accounts", "", json!({"user_name": ada.name}), &ada.api), 1),
        (Case::new(Method::PATCH, "/v1/me/preferences", "", json!({"theme": "dark"}), &ada.api), 1),
        (Case::new(Method::POST, "/v1/me/user-name", "", name, &ada.api), 1),
        (Case::new(Method::POST, "/v1/me/deactivate", "", json!({"current_password": PASSWORD}), &ada.api), 1),
        (Case::new(Method::PUT, "/v1/me/bookmarks/{post_id}", &post, Value::Null, &ada.api), of_ada),
        (Case::new(Method::DELETE, "/v1/me/bookmarks/{post_id}", &post, Value::Null, &ada.api), of_ada),
        (Case::new(Method::PUT, "/v1/media/{sha256}/alt", &text, json!({"alt": "x"}), &writer.api), 1),
        (Case::new(Method::DELETE, "/v1/media/{sha256}", &text, Value::Null, &writer.api), 1),
        (Case::new(Method::PUT, "/v1/me/following/{id}", &bob.id, Value::Null, &ada.api), to_bob),
        (Case::new(Method::DELETE, "/v1/me/following/{id}", &bob.id, Value::Null, &ada.api), to_bob),
    ]);
    cases
}

/// Requests on what all have in common, and other tests change meanwhile: its version is not known here.
async fn on_what_is_shared() -> Vec<Case> {
    let (editor, admin) = (editor().await, person(Uuid::new_v4(), &["admin"]).await);
    // Something, where there is nothing yet: what another test has said stays.
    let filters = admin.api.put("/v1/moderation/filters").header("If-None-Match", "*");
    let set = filters.json(&json!({"words": ["conditional"]})).send().await;
    assert!(set.status == 200 || set.status == 412, "{}", set.text);
    let made = editor.api.post("/v1/categories").json(&json!({"name": unique("conditional")})).send().await;
    let id = made.expect(201).id();
    let _ = editor.api.put(&format!("/v1/tags/{}", unique("tag"))).json(&json!({"description": "x"})).send().await;
    let case = |method, route, body| Case::new(method, route, &id, body, &editor.api);
    vec![
        case(Method::POST, "/v1/categories", json!({"name": unique("conditional")})),
        case(Method::PUT, "/v1/categories/order", json!({"category_ids": [id], "parent_id": id})),
        case(Method::PATCH, "/v1/categories/{id}", json!({"name": "Renamed"})),
        case(Method::DELETE, "/v1/categories/{id}", Value::Null),
        case(Method::POST, "/v1/categories/{id}/move", json!({"parent_id": null})),
        case(Method::POST, "/v1/categories/{id}/merge", json!({"into_id": id})),
        case(Method::PUT, "/v1/tags/{tag}", json!({"description": "x"})),
        case(Method::POST, "/v1/tags/{tag}/rename", json!({"new_name": unique("conditional")})),
        case(Method::POST, "/v1/tags/{tag}/merge", json!({"into_tag": unique("conditional")})),
        case(Method::PUT, "/v1/tags/{tag}/synonyms/{synonym}", Value::Null),
        case(Method::DELETE, "/v1/tags/{tag}/synonyms/{synonym}", Value::Null),
        Case::new(Method::PUT, "/v1/moderation/filters", "", json!({"words": ["conditional"]}), &admin.api),
    ]
}

#[tokio::test]
async fn what_is_shared_does_not_fit_what_it_is_not() {
    for case in on_what_is_shared().await {
        for (header, value) in [("If-None-Match", "*"), ("If-Match", "\"999999\""), ("If-Match", "\"unknown\"")] {
            let answer = case.with(header, value).await;
            let said = format!("{} {} {header}: {value}: {}", case.method, case.route, answer.body);
            assert_eq!((answer.status, answer.body["version"].is_u64()), (412, true), "{said}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_fits_no_if_match() {
    let conflict = json!("urn:inklog:problem:version-conflict");
    for case in on_nothing().await {
        for value in NOT_THERE {
            let answer = case.with("If-Match", value).await;
            let said = format!("{} {} {value}: {}", case.method, case.route, answer.body);
            assert_eq!((answer.status, &answer.body["type"]), (412, &conflict), "{said}");
        }
    }
}

#[tokio::test]
async fn what_is_there_does_not_fit_a_star_that_must_not_be_nor_another_version() {
    for (case, version) in on_something().await {
        let present = format!("\"{version}\"");
        for (header, value) in [
            ("If-None-Match", "*"),
            ("If-None-Match", &present),
            ("If-None-Match", &format!("W/{present}")),
            ("If-Match", "\"99\""),
            ("If-Match", "\"98\", \"99\""),
            ("If-Match", &format!("W/{present}")),
            ("If-Match", "\"unknown\""),
        ] {
            let answer = case.with(header, value).await;
            let said = format!("{} {} {header}: {value}: {}", case.method, case.route, answer.body);
            assert_eq!((answer.status, answer.body["version"].as_u64()), (412, Some(version)), "{said}");
        }
    }
}

#[tokio::test]
async fn what_is_as_demanded_is_done() {
    let writer = author().await;
    let id = Uuid::new_v4().to_string();
    let [put, edit, publish, ..] = &on_post(&id, &writer.api)[..] else { unreachable!() };
    let _ = put.with("If-None-Match", "*").await.expect(201);
    let _ = put.with("If-None-Match", "*").await.problem(412, "version-conflict");
    assert_eq!(edit.with("If-Match", "\"7\", \"1\"").await.expect(200).version(), 2);
    assert_eq!(publish.with("If-Match", "*").await.expect(200).version(), 3);
    let again = Case::new(Method::POST, "/v1/posts/{id}/unpublish", &id, Value::Null, &writer.api);
    assert_eq!(again.with("If-None-Match", "\"1\", \"2\"").await.expect(200).version(), 4);
}

#[tokio::test]
async fn an_address_is_taken_of_the_version_that_is_named() {
    let ada = member().await;
    let body = json!({"email": format!("{}@mail.example", unique("taken")), "current_password": PASSWORD});
    let take = |header: &'static str, value: &'static str| {
        ada.api.put("/v1/me/email").json(&body).header(header, value).send()
    };
    let _ = take("If-Match", "\"99\"").await.problem(412, "version-conflict");
    let _ = take("If-None-Match", "*").await.problem(412, "version-conflict");
    assert_eq!(take("If-Match", "\"1\"").await.expect(200).version(), 2);
}

#[tokio::test]
async fn every_route_that_takes_conditions_is_tried() {
    let document: Value = serde_json::from_str(&command_services::openapi::document()).unwrap();
    let tried: Vec<(String, &str)> = (on_something().await.into_iter())
        .map(|(case, _)| case)
        .chain(on_what_is_shared().await)
        .map(|case| (case.method.as_str().to_ascii_lowercase(), case.route))
        // What it makes is not there before.
        .chain([("post".to_owned(), "/v1/posts"), ("post".to_owned(), "/v1/series")])
        // It sends letters, and so it is not asked as often as the others: below.
        .chain([("put".to_owned(), "/v1/me/email")])
        .collect();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
            let takes = parameters.iter().any(|parameter| parameter["name"] == "If-Match");
            assert_eq!(takes, tried.iter().any(|tried| *tried == (method.clone(), path)), "{method} {path}");
        }
    }
}
