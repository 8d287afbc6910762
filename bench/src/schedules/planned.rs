//! What is to happen by itself: posts to be released, and files to be swept.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::Timestamp;
use futures::future::try_join_all;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use service_kit::times;
use testkit::http::{Client, Request};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::{A_SECOND, SETTLE_MS, sleep_until};
use crate::posts;
use crate::site::DEADLINE;

/// Commands that are sent at the same time to plan them.
const AT_ONCE: usize = 16;
/// Files that are brought at the same time: a process takes so many of one account.
const BRINGERS: u32 = 4;

/// What is planned, and where.
pub(super) struct Plan {
    address: SocketAddr,
    token: String,
    /// The posts, in the order in which they are due.
    pub(super) posts: Vec<Uuid>,
    drafting: Duration,
    /// When the first of them is due; the others follow at a steady pace.
    pub(super) begin: Timestamp,
}

impl Plan {
    /// Drafts the posts.
    pub(super) async fn draft(address: SocketAddr, token: &str, count: u32) -> anyhow::Result<Self> {
        let posts = (0..count).map(|_| Uuid::new_v4()).collect();
        let mut plan =
            Self { address, token: token.to_owned(), posts, drafting: Duration::ZERO, begin: Timestamp(i64::MAX) };
        let began = Instant::now();
        plan.put_each(|id, _| {
            (format!("/v1/posts/{id}"), json!({"title": "A title", "slug": posts::slug(id)}).to_string())
        })
        .await?;
        plan.drafting = began.elapsed();
        println!("{count} posts were drafted in {:?}", plan.drafting);
        Ok(plan)
    }

    /// Schedules them: the first for as soon after this as files are kept. To schedule is one command where to draft is
    /// three, so it takes less time.
    pub(super) async fn schedule(mut self, grace_ms: i64) -> anyhow::Result<Self> {
        let takes = i64::try_from(self.drafting.as_millis())? + SETTLE_MS;
        self.begin = times::now().plus_millis(takes + grace_ms);
        let body = |place| json!({"at": times::format(self.at(place))}).to_string();
        self.put_each(|id, place| (format!("/v1/posts/{id}/schedule"), body(place))).await?;
        Ok(self)
    }

    /// Brings as many files at the pace at which posts are due, so that both are due together.
    pub(super) async fn bring(&self, grace_ms: i64) -> anyhow::Result<()> {
        sleep_until(self.begin.0 - grace_ms).await?;
        let began = Instant::now();
        let every = Duration::from_secs_f64(f64::from(BRINGERS) / A_SECOND);
        let bring = |bringer: u32| async move {
            let (mut client, mut pace) = (Client::new(self.address, DEADLINE), interval(every));
            pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let bearer = format!("Bearer {}", self.token);
            let headers = [("authorization", bearer.as_str())];
            for _ in (bringer as usize..self.count()).step_by(BRINGERS as usize) {
                pace.tick().await;
                let body = format!("A file without a use: {}", Uuid::new_v4());
                let request = Request { method: "POST", path: "/v1/media", headers: &headers, body: &body };
                let response = client.send(&request.bytes(self.address)).await.context("bringing a file")?;
                posts::accepted(&response)?;
            }
            anyhow::Ok(())
        };
        try_join_all((0..BRINGERS).map(bring)).await?;
        println!("{} files were brought in {:?}", self.count(), began.elapsed());
        Ok(())
    }

    /// How many posts there are, and how many files.
    pub(super) fn count(&self) -> usize {
        self.posts.len()
    }

    /// When a post is due.
    pub(super) fn at(&self, place: u32) -> Timestamp {
        self.begin.plus_millis((f64::from(place) / A_SECOND * 1_000.0) as i64)
    }

    async fn put_each(&self, request: impl Fn(Uuid, u32) -> (String, String)) -> anyhow::Result<()> {
        let bearer = format!("Bearer {}", self.token);
        let put = |(path, body): (String, String)| {
            let bearer = bearer.as_str();
            async move {
                let mut client = Client::new(self.address, DEADLINE);
                let headers = [("authorization", bearer)];
                let put = Request { method: "PUT", path: &path, headers: &headers, body: &body };
                posts::accepted(&client.send(&put.bytes(self.address)).await?)
            }
        };
        let each = self.posts.iter().copied().zip(0_u32..).map(|(id, place)| request(id, place));
        stream::iter(each).map(put).buffer_unordered(AT_ONCE).try_collect::<()>().await
    }
}
