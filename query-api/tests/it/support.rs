mod database;
mod fixtures;
mod proxy;

use std::io::Read as _;
use std::thread::JoinHandle;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::Value;
use service_kit::auth::{KeyPair, PrivateKey, TokenNames, mint};
use service_kit::{Shutdown, server};
use sqlx::PgPool;
use uuid::Uuid;

use database::{TestDatabase, environment};
pub(crate) use fixtures::{
    Author, Category, Comment, Follow, LOG, Post, Preview, Series, TagName, review, working_copy,
};
pub(crate) use proxy::Proxy;

pub(crate) struct Server {
    url: String,
    client: Client,
    shutdown: Shutdown,
    running: Option<JoinHandle<anyhow::Result<()>>>,
    keys: KeyPair,
    database: TestDatabase,
    pub(crate) redis_prefix: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
    pub(crate) bytes: usize,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The status, and the end of the problem's type.
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        (self.status, self.body["type"].as_str().unwrap().rsplit(':').next().unwrap())
    }
}

/// The addresses of all routes that take a parameter: see [`filled`].
pub(crate) fn routes_with(parameter: &str) -> Vec<String> {
    let description: Value = serde_json::from_str(&query_api::openapi::text()).unwrap();
    let takes_it = |item: &Value| {
        let parameters = item["get"]["parameters"].as_array();
        parameters.is_some_and(|parameters| parameters.iter().any(|taken| taken["name"] == parameter))
    };
    let paths = description["paths"].as_object().unwrap().iter().filter(|(_, item)| takes_it(item));
    paths.map(|(path, _)| filled(path)).collect()
}

/// An address with the author `ada`, the slug and the tag `terms`, the token of [`Preview::TOKEN`], an item whose
/// SHA-256 has the digit `a` alone, the case of the account with the id 2, the kind `like` and the place `link`.
pub(crate) fn filled(path: &str) -> String {
    let path = path.replace("{user_name}", "ada").replace("{slug}", "terms").replace("{tag}", "terms");
    let path = path.replace("{sha256}", &"a".repeat(64)).replace("{rendition}", "320w");
    path.replace("{token}", Preview::TOKEN)
        .replace("{number}", "1")
        .replace("{case}", &format!("account:{}", Uuid::from_u128(2)))
        .replace("{kind}", "like")
        .replace("{place}", "link")
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with further arguments, which come last and so win.
    pub(crate) async fn with(arguments: &[&str]) -> Self {
        let database = TestDatabase::take().await;
        let url = database.url().to_owned();
        Self::over(database, &url, arguments).await
    }

    /// A server that reaches its database through a proxy.
    pub(crate) async fn behind(arguments: &[&str]) -> (Self, Proxy) {
        let database = TestDatabase::take().await;
        let (proxy, url) = Proxy::before(database.url()).await;
        (Self::over(database, &url, arguments).await, proxy)
    }

    async fn over(database: TestDatabase, database_url: &str, arguments: &[&str]) -> Self {
        let keys = KeyPair::generate().unwrap();
        let key_file = std::env::temp_dir().join(format!("{}.pem", Uuid::new_v4()));
        std::fs::write(&key_file, &keys.public_pem).unwrap();
        let redis_prefix = format!("inklog-test-{}", Uuid::new_v4().simple());
        let redis_url = environment("INKLOG_REDIS_URL", "redis://127.0.0.1:16379");
        let own = ["query-api", "--listen", "127.0.0.1:0", "--database-url", database_url, "--redis-url", &redis_url]
            .into_iter()
            .chain(["--redis-prefix", &redis_prefix, "--token-public-key-file", key_file.to_str().unwrap()])
            .chain(["--wait-ms", "500"]);
        let args = arguments_of(own.chain(arguments.iter().copied()));
        std::fs::remove_file(key_file).unwrap();
        let listener = server::bind(args.http.listen, None).unwrap();
        let url = format!("http://{}", listener.address().unwrap());
        let shutdown = Shutdown::new();
        let running = Some(run(args, listener, shutdown.clone()));
        let client = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(20)).build().unwrap();
        Self { url, client, shutdown, running, keys, database, redis_prefix }
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        let compressed = headers.get("content-encoding").is_some_and(|coding| coding == "gzip");
        let text = if compressed && !bytes.is_empty() { unzipped(&bytes) } else { bytes.to_vec() };
        Answer { status, headers, body: serde_json::from_slice(&text).unwrap_or_default(), bytes: bytes.len() }
    }

    /// The header of an account's good token.
    pub(crate) fn token(&self, subject: Uuid, roles: &[domain::Role]) -> String {
        let names = TokenNames { token_issuer: "inklog".into(), token_audience: "inklog".into() };
        let key = PrivateKey::from_pem(&self.keys.private_pem).unwrap();
        let roles = roles.iter().copied().collect();
        format!("Bearer {}", mint(&key, subject, &roles, Duration::from_secs(60), &names).unwrap())
    }

    pub(crate) async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let url = environment("INKLOG_REDIS_URL", "redis://127.0.0.1:16379");
        redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
    }

    /// Ends the server, and says whether it closed cleanly.
    pub(crate) async fn close(mut self) {
        self.end().await;
    }

    /// The same where what it left is looked at.
    pub(crate) async fn end(&mut self) {
        self.shutdown.request();
        let running = self.running.take().unwrap();
        tokio::task::spawn_blocking(|| running.join().unwrap().unwrap()).await.unwrap();
    }
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    text
}

/// As `main` does: the server outlives the test's own runtime, so that it can close in its own time.
fn run(args: query_api::Args, listener: server::Listeners, shutdown: Shutdown) -> JoinHandle<anyhow::Result<()>> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(query_api::serve(args, listener, shutdown))
    })
}

/// Of what is given twice, the last counts.
fn arguments_of<'a>(arguments: impl Iterator<Item = &'a str>) -> query_api::Args {
    let command = query_api::Args::command().args_override_self(true);
    query_api::Args::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}
