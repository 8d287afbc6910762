//! How much a caller may ask for.

use serde_json::{Value, json};
use testkit::{Answer, Api, Process};
use uuid::Uuid;

use crate::members::{PASSWORD, letter, member};
use crate::support::{Server, author, unique};

/// An instance that counts, before which a proxy stands; `exempt` is not counted.
async fn counting(exempt: Option<Uuid>) -> Process {
    let mut environment = Server::shared().await.scope.environment();
    let settings = [("INKLOG_QUOTA_FACTOR", "1"), ("INKLOG_TRUSTED_PROXIES", "127.0.0.1")];
    environment.extend(settings.map(|(name, value)| (name.into(), value.into())));
    environment.extend(exempt.map(|id| ("INKLOG_QUOTA_EXEMPT".into(), id.to_string())));
    let mut process = Process::start("command-services", &["all"], &environment);
    process.ready().await;
    process
}

async fn log_in(api: &Api, name: &str) -> Api {
    let body = json!({"login": name, "password": PASSWORD});
    let session = api.post("/v1/sessions").json(&body).send().await.expect(201);
    api.with_token(session.body["access_token"].as_str().unwrap())
}

async fn draft(api: &Api, network: &str) -> Answer {
    let body = json!({"title": "T", "slug": unique("quota")});
    api.post("/v1/posts").header("X-Forwarded-For", network).json(&body).send().await
}

/// How many posts are drafted before the first that is one too many, and what is said of that.
async fn drafts(api: &Api, network: &str) -> (usize, Answer) {
    let mut taken = 0;
    loop {
        let answer = draft(api, network).await;
        if answer.status == 429 {
            return (taken, answer.problem(429, "quota-exceeded"));
        }
        let _ = answer.expect(201);
        taken += 1;
    }
}

#[tokio::test]
async fn an_account_drafts_no_more_than_its_quota_and_more_once_its_address_is_confirmed() {
    let process = counting(None).await;
    let (api, member) = (Api::new(process.url()), member().await);
    let unconfirmed = log_in(&api, &member.name).await;
    let first = draft(&unconfirmed, "198.51.100.1").await.expect(201);
    assert!(first.header("ratelimit-policy").contains("\"drafts-per-account\";q=30;w=3600"), "{:?}", first.headers);
    assert!(first.header("ratelimit").contains("\"drafts-per-account\";r=29;"), "{:?}", first.headers);
    let (more, refused) = drafts(&unconfirmed, "198.51.100.1").await;
    assert_eq!(more, 29);
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((60..=120).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").contains("\"drafts-per-account\";r=0;"), "{:?}", refused.headers);
    assert_eq!(refused.body["violated-policies"], json!(["drafts-per-account"]));
    // Another network is no other account, and what is of another kind is not affected.
    let _ = draft(&unconfirmed, "198.51.100.2").await.problem(429, "quota-exceeded");
    let _ = unconfirmed.patch("/v1/me/preferences").json(&json!({"theme": "dark"})).send().await.expect(200);

    let token = letter(&member.email, "Please confirm your address").await.token();
    let _ = api.post("/v1/email/confirm").json(&json!({"token": token})).send().await.expect(200);
    let confirmed = log_in(&api, &member.name).await;
    let (more, _) = drafts(&confirmed, "198.51.100.1").await;
    assert_eq!(more, 240);
}

#[tokio::test]
async fn each_command_of_a_bulk_request_counts() {
    let process = counting(None).await;
    let (api, member) = (Api::new(process.url()), member().await);
    let unconfirmed = log_in(&api, &member.name).await;
    let line = |number| {
        let body = json!({"title": "T", "slug": unique("quota")});
        json!({"id": format!("{number}"), "method": "POST", "path": "/v1/posts", "body": body}).to_string()
    };
    let lines = (0..40).map(line).collect::<Vec<_>>().join("\n");
    let call = unconfirmed.post("/v1/bulk").header("Content-Type", "application/x-ndjson").body(lines);
    let answer = call.send().await.expect(200);
    let outcomes: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |status: u16| outcomes.iter().filter(move |outcome| outcome["status"] == status);
    assert_eq!((of(201).count(), of(429).count()), (30, 10), "{}", answer.text);
    assert!(of(429).all(|outcome| outcome["retry_after"].as_u64().is_some_and(|seconds| seconds >= 60)));
}

#[tokio::test]
async fn names_are_changed_seldom() {
    let process = counting(None).await;
    let (api, member) = (Api::new(process.url()), member().await);
    let api = log_in(&api, &member.name).await;
    let rename = async || api.post("/v1/me/user-name").json(&json!({"user_name": unique("renamed")})).send().await;
    for _ in 0..2 {
        let _ = rename().await.expect(200);
    }
    let refused = rename().await.problem(429, "quota-exceeded");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 3_600);
}

#[tokio::test]
async fn accounts_of_programs_are_not_counted_and_editors_draft_more() {
    let scope = &Server::shared().await.scope;
    let (program, editor) = (Uuid::new_v4(), Uuid::new_v4());
    let process = counting(Some(program)).await;
    let api = Api::new(process.url());
    for (id, role) in [(program, "author"), (editor, "editor")] {
        let api = api.with_token(&scope.keys.token(id, &[role]));
        for _ in 0..40 {
            let answer = draft(&api, "198.51.100.3").await.expect(201);
            assert_eq!(answer.header("ratelimit").is_empty(), id == program);
        }
    }
}

#[tokio::test]
async fn an_account_invites_few() {
    let process = counting(None).await;
    let (ada, bob) = (member().await, member().await);
    let api = log_in(&Api::new(process.url()), &ada.name).await;
    let draft = json!({"title": "T", "slug": unique("quota")});
    let post = api.post("/v1/posts").json(&draft).send().await.expect(201).id();
    let path = format!("/v1/posts/{post}/invitations");
    let invite = || api.post(&path).json(&json!({"account_id": bob.id})).send();
    for _ in 0..5 {
        let _ = invite().await.expect(200);
    }
    let refused = invite().await.problem(429, "quota-exceeded");
    assert_eq!(refused.body["violated-policies"], json!(["invitations-per-account"]));
}

#[tokio::test]
async fn an_account_reacts_no_more_than_its_quota_however_often_it_takes_it_back() {
    let process = counting(None).await;
    let (ada, author) = (member().await, author().await);
    let post = author.draft(&unique("quota")).await.expect(201).id();
    let _ = author.api.post(&format!("/v1/posts/{post}/publish")).send().await.expect(200);
    let api = log_in(&Api::new(process.url()), &ada.name).await;
    let path = format!("/v1/me/reactions/post/{post}/like");
    let mut taken = 0;
    let refused = loop {
        let call = if taken % 2 == 0 { api.put(&path) } else { api.delete(&path) };
        let answer = call.send().await;
        if answer.status == 429 {
            break answer.problem(429, "quota-exceeded");
        }
        let _ = answer.expect(200);
        taken += 1;
    };
    assert!((120..125).contains(&taken), "one more comes back every half minute: {taken}");
    assert_eq!(refused.body["violated-policies"], json!(["reactions-per-account"]));
    // What is of another kind is not affected.
    let _ = api.patch("/v1/me/preferences").json(&json!({"theme": "dark"})).send().await.expect(200);
}
