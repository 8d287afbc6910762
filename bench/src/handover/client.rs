use std::net::SocketAddr;
use std::time::{Duration, Instant};

use testkit::http::{Client, Request};
use uuid::Uuid;

use crate::latency::Latencies;
use crate::posts;
use crate::site::DEADLINE;

/// A pause between commands: the machine is to have room for what is measured.
const PAUSE: Duration = Duration::from_millis(5);
/// A pause before a command is tried again.
const AGAIN: Duration = Duration::from_millis(10);
/// After so long a command has failed.
const PATIENCE: Duration = Duration::from_secs(15);

/// A client that edits its posts in turn.
pub(super) struct Editor {
    instances: [(Client, SocketAddr); 2],
    bearer: String,
    posts: Vec<(Uuid, u64)>,
    acknowledged: Acknowledged,
}

/// What it was told, when.
pub(super) struct Acknowledged {
    pub(super) times: Vec<Instant>,
    pub(super) latencies: Latencies,
    pub(super) retries: u64,
}

impl Editor {
    pub(super) fn new(instances: [SocketAddr; 2], token: &str, posts: &[Uuid]) -> Self {
        Self {
            instances: instances.map(|address| (Client::new(address, DEADLINE), address)),
            bearer: format!("Bearer {token}"),
            posts: posts.iter().map(|id| (*id, 0)).collect(),
            acknowledged: Acknowledged { times: Vec::new(), latencies: Latencies::new(), retries: 0 },
        }
    }

    /// Edits until then. Fails if a command fails for good, or was not applied exactly once.
    pub(super) async fn edit_until(mut self, until: Instant) -> anyhow::Result<Acknowledged> {
        for n in 0.. {
            if Instant::now() >= until {
                break;
            }
            let place = n % self.posts.len();
            let began = Instant::now();
            let version = self.edit(self.posts[place], n as u64).await?;
            let (id, before) = self.posts[place];
            anyhow::ensure!(before == 0 || version == before + 1, "{id} went from version {before} to {version}");
            self.posts[place].1 = version;
            self.acknowledged.latencies.record(began.elapsed());
            self.acknowledged.times.push(Instant::now());
            tokio::time::sleep(PAUSE).await;
        }
        Ok(self.acknowledged)
    }

    /// One command, tried until it is answered; its version.
    async fn edit(&mut self, (id, version): (Uuid, u64), n: u64) -> anyhow::Result<u64> {
        let key = Uuid::now_v7().to_string();
        let tag = if version == 0 { "*".to_owned() } else { format!("\"{version}\"") };
        let headers =
            [("authorization", self.bearer.as_str()), ("if-match", tag.as_str()), ("idempotency-key", key.as_str())];
        let (path, body) = (format!("/v1/posts/{id}"), posts::edit(n));
        let request = Request { method: "PATCH", path: &path, headers: &headers, body: &body };
        let until = Instant::now() + PATIENCE;
        loop {
            let (client, address) = &mut self.instances[0];
            let failed = match client.send(&request.bytes(*address)).await {
                Ok(response) if response.is_success() => return posts::version(&response),
                // Not applied, or not known: with the same key it is safe to ask again.
                Ok(response) if matches!(response.status, 503 | 504) => response.shown(),
                Ok(response) => anyhow::bail!("a command failed: {}", response.shown()),
                Err(error) => error.to_string(),
            };
            anyhow::ensure!(Instant::now() < until, "a command failed for {} s: {failed}", PATIENCE.as_secs());
            self.acknowledged.retries += 1;
            self.instances.swap(0, 1);
            tokio::time::sleep(AGAIN).await;
        }
    }
}
