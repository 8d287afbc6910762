//! A command API in memory: upserts, versions, unique names, idempotency keys; and troubles on demand.

mod state;

use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::{Value, json};

pub(crate) use state::{Kind, State};

/// What may go wrong on purpose.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Troubles {
    /// Every nth request gets 503.
    pub(crate) busy_every: Option<u64>,
    /// Every nth request is done, and the reply is 504.
    pub(crate) lost_every: Option<u64>,
    /// What `Retry-After` says.
    pub(crate) retry_after: Option<u64>,
    /// From which request on the token is not accepted.
    pub(crate) unauthorized_from: Option<u64>,
    /// Posts with this word in the title are refused.
    pub(crate) refused_word: Option<&'static str>,
}

/// A running fake; it stops when dropped.
pub(crate) struct Fake {
    url: String,
    state: Arc<Mutex<State>>,
    handle: actix_web::dev::ServerHandle,
}

impl Fake {
    /// Starts one.
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let data = web::Data::from(state.clone());
        let app = move || {
            App::new().app_data(data.clone()).app_data(web::PayloadConfig::new(4 << 20)).default_service(web::to(serve))
        };
        let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { url, state, handle }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What it holds.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Makes trouble from now on, counting requests from here.
    pub(crate) fn trouble(&self, troubles: Troubles) {
        let mut state = self.state();
        (state.troubles, state.requests) = (troubles, 0);
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn serve(request: HttpRequest, body: Bytes, state: web::Data<Mutex<State>>) -> HttpResponse {
    if request.path() == "/v1/bulk" {
        return bulk(&request, &body, &state);
    }
    let (status, reply, retry_after) = one(&request, &body, &state);
    let mut response = HttpResponse::build(status);
    if let Some(seconds) = retry_after {
        response.insert_header(("Retry-After", seconds.to_string()));
    }
    response.json(reply)
}

/// Every line is a request of its own, answered in another order.
fn bulk(request: &HttpRequest, body: &[u8], state: &web::Data<Mutex<State>>) -> HttpResponse {
    assert_eq!(header(request, "content-type"), Some("application/x-ndjson"));
    let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    assert!(lines.len() <= 500, "{}", lines.len());
    state.lock().unwrap().bulks.push(lines.len());
    let mut outcomes: Vec<String> =
        (1..).zip(lines).map(|(number, line)| outcome(request, number, line, state)).collect();
    outcomes.reverse();
    HttpResponse::Ok().content_type("application/x-ndjson").body(outcomes.concat())
}

fn outcome(bulk: &HttpRequest, number: usize, line: &[u8], state: &web::Data<Mutex<State>>) -> String {
    let line: Value = serde_json::from_slice(line).unwrap();
    let text = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{name} of {line}"));
    let mut request = TestRequest::with_uri(text("path")).method(text("method").parse().unwrap());
    request = request.insert_header(("idempotency-key", text("id")));
    request = request.insert_header(("authorization", header(bulk, "authorization").unwrap()));
    if let Some(if_match) = line["if_match"].as_str() {
        request = request.insert_header(("if-match", if_match));
    }
    let mut body = String::new();
    if !line["body"].is_null() {
        request = request.insert_header(("content-type", "application/json"));
        body = line["body"].to_string();
    }
    let (status, reply, retry_after) = one(&request.to_http_request(), body.as_bytes(), state);
    let (id, status) = (text("id"), status.as_u16());
    let outcome = json!({"line": number, "id": id, "status": status, "retry_after": retry_after, "body": reply});
    format!("{outcome}\n")
}

/// The answer to a request: status, body, and what `Retry-After` says.
fn one(request: &HttpRequest, body: &[u8], state: &Mutex<State>) -> (StatusCode, Value, Option<u64>) {
    let mut state = state.lock().unwrap();
    state.requests += 1;
    let (troubles, number) = (state.troubles, state.requests);
    let nth = |every: Option<u64>| every.is_some_and(|every| number % every == 0);
    let authorized =
        header(request, "authorization").is_some_and(|value| value == format!("Bearer {}", crate::folder::token()));
    if !authorized || troubles.unauthorized_from.is_some_and(|from| number >= from) {
        return (StatusCode::UNAUTHORIZED, problem("unauthorized", "the token has expired"), None);
    }
    if nth(troubles.busy_every) {
        return (StatusCode::SERVICE_UNAVAILABLE, problem("overloaded", "busy"), troubles.retry_after);
    }
    let (status, reply) = answer(&mut state, request, body);
    if nth(troubles.lost_every) {
        return (StatusCode::GATEWAY_TIMEOUT, problem("outcome-unknown", "ask again"), None);
    }
    (status, reply, None)
}

fn answer(state: &mut State, request: &HttpRequest, body: &[u8]) -> (StatusCode, Value) {
    let key = header(request, "idempotency-key").expect("every command of the importer has a key").to_owned();
    let payload = format!("{} {} {}", request.method(), request.path(), String::from_utf8_lossy(body));
    if let Some((first, status, reply)) = state.applied.get(&key) {
        assert_eq!(*first, payload, "a key is used for one request only");
        return (*status, reply.clone());
    }
    let events = state.events.len();
    let if_match = header(request, "if-match").filter(|text| *text != "*");
    let if_match = if_match.map(|text| text.trim_matches('"').parse().expect("a version"));
    let parts: Vec<_> = request.path().split('/').skip(1).collect();
    let (status, reply) = match (request.method(), parts.as_slice()) {
        (&Method::PUT, ["v1", "accounts", id]) => state.put(Kind::Account, id, if_match, json_of(request, body)),
        (&Method::PUT, ["v1", "posts", id]) => state.put(Kind::Post, id, if_match, json_of(request, body)),
        (&Method::POST, ["v1", "categories"]) => state.create_category(json_of(request, body)),
        (&Method::PATCH, ["v1", kind @ ("accounts" | "posts"), id]) => {
            assert_eq!(
                (header(request, "if-match"), body),
                (Some("*"), b"{}".as_slice()),
                "all that the importer asks"
            );
            state.name_of(if *kind == "posts" { Kind::Post } else { Kind::Account }, id)
        }
        (method @ (&Method::PUT | &Method::DELETE), ["v1", "posts", id, what @ ("schedule" | "expiry")]) => {
            let at = (method == Method::PUT).then(|| json_of(request, body)["at"].as_str().unwrap().to_owned());
            state.set_time(id, what, at)
        }
        (&Method::POST, ["v1", "posts", id, verb @ ("publish" | "unpublish")]) => {
            assert!(body.is_empty(), "{verb} has no body");
            state.set_published(id, *verb == "publish")
        }
        (&Method::POST, ["v1", "media"]) => {
            assert_eq!(header(request, "content-type"), Some("application/octet-stream"));
            state.bring(body)
        }
        _ => (StatusCode::NOT_FOUND, problem("not-found", "there is nothing here")),
    };
    if state.events.len() > events {
        state.applied.insert(key, (payload, status, reply.clone()));
    }
    (status, reply)
}

fn json_of(request: &HttpRequest, body: &[u8]) -> Value {
    assert_eq!(header(request, "content-type"), Some("application/json"));
    serde_json::from_slice(body).expect("the body is JSON")
}

fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}

/// A problem document.
pub(crate) fn problem(name: &str, detail: &str) -> Value {
    json!({"type": format!("urn:inklog:problem:{name}"), "title": name, "detail": detail})
}
