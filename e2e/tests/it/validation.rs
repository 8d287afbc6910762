//! What the gateway refuses it refuses as the service behind it does, and what a service takes it passes on.

use serde_json::{Value, json};
use testkit::{Answer, Api};
use uuid::Uuid;

use crate::support::{System, unique};

const ID: &str = "0190a1b2-0000-7000-8000-000000000001";
const NOTHING: [(&str, &str); 0] = [];

/// A request that is wrong in one way.
struct Wrong {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
}

fn wrong(method: &'static str, path: impl Into<String>, headers: &[(&'static str, &'static str)], body: &str) -> Wrong {
    Wrong { method, path: path.into(), headers: headers.to_vec(), body: body.as_bytes().to_vec() }
}

fn wrong_json(method: &'static str, path: impl Into<String>, body: &Value) -> Wrong {
    wrong(method, path, &[("Content-Type", "application/json")], &body.to_string())
}

fn wrong_commands() -> Vec<Wrong> {
    let json = [("Content-Type", "application/json")];
    let with = |name: &str, value: Value| {
        let mut post = json!({"title": "T", "slug": unique("wrong")});
        post[name] = value;
        wrong_json("POST", "/v1/posts", &post)
    };
    vec![
        wrong_json("POST", "/v1/posts", &json!({})),
        with("title", json!("")),
        with("title", json!(null)),
        with("title", json!("a".repeat(301))),
        with("nothing", json!(1)),
        with("a/b~c", json!(1)),
        with("visibility", json!("secret")),
        with("tags", json!(["a", "No tag"])),
        with("author_id", json!("me")),
        with("language", json!(7)),
        with("cover", json!({"url": "https://example.org/a.png", "alt": 1})),
        wrong_json("PUT", format!("/v1/posts/{ID}/schedule"), &json!({"at": 5})),
        wrong("DELETE", "/v1/posts/mine", &NOTHING, ""),
        wrong("DELETE", format!("/v1/posts/{ID}"), &[("Idempotency-Key", "a b")], ""),
        wrong("POST", "/v1/posts", &NOTHING, "{}"),
        wrong("POST", "/v1/posts", &[("Content-Type", "text/plain")], "{}"),
        wrong("POST", "/v1/posts", &[("Content-Type", "application/merge-patch+json")], "{}"),
        wrong("POST", "/v1/posts", &json, ""),
        wrong("POST", "/v1/posts", &json, " \r\n"),
        wrong("POST", "/v1/posts", &json, "{\"title\": "),
        wrong("POST", "/v1/posts", &json, "{\"title\": \"T\"} and more"),
        wrong_json("POST", "/v1/register", &json!({"user_name": "a", "email": "a@example.org", "password": "short"})),
        wrong_json("POST", "/v1/sessions/refresh", &json!({"refresh_token": "short"})),
        wrong_json("POST", format!("/v1/comments/{ID}"), &json!({"text": ""})),
        wrong_json("PUT", "/v1/moderation/filters", &json!({"most_links": -1})),
    ]
}

fn wrong_queries() -> Vec<Wrong> {
    let paths = [
        "/v1/posts?limit=0",
        "/v1/posts?limit=many",
        "/v1/posts?limit=101&featured=maybe",
        "/v1/posts?cursor=!",
        "/v1/posts?tag=No%20tag",
        "/v1/posts?position=!",
        "/v1/popular?limit=5000",
        "/v1/me/posts?state=lost",
        "/v1/moderation/cases/nothing",
        "/v1/media/nothing",
    ];
    paths.into_iter().map(|path| wrong("GET", path, &NOTHING, "")).collect()
}

async fn asked(api: &Api, wrong: &Wrong) -> Answer {
    let call = api.call(wrong.method.parse().unwrap(), &wrong.path).body(wrong.body.clone());
    wrong.headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send().await
}

/// Status, type, and where the request is wrong.
fn told(answer: &Answer) -> (u16, String, Vec<String>) {
    let place =
        |error: &Value| error["pointer"].as_str().or(error["parameter"].as_str()).unwrap_or_default().to_owned();
    let mut places: Vec<String> = answer.body["errors"].as_array().into_iter().flatten().map(place).collect();
    places.sort();
    (answer.status, answer.body["type"].to_string(), places)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_sees_no_difference_between_the_gateways_no_and_a_services() {
    let system = System::behind_gateway(1).await;
    let token = system.scope.keys.token(Uuid::new_v4(), &["admin"]);
    let at = |url: &str| Api::new(url).with_token(&token).held_to_documents();
    let gateway = at(system.door());
    for (service, all) in [(&system.commands[0], wrong_commands()), (&system.readers[1], wrong_queries())] {
        let service = at(service.url());
        for wrong in all {
            let (here, there) = (asked(&gateway, &wrong).await, asked(&service, &wrong).await);
            let what = format!("{} {} {}", wrong.method, wrong.path, String::from_utf8_lossy(&wrong.body));
            assert!((400..500).contains(&there.status), "{what}: {} {}", there.status, there.text);
            assert_eq!(told(&here), told(&there), "{what}\n{}\n{}", here.text, there.text);
            assert_eq!(here.header("content-type"), there.header("content-type"), "{what}");
        }
    }
    let refused = Api::new(system.gateways[0].metrics_url()).get("/metrics").send().await.expect(200).text;
    let mut counts = refused.lines().filter(|line| line.starts_with("inklog_gateway_refused_total{"));
    assert!(counts.any(|line| line.contains(r#"problem="invalid""#)), "it was not the gateway that said it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_ask_is_told_so_first() {
    let system = System::behind_gateway(1).await;
    let stranger = Api::new(system.door()).held_to_documents();
    let reader = system.person(Uuid::new_v4(), "reader");
    let nothing = json!({});
    let _ = stranger.post("/v1/posts").json(&nothing).send().await.problem(401, "unauthorized");
    let _ = reader.api().post("/v1/posts").json(&nothing).send().await.problem(403, "forbidden");
    let _ = system.author().api().post("/v1/posts").json(&nothing).send().await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_where_none_belongs_does_no_harm() {
    let system = System::behind_gateway(1).await;
    let author = system.author();
    for (media_type, body) in [("application/json", ""), ("application/json", "{}"), ("text/plain", "stray")] {
        let id = author.draft(&unique("stray"), &[]).await.id();
        let publish = author.api().post(&format!("/v1/posts/{id}/publish"));
        let _ = publish.header("Content-Type", media_type).body(body).send().await.expect(200);
        let list = system.reader().get("/v1/posts").header("Content-Type", media_type).body(body);
        let _ = list.send().await.expect(200);
    }
}
