//! An author whom all readers follow publishes: how long until feeds have it, and what others' commands notice.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;
use testkit::http::Client;
use uuid::Uuid;

use super::Found;
use super::asking::Asked;
use super::filling::send;
use super::world::Call;
use crate::latency::Latencies;
use crate::posts;
use crate::schedules;
use crate::site::DEADLINE;

/// Between two publications.
const EVERY: Duration = Duration::from_secs(2);
/// Of so many followers the feeds are looked at, from the first to the last who followed.
const LOOKED_AT: u32 = 20;
/// Until when they must have it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is measured.
pub(super) struct FanOut<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) commands: SocketAddr,
    pub(super) seconds: f64,
}

impl FanOut<'_> {
    /// Publishes again and again while these posts are edited by others.
    pub(super) async fn measure(&self, edited: &[Uuid], found: &mut Found) -> anyhow::Result<()> {
        let editing = schedules::edit(self.commands, &self.asked.world.editor, edited, self.seconds);
        let (busy, fanned_out) = tokio::try_join!(editing, self.publish_all())?;
        println!("edit, 100/s, while who is followed by all publishes  {}", busy.line());
        found.insert("edit, 100/s, while who is followed by all publishes: p99", (busy.percentile(99.0), "ms"));
        println!("published ⇒ in the feeds of all  {}", fanned_out.line());
        found.insert("published ⇒ in the feeds of all: p50", (fanned_out.percentile(50.0), "ms"));
        found.insert("published ⇒ in the feeds of all: worst", (fanned_out.max(), "ms"));
        Ok(())
    }

    async fn publish_all(&self) -> anyhow::Result<Latencies> {
        let (until, mut latencies) = (Instant::now() + Duration::from_secs_f64(self.seconds), Latencies::new());
        let mut client = Client::new(self.commands, DEADLINE);
        while Instant::now() + EVERY < until {
            tokio::time::sleep(EVERY).await;
            let (id, position) = self.publish(&mut client).await?;
            let began = Instant::now();
            self.wait_for(id, &position).await?;
            latencies.record(began.elapsed());
        }
        Ok(latencies)
    }

    /// A post of the author whom all follow: its id, and the position of its publication.
    async fn publish(&self, client: &mut Client) -> anyhow::Result<(Uuid, String)> {
        let (id, bearer) = (Uuid::new_v4(), self.asked.world.famous()?);
        let body = json!({"title": "What all have waited for", "slug": posts::slug(id)}).to_string();
        let draft = Call { method: "PUT", path: format!("/v1/posts/{id}"), bearer: bearer.clone(), body };
        send(client, self.commands, &draft).await?;
        let path = format!("/v1/posts/{id}/publish");
        let publish = Call { method: "POST", path, bearer, body: String::new() };
        let reply = send(client, self.commands, &publish).await?;
        let position = reply.header("inklog-position").context("a reply without a position")?;
        Ok((id, position.to_owned()))
    }

    /// Waits until all of the feeds that are looked at have a post.
    async fn wait_for(&self, id: Uuid, position: &str) -> anyhow::Result<()> {
        let (until, id) = (Instant::now() + PATIENCE, id.to_string());
        let readers = self.asked.world.size.readers;
        for place in 0..LOOKED_AT {
            let reader = (u64::from(readers - 1) * u64::from(place) / u64::from(LOOKED_AT - 1)) as u32;
            while !self.asked.feed(reader, position).await?.is_some_and(|feed| feed.contains(&id)) {
                anyhow::ensure!(Instant::now() < until, "the feed of reader {reader} does not come to have {id}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        Ok(())
    }
}
