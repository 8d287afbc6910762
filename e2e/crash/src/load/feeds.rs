//! What readers are shown of what they follow, when all has come: each person's feed, page by page, to its end.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use testkit::http::{Client, Request};

use super::{Person, World};

/// How long a page may take.
const ANSWER: Duration = Duration::from_secs(6);
/// So many pages are more than there are posts for.
const PAGES: usize = 1_000;

impl World {
    /// The feeds of those whom the clients act for, each read at another instance than the one before.
    ///
    /// # Errors
    /// A page does not come, or has no end.
    pub async fn feeds(&self) -> anyhow::Result<Vec<Value>> {
        let mut feeds = Vec::new();
        for (person, address) in self.persons.iter().zip(self.queries.iter().cycle()) {
            let mut client = Client::new(*address, ANSWER);
            let read = read(&mut client, *address, person).await;
            feeds.push(read.with_context(|| format!("reading the feed of {}", person.id))?);
        }
        Ok(feeds)
    }
}

async fn read(client: &mut Client, address: std::net::SocketAddr, person: &Person) -> anyhow::Result<Value> {
    let (mut path, mut ids) = ("/v1/me/feed?limit=7".to_owned(), Vec::new());
    let headers = [("authorization", person.bearer.as_str())];
    for _ in 0..PAGES {
        let request = Request { method: "GET", path: &path, headers: &headers, body: "" };
        let response = client.send(&request.bytes(address)).await?;
        anyhow::ensure!(response.status == 200, "{path} was answered with {}", response.status);
        let page: Value = serde_json::from_slice(&response.body)?;
        ids.extend(page["posts"].as_array().into_iter().flatten().map(|post| post["id"].clone()));
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/me/feed?limit=7&cursor={next}"),
            None => return Ok(json!({"reader_id": person.id, "post_ids": ids})),
        }
    }
    anyhow::bail!("it has no end")
}
