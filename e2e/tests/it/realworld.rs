//! The RealWorld interface, with two of everything: the Postman collection, and what it does not look at.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::stack::repository;
use testkit::{Answer, Api};

use crate::support::{System, is_there, unique};

const PASSWORD: &str = "correct horse battery staple";

/// A person at all gateways, in turn: what was written at one is read at the other.
struct Person {
    name: String,
    token: String,
}

fn token(answer: &Answer) -> String {
    answer.body["user"]["token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// The interface, at each gateway in turn.
struct Conduit {
    doors: Vec<Api>,
    turn: AtomicUsize,
}

impl Conduit {
    fn new(system: &System) -> Self {
        Self {
            doors: system.gateways.iter().map(|gateway| Api::new(gateway.url())).collect(),
            turn: AtomicUsize::new(0),
        }
    }

    fn api(&self) -> &Api {
        &self.doors[self.turn.fetch_add(1, Ordering::Relaxed) % self.doors.len()]
    }

    async fn ask(&self, method: &str, path: &str, who: Option<&Person>, body: Option<Value>) -> Answer {
        let (api, path) = (self.api(), format!("/api{path}"));
        let mut call = match method {
            "GET" => api.get(&path),
            "POST" => api.post(&path),
            "PUT" => api.put(&path),
            _ => api.delete(&path),
        };
        if let Some(person) = who {
            call = call.header("Authorization", &format!("Token {}", person.token));
        }
        if let Some(body) = &body {
            call = call.json(body);
        }
        call.send().await
    }

    async fn register(&self, stem: &str) -> Person {
        let name = unique(stem);
        let user = json!({"username": name, "email": format!("{name}@mail.example"), "password": PASSWORD});
        let answer = self.ask("POST", "/users", None, Some(json!({"user": user}))).await.expect(201);
        Person { token: token(&answer), name }
    }

    async fn write(&self, who: &Person, title: &str, tags: &[&str]) -> Value {
        let article = json!({"title": title, "description": "About.", "body": "*Text.*", "tagList": tags});
        let answer = self.ask("POST", "/articles", Some(who), Some(json!({"article": article}))).await.expect(201);
        answer.body["article"].clone()
    }

    async fn slugs(&self, path: &str, who: Option<&Person>) -> (Vec<String>, i64) {
        let answer = self.ask("GET", path, who, None).await.expect(200);
        let articles = answer.body["articles"].as_array().unwrap();
        assert!(articles.iter().all(|article| article.get("body").is_none()), "{}", answer.text);
        let slugs = articles.iter().map(|article| article["slug"].as_str().unwrap().to_owned()).collect();
        (slugs, answer.body["articlesCount"].as_i64().unwrap())
    }
}

#[track_caller]
fn refused(answer: &Answer, status: u16, what: &str, why: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["errors"][what][0], why, "{}", answer.text);
}

fn slug(article: &Value) -> &str {
    article["slug"].as_str().unwrap()
}

async fn system() -> System {
    let mut system = System::doubled().await;
    system.open_gateway().await;
    system
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_postman_collection_passes() {
    if !["node", "npm"].iter().all(|program| is_there(program, "that RealWorld's Postman collection passes")) {
        return;
    }
    let beside = || repository().join("../shared/realworld/Conduit.postman_collection.json");
    let collection = std::env::var_os("INKLOG_CONDUIT").map_or_else(beside, PathBuf::from);
    if !collection.is_file() {
        eprintln!("skipped: there is no Postman collection of RealWorld; set INKLOG_CONDUIT to its file");
        return;
    }
    let system = system().await;
    let mut command = Command::new(repository().join("e2e/conduit/run-collection"));
    command.arg(system.door()).env("PASSWORD", PASSWORD).env("INKLOG_CONDUIT", collection);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let Output { status, stdout, stderr } = output;
    assert!(status.success(), "{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_what_the_contract_says_of_them() {
    let system = system().await;
    let conduit = Conduit::new(&system);
    let ada = conduit.register("ada").await;
    // A new account writes at once.
    let _ = conduit.write(&ada, "At once", &[]).await;

    let email = format!("{}@mail.example", ada.name);
    let another =
        |user_name: &str, email: &str| json!({"user": {"username": user_name, "email": email, "password": PASSWORD}});
    let taken = conduit.ask("POST", "/users", None, Some(another(&ada.name, "new@mail.example"))).await;
    refused(&taken, 409, "username", "has already been taken");
    let taken = conduit.ask("POST", "/users", None, Some(another(&unique("eve"), &email))).await;
    refused(&taken, 409, "email", "has already been taken");
    let blank = conduit.ask("POST", "/users", None, Some(json!({"user": {"username": "", "email": null}}))).await;
    for field in ["username", "email", "password"] {
        refused(&blank, 422, field, "can't be blank");
    }

    let log_in = |email: &str, password: &str| json!({"user": {"email": email, "password": password}});
    let wrong = conduit.ask("POST", "/users/login", None, Some(log_in(&email, "another password"))).await;
    refused(&wrong, 401, "credentials", "invalid");
    refused(&conduit.ask("GET", "/user", None, None).await, 401, "token", "is missing");
    let stray = Person { name: String::new(), token: "a.b.c".into() };
    refused(&conduit.ask("GET", "/user", Some(&stray), None).await, 401, "token", "is invalid");

    // What is absent stays, null and nothing empty what may be empty.
    let update = async |user: Value| conduit.ask("PUT", "/user", Some(&ada), Some(json!({"user": user}))).await;
    let user = update(json!({"bio": "Counts.", "image": "https://pictures.example/ada.png"})).await.expect(200);
    assert_eq!(user.body["user"]["bio"], "Counts.");
    let user = update(json!({"bio": ""})).await.expect(200);
    assert_eq!((&user.body["user"]["bio"], user.body["user"]["image"].is_string()), (&Value::Null, true));
    let user = update(json!({"image": null})).await.expect(200);
    assert_eq!(user.body["user"]["image"], Value::Null);
    refused(&update(json!({"email": null})).await, 422, "email", "can't be blank");
    refused(&update(json!({"username": " "})).await, 422, "username", "can't be blank");

    // Another password and address: the token goes on, and the new ones log in at once.
    let (name, email) = (unique("countess"), format!("{}@mail.example", unique("countess")));
    let user = update(json!({"password": "another horse battery staple", "email": email, "username": name})).await;
    let user = user.expect(200);
    assert_eq!((&user.body["user"]["email"], &user.body["user"]["username"]), (&json!(email), &json!(name)));
    let current = conduit.ask("GET", "/user", Some(&ada), None).await.expect(200);
    assert_eq!(current.body["user"]["email"], email);
    let again = conduit.ask("POST", "/users/login", None, Some(log_in(&email, "another horse battery staple"))).await;
    assert_eq!(again.expect(200).body["user"]["username"], name);
    let _ = conduit.ask("GET", &format!("/profiles/{name}"), None, None).await.expect(200);
    let bob = conduit.register("bob").await;
    let taken = conduit.ask("PUT", "/user", Some(&bob), Some(json!({"user": {"email": email}}))).await;
    refused(&taken, 409, "email", "has already been taken");
    let taken = conduit.ask("PUT", "/user", Some(&bob), Some(json!({"user": {"username": name}}))).await;
    refused(&taken, 409, "username", "has already been taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_next_sees_what_was_written() {
    let system = system().await;
    let conduit = Conduit::new(&system);
    let (ada, bob) = (conduit.register("ada").await, conduit.register("bob").await);
    let tag = unique("tag");
    let path = |slug: &str| format!("/articles/{slug}");
    let profile = format!("/profiles/{}", ada.name);
    let followed = conduit.ask("POST", &format!("{profile}/follow"), Some(&bob), Some(json!({}))).await.expect(200);
    assert_eq!(followed.body["profile"]["following"], true);
    for round in 0..10 {
        let article = conduit.write(&ada, "The same title", &["zebra", &tag, "apple"]).await;
        let read = conduit.ask("GET", &path(slug(&article)), None, None).await.expect(200);
        assert_eq!(read.body["article"], article, "{round}");
        assert_eq!(article["tagList"], json!(["apple", tag, "zebra"]), "as the collection has them");
        let count = round + 1;
        let by_tag = conduit.slugs(&format!("/articles?tag={tag}&limit=1"), None).await;
        assert_eq!(by_tag, (vec![slug(&article).to_owned()], count));
        assert_eq!(conduit.slugs("/articles/feed?limit=1", Some(&bob)).await, by_tag);
        assert_eq!(conduit.slugs(&format!("/articles?author={}&limit=1", ada.name), None).await, by_tag);
        let tags = conduit.ask("GET", "/tags", None, None).await.expect(200);
        assert!(tags.body["tags"].as_array().unwrap().contains(&json!(tag)), "{}", tags.text);

        let favorite = format!("{}/favorite", path(slug(&article)));
        let favored = conduit.ask("POST", &favorite, Some(&bob), None).await.expect(200);
        let given = (&favored.body["article"]["favorited"], &favored.body["article"]["favoritesCount"]);
        assert_eq!(given, (&json!(true), &json!(1)));
        assert_eq!(favored.body["article"]["author"]["following"], true);
        assert_eq!(favored.body["article"]["createdAt"], article["createdAt"]);
        let favorites = format!("/articles?favorited={}", bob.name);
        assert_eq!(conduit.slugs(&favorites, None).await.1, 1);
        let _ = conduit.ask("DELETE", &favorite, Some(&bob), None).await.expect(200);
        assert_eq!(conduit.slugs(&favorites, None).await.1, 0);

        let edited = json!({"article": {"title": "Another", "tagList": []}});
        let edited = conduit.ask("PUT", &path(slug(&article)), Some(&ada), Some(edited)).await.expect(200);
        assert_eq!(
            (&edited.body["article"]["title"], &edited.body["article"]["tagList"]),
            (&json!("Another"), &json!([]))
        );
        assert_eq!(edited.body["article"]["body"], "*Text.*");
        let back = json!({"article": {"tagList": [tag]}});
        let _ = conduit.ask("PUT", &path(slug(&edited.body["article"])), Some(&ada), Some(back)).await.expect(200);
    }
    let (slugs, _) = conduit.slugs(&format!("/articles?tag={tag}"), None).await;
    for slug in &slugs {
        assert_eq!(conduit.ask("DELETE", &path(slug), Some(&ada), None).await.expect(204).text, "");
        refused(&conduit.ask("GET", &path(slug), None, None).await, 404, "article", "not found");
    }
    assert_eq!(conduit.slugs(&format!("/articles?tag={tag}"), None).await, (vec![], 0));
    assert_eq!(conduit.slugs("/articles/feed", Some(&bob)).await.1, 0);
    let tags = conduit.ask("GET", "/tags", None, None).await.expect(200);
    assert!(!tags.body["tags"].as_array().unwrap().contains(&json!(tag)), "{}", tags.text);
    let _ = conduit.ask("DELETE", &format!("{profile}/follow"), Some(&bob), None).await.expect(200);
    let seen = conduit.ask("GET", &profile, Some(&bob), None).await.expect(200);
    assert_eq!(seen.body["profile"]["following"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn articles_and_comments_are_refused_in_the_order_of_the_contract() {
    let system = system().await;
    let conduit = Conduit::new(&system);
    let (ada, eve) = (conduit.register("ada").await, conduit.register("eve").await);
    let article = conduit.write(&ada, "Refused", &[]).await;
    let path = format!("/articles/{}", slug(&article));
    let (blank, change) = (json!({"article": {"title": ""}}), json!({"article": {"title": "Mine"}}));

    // 401 before 404, 404 before 403, 403 before 422.
    for (method, path) in [("PUT", "/articles/nowhere"), ("DELETE", path.as_str()), ("POST", "/articles")] {
        refused(&conduit.ask(method, path, None, Some(change.clone())).await, 401, "token", "is missing");
    }
    refused(
        &conduit.ask("PUT", "/articles/nowhere", Some(&eve), Some(blank.clone())).await,
        404,
        "article",
        "not found",
    );
    for body in [&change, &blank] {
        refused(&conduit.ask("PUT", &path, Some(&eve), Some(body.clone())).await, 403, "article", "forbidden");
    }
    refused(&conduit.ask("PUT", &path, Some(&ada), Some(blank)).await, 422, "title", "can't be blank");
    refused(&conduit.ask("DELETE", &path, Some(&eve), None).await, 403, "article", "forbidden");
    let blank =
        conduit.ask("POST", "/articles", Some(&ada), Some(json!({"article": {"title": "T", "body": null}}))).await;
    refused(&blank, 422, "body", "can't be blank");
    refused(&blank, 422, "description", "can't be blank");

    let comments = format!("{path}/comments");
    let say = |text: &str| json!({"comment": {"body": text}});
    refused(&conduit.ask("POST", &comments, None, Some(say("Hm."))).await, 401, "token", "is missing");
    let nowhere = conduit.ask("POST", "/articles/nowhere/comments", Some(&eve), Some(say(""))).await;
    refused(&nowhere, 404, "article", "not found");
    refused(&conduit.ask("POST", &comments, Some(&eve), Some(say(" "))).await, 422, "body", "can't be blank");
    let first = conduit.ask("POST", &comments, Some(&eve), Some(say("First."))).await.expect(201);
    let first = &first.body["comment"];
    assert_eq!(
        (first["id"].is_i64(), &first["body"], &first["author"]["username"]),
        (true, &json!("First."), &json!(eve.name))
    );
    let all = conduit.ask("GET", &comments, None, None).await.expect(200);
    assert_eq!(all.body["comments"], json!([first]));
    let one = format!("{comments}/{}", first["id"]);
    refused(&conduit.ask("DELETE", &one, None, None).await, 401, "token", "is missing");
    refused(&conduit.ask("DELETE", &one, Some(&ada), None).await, 403, "comment", "forbidden");
    for missing in ["99", "nothing"] {
        let missing = conduit.ask("DELETE", &format!("{comments}/{missing}"), Some(&eve), None).await;
        refused(&missing, 404, "comment", "not found");
    }
    let _ = conduit.ask("DELETE", &one, Some(&eve), Some(json!({"stray": true}))).await.expect(204);
    refused(&conduit.ask("DELETE", &one, Some(&eve), None).await, 404, "comment", "not found");
    assert_eq!(conduit.ask("GET", &comments, None, None).await.expect(200).body["comments"], json!([]));
    refused(&conduit.ask("GET", "/profiles/nobody-is-called-so", None, None).await, 404, "profile", "not found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_front_ends_send_besides_does_no_harm() {
    let system = system().await;
    let conduit = Conduit::new(&system);
    let ada = conduit.register("ada").await;
    let article = conduit.write(&ada, "Sent", &["Angular JS"]).await;
    assert_eq!(article["tagList"], json!(["angular-js"]));
    let millis =
        |at: &Value| at.as_str().is_some_and(|at| at.len() == "2026-01-02T03:04:05.678Z".len() && at.ends_with('Z'));
    assert!(millis(&article["createdAt"]) && millis(&article["updatedAt"]), "{article}");
    assert_eq!(conduit.slugs("/articles?author=nobody-is-called-so", None).await, (vec![], 0));
    assert_eq!(conduit.slugs("/articles?tag=nothing-has-this&tag=", None).await, (vec![], 0));
    let all = conduit.slugs("/articles?limit=5000&author=", None).await.1;
    assert_eq!(conduit.slugs("/articles?offset=4000000000", None).await, (vec![], all));
    assert_eq!(conduit.slugs("/articles/?limit=0", None).await, (vec![], all));
    let wrong = conduit.ask("GET", "/articles?limit=many", None, None).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);

    let path = format!("/api/articles/{}/", slug(&article));
    let api = conduit.api();
    for authorization in ["Token undefined", "Token null", "Token "] {
        let _ = api.get(&path).header("Authorization", authorization).send().await.expect(200);
    }
    let empty = api.get(&path).header("Content-Type", "application/json").body(Vec::new());
    let _ = empty.send().await.expect(200);
    let bearer = api.get("/api/user").header("Authorization", &format!("Bearer {}", ada.token));
    assert_eq!(bearer.send().await.expect(200).body["user"]["token"], ada.token);
    let favorite = api.post(&format!("{path}favorite")).header("Authorization", &format!("Token {}", ada.token));
    let _ = favorite.header("Content-Type", "application/json").body(Vec::new()).send().await.expect(200);
    let nothing = api.get("/api/nothing").send().await.expect(404);
    assert!(nothing.body["errors"].is_object(), "{}", nothing.text);
    let not_so = api.put("/api/tags").send().await.expect(405);
    assert_eq!(not_so.header("allow"), "GET, HEAD, OPTIONS");
    // No service takes the token of a session for another.
    let native = api.get("/v1/me/preferences").header("Authorization", &format!("Bearer {}", ada.token));
    let _ = native.send().await.problem(401, "unauthorized");
}

/// Who writes articles without rest, and reads each by another gateway.
struct Steady {
    conduit: Arc<Conduit>,
    person: Person,
    written: u32,
    /// How often they were to come back.
    later: u32,
}

impl Steady {
    /// The one way in which a request may fail is that it is told when to come back.
    async fn ask(&mut self, method: &str, path: &str, body: Option<Value>) -> Answer {
        loop {
            let answer = self.conduit.ask(method, path, Some(&self.person), body.clone()).await;
            if answer.status != 503 {
                return answer;
            }
            assert!(!answer.header("retry-after").is_empty(), "{:?}", answer.headers);
            self.later += 1;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn go_on(mut self, ending: Arc<AtomicBool>) -> Self {
        while !ending.load(Ordering::Relaxed) {
            let article = json!({"article": {"title": "On a bad day", "description": "About.", "body": "Text."}});
            let article = self.ask("POST", "/articles", Some(article)).await.expect(201).body["article"].clone();
            let path = format!("/articles/{}", slug(&article));
            assert_eq!(self.ask("GET", &path, None).await.expect(200).body["article"], article);
            let (comments, hm) = (format!("{path}/comments"), json!({"comment": {"body": "Hm."}}));
            let said = self.ask("POST", &comments, Some(hm)).await.expect(201).body["comment"].clone();
            let all = self.ask("GET", &comments, None).await.expect(200).body["comments"].clone();
            assert!(all.as_array().unwrap().contains(&said), "{all}");
            let favored = self.ask("POST", &format!("{path}/favorite"), None).await.expect(200);
            assert_eq!(favored.body["article"]["favoritesCount"], 1);
            self.written += 1;
        }
        self
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_die_in_turn_and_what_was_answered_is_there_for_the_next_reader() {
    let mut system = system().await;
    let (conduit, ending) = (Arc::new(Conduit::new(&system)), Arc::new(AtomicBool::new(false)));
    let mut writers = Vec::new();
    for _ in 0..3 {
        let (conduit, person) = (Arc::clone(&conduit), conduit.register("steady").await);
        let steady = Steady { conduit, person, written: 0, later: 0 };
        writers.push(tokio::spawn(steady.go_on(Arc::clone(&ending))));
    }
    for process in system.commands.iter_mut().chain(&mut system.readers) {
        process.kill();
        tokio::time::sleep(Duration::from_secs(3)).await;
        process.start_again();
        process.ready().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    ending.store(true, Ordering::Relaxed);
    let (mut written, mut later) = (0, 0);
    for writer in writers {
        let one = writer.await.expect("no writer was answered anything else");
        (written, later) = (written + one.written, later + one.later);
    }
    assert!(written > 20 && later < 5 * written, "{written} articles, and {later} answers that said when to come back");
}
