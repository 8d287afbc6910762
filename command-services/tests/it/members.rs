//! People who log in.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Api, Letter, eventually};
use uuid::Uuid;

use crate::support::{Person, Server, person, unique};

/// None that is common.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A person who registered and logged in.
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// With the access token of the first log-in.
    pub(crate) api: Api,
    pub(crate) refresh_token: String,
    pub(crate) session: String,
}

/// What is asked to register with this name.
pub(crate) fn application(name: &str) -> Value {
    json!({"user_name": name, "email": format!("{name}@example.org"), "password": PASSWORD})
}

pub(crate) async fn anyone() -> Api {
    Server::shared().await.api()
}

pub(crate) async fn register(name: &str) -> Answer {
    anyone().await.post("/v1/register").json(&application(name)).send().await
}

pub(crate) async fn log_in(login: &str, password: &str) -> Answer {
    anyone().await.post("/v1/sessions").json(&json!({"login": login, "password": password})).send().await
}

pub(crate) async fn refresh(token: &str) -> Answer {
    anyone().await.post("/v1/sessions/refresh").json(&json!({"refresh_token": token})).send().await
}

/// Whether a token is believed by a command.
pub(crate) async fn writes(api: &Api) -> bool {
    let answer = api.post("/v1/posts").json(&json!({"title": "T", "slug": unique("written")})).send().await;
    assert!(answer.status == 201 || answer.status == 401, "{}", answer.text);
    answer.status == 201
}

pub(crate) async fn with_token(answer: &Answer) -> Api {
    anyone().await.with_token(answer.body["access_token"].as_str().unwrap())
}

pub(crate) async fn member() -> Member {
    let name = unique("mem");
    let id = register(&name).await.expect(201).id();
    let session = log_in(&name, PASSWORD).await.expect(201);
    let text = |field: &str| session.body[field].as_str().unwrap().to_owned();
    Member {
        id,
        email: format!("{name}@example.org"),
        name,
        api: with_token(&session).await,
        refresh_token: text("refresh_token"),
        session: text("session_id"),
    }
}

impl Member {
    /// A further session: its client, its tokens.
    pub(crate) async fn elsewhere(&self) -> (Api, Answer) {
        let answer = log_in(&self.name, PASSWORD).await.expect(201);
        (with_token(&answer).await, answer)
    }
}

/// The letter that comes to an address about something.
/// Another test's process may have taken it, and died: then it is sent when that one's time for it is over.
pub(crate) async fn letter(address: &str, subject: &str) -> Letter {
    let server = Server::shared().await;
    eventually(&format!("a letter about {subject}"), Duration::from_secs(90), async || {
        server.scope.letters(address).into_iter().find(|letter| letter.subject == subject)
    })
    .await
}

/// An author with an account, in both capacities.
pub(crate) async fn writer() -> (Member, Person) {
    let (member, admin) = (member().await, person(Uuid::new_v4(), &["admin"]).await);
    let _ = admin.api.put(&format!("/v1/accounts/{}/roles/author", member.id)).send().await.expect(200);
    let author = person(member.id.parse().unwrap(), &["author"]).await;
    (member, author)
}
