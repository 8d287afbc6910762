//! What the tests share: the server, and people with tokens.

use std::sync::LazyLock;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use testkit::{Answer, Api, Log, Process, Scope};
use tokio::sync::OnceCell;
use uuid::Uuid;

static SERVER: OnceCell<Server> = OnceCell::const_new();
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&command_services::openapi::document()).unwrap());

/// The one server; every test has people, slugs and names of its own.
pub(crate) struct Server {
    pub(crate) scope: Scope,
    process: Process,
}

impl Server {
    pub(crate) async fn shared() -> &'static Self {
        let start = async || {
            let scope = Scope::with_vault().await;
            let mut process = scope.start("command-services", &["all"]);
            process.ready().await;
            Self { scope, process }
        };
        SERVER.get_or_init(start).await
    }

    /// A client without a token. Every answer it gets must be in the OpenAPI document, and as that has it.
    pub(crate) fn api(&self) -> Api {
        Api::new(self.process.url()).observed_by(documented).held_to_documents()
    }

    /// A client of its metrics.
    pub(crate) fn metrics(&self) -> Api {
        Api::new(self.process.metrics_url())
    }

    /// What it has logged.
    pub(crate) fn logged(&self) -> String {
        self.process.logged()
    }

    /// Its host and port.
    pub(crate) fn address(&self) -> &str {
        self.process.url().trim_start_matches("http://")
    }

    /// What the topic of posts holds by now.
    pub(crate) async fn posts(&self) -> Log {
        self.scope.log("posts").await
    }
}

/// A person with a token.
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) api: Api,
}

pub(crate) async fn author() -> Person {
    person(Uuid::new_v4(), &["author"]).await
}

pub(crate) async fn editor() -> Person {
    person(Uuid::new_v4(), &["editor"]).await
}

pub(crate) async fn person(id: Uuid, roles: &[&str]) -> Person {
    let server = Server::shared().await;
    Person { id, api: server.api().with_token(&server.scope.keys.token(id, roles)) }
}

impl Person {
    /// Drafts a post with this slug.
    pub(crate) async fn draft(&self, slug: &str) -> Answer {
        self.api.post("/v1/posts").json(&json!({"title": "A title", "slug": slug})).send().await
    }

    /// A post that is there: its id.
    pub(crate) async fn post(&self) -> String {
        self.draft(&unique("post")).await.expect(201).id()
    }
}

/// A name that no other test has.
pub(crate) fn unique(stem: &str) -> String {
    format!("{stem}-{}", &Uuid::new_v4().simple().to_string()[..12])
}

/// Every status that a route is seen to answer is in the document.
fn documented(method: &Method, path: &str, status: u16, headers: &HeaderMap) {
    let path = path.split('?').next().unwrap();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let Some((template, item)) = paths.iter().find(|(template, _)| fits(template, path)) else { return };
    let operation = &item[method.as_str().to_ascii_lowercase()];
    if operation.is_object() {
        let response = &operation["responses"][status.to_string()];
        assert!(response.is_object(), "{method} {template} answered {status}, which its document does not say");
        for name in ["ETag", "Inklog-Position", "Location"].into_iter().filter(|name| headers.contains_key(*name)) {
            let response = response["$ref"].as_str().map_or(response, |at| DOCUMENT.pointer(&at[1..]).unwrap());
            assert!(response["headers"][name].is_object(), "{method} {template}, {status}: {name} is not documented");
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t.starts_with('{') || t == p)
}

/// Where the server stores pictures and files.
pub(crate) fn media_folder() -> std::path::PathBuf {
    SERVER.get().expect("it was started").scope.keys.media_folder()
}
