//! Who uses the RealWorld interface.

use std::net::SocketAddr;

use anyhow::Context as _;
use serde_json::{Value, json};
use testkit::http::{Client, Request, Response};
use uuid::Uuid;

use crate::site::DEADLINE;

/// What every article is tagged with.
pub(super) const TAG: &str = "bench";

/// Someone who is not logged in.
pub(super) struct Reader {
    client: Client,
    address: SocketAddr,
}

/// Someone who writes.
pub(super) struct Author {
    client: Client,
    address: SocketAddr,
    authorization: String,
}

impl Reader {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { client: Client::new(address, DEADLINE), address }
    }

    pub(super) async fn read(&mut self, path: &str) -> anyhow::Result<Response> {
        let request = Request { method: "GET", path, headers: &[], body: "" };
        Ok(self.client.send(&request.bytes(self.address)).await?)
    }

    /// Reads an article that is there.
    pub(super) async fn article(&mut self, path: &str) -> anyhow::Result<()> {
        let answer = self.read(path).await?;
        anyhow::ensure!(answer.status == 200, "an article that was created cannot be read: {}", answer.shown());
        Ok(())
    }
}

impl Author {
    pub(super) async fn register(address: SocketAddr, number: usize) -> anyhow::Result<Self> {
        let mut author = Self { client: Client::new(address, DEADLINE), address, authorization: String::new() };
        let (name, password) = (format!("author-{number}"), Uuid::new_v4().to_string());
        let body = json!({"user": {"username": name, "email": format!("{name}@example.org"), "password": password}});
        let answer = author.send("/api/users", &body).await?;
        let token = answer["user"]["token"].as_str().context("a registration without a token")?;
        author.authorization = format!("Token {token}");
        Ok(author)
    }

    /// Creates the `n`th article; its slug.
    pub(super) async fn create(&mut self, n: u64) -> anyhow::Result<String> {
        let title = format!("Article {n}, {}", Uuid::now_v7());
        let article =
            json!({"title": title, "description": "What it is about.", "body": "Some *text*.", "tagList": [TAG]});
        let answer = self.send("/api/articles", &json!({"article": article})).await?;
        answer["article"]["slug"].as_str().map(ToOwned::to_owned).context("an article without a slug")
    }

    async fn send(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let headers = [("authorization", self.authorization.as_str())];
        let headers = if self.authorization.is_empty() { &[][..] } else { &headers };
        let body = body.to_string();
        let request = Request { method: "POST", path, headers, body: &body };
        let answer = self.client.send(&request.bytes(self.address)).await?;
        anyhow::ensure!(answer.status == 201, "{path} was refused: {}", answer.shown());
        Ok(serde_json::from_slice(&answer.body)?)
    }
}
