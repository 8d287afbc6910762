//! The query API over a test's stores, as readers ask it.

use std::time::Duration;

use clap::Parser as _;
use domain::Role;
use serde_json::Value;
use service_kit::auth::{KeyPair, PrivateKey, TokenNames, mint};
use service_kit::{Shutdown, server};
use uuid::Uuid;

use super::stores::{TestDatabase, TestRedis, variable};

pub(crate) struct Readers {
    url: String,
    client: reqwest::Client,
    keys: KeyPair,
    shutdown: Shutdown,
}

impl Readers {
    pub(crate) fn start(database: &TestDatabase, redis: &TestRedis) -> Self {
        let keys = KeyPair::generate().unwrap();
        let key_file = std::env::temp_dir().join(format!("{}.pem", Uuid::new_v4()));
        std::fs::write(&key_file, &keys.public_pem).unwrap();
        let redis_url = variable("INKLOG_REDIS_URL", "redis://127.0.0.1:16379");
        let args = query_api::Args::parse_from([
            "query-api",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            &database.url(),
            "--redis-url",
            &redis_url,
            "--redis-prefix",
            &redis.prefix,
            "--token-public-key-file",
            key_file.to_str().unwrap(),
        ]);
        std::fs::remove_file(key_file).unwrap();
        let listener = server::bind(args.http.listen, None).unwrap();
        let url = format!("http://{}", listener.address().unwrap());
        let shutdown = Shutdown::new();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let asked = shutdown.clone();
        // It outlives the test's own runtime, so that it can close in its own time.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(query_api::serve(args, listener, asked)).unwrap();
        });
        Self { url, client, keys, shutdown }
    }

    /// A reader's feed, in pages of so many, to its end.
    pub(crate) async fn feed(&self, reader: Uuid, limit: usize) -> Vec<Uuid> {
        let names = TokenNames { token_issuer: "inklog".into(), token_audience: "inklog".into() };
        let key = PrivateKey::from_pem(&self.keys.private_pem).unwrap();
        let token = mint(&key, reader, &[Role::Author].into_iter().collect(), Duration::from_secs(60), &names).unwrap();
        let (mut posts, mut cursor) = (Vec::new(), String::new());
        loop {
            let url = format!("{}/v1/me/feed?limit={limit}{cursor}", self.url);
            let answer = self.client.get(url).bearer_auth(&token).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            let ids = page["posts"].as_array().unwrap().iter().map(|post| post["id"].as_str().unwrap());
            posts.extend(ids.map(|id| id.parse::<Uuid>().unwrap()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return posts,
            }
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}
