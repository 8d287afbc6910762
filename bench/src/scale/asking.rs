//! What readers ask: one at a time, so that what is measured is the question and not the machine. One that is refused,
//! or that takes too long, is told and counted, and the others are asked all the same: all that was written for it took
//! minutes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use testkit::http::{Client, Request};

use super::world::World;
use super::{Found, REFUSED, THREAD};
use crate::latency::Latencies;
use crate::posts;
use crate::site::DEADLINE;

/// So many answers are measured of each kind, after some that are not.
const MEASURED: u32 = 500;
const BEFORE: u32 = 50;
/// So long at most one kind is asked: of one that is slow fewer answers are measured.
const AT_MOST: Duration = Duration::from_secs(30);

/// Whom to ask.
pub(super) struct Asked<'a> {
    pub(super) world: &'a World,
    pub(super) address: SocketAddr,
}

impl Asked<'_> {
    /// Asks everything, some of which is asked of what is most popular.
    pub(super) async fn all(&self, found: &mut Found) -> anyhow::Result<()> {
        let hottest = self.world.hottest(1).first().copied().map(posts::slug).unwrap_or_default();
        let world = self.world;
        let a_post = |n| posts::slug(world.a_post(n));
        let thread = format!("/v1/posts/{hottest}/comments?limit=20");
        let liked = format!("{thread}&sort=liked");
        self.one(found, "list of posts: p99", |_| "/v1/posts?limit=20".to_owned()).await;
        self.one(found, "list of posts with a tag: p99", |n| format!("/v1/posts?limit=20&tag={}", world.a_tag(n)))
            .await;
        self.one(found, "post: p99", |n| format!("/v1/posts/{}", a_post(n))).await;
        self.one(found, THREAD, |_| thread.clone()).await;
        self.one(found, "the same, the most liked first: p99", |_| liked.clone()).await;
        self.one(found, "popular posts: p99", |_| "/v1/popular?limit=20".to_owned()).await;
        self.one(found, "related posts: p99", |n| format!("/v1/posts/{}/related", a_post(n))).await;
        self.one(found, "trending tags: p99", |_| "/v1/trending-tags".to_owned()).await;
        let reader = world.reader(0)?;
        self.one_of(found, FEED_OF_MANY, Some(&reader), |_| FEED.to_owned()).await;
        Ok(())
    }

    async fn one(&self, found: &mut Found, name: &'static str, path: impl Fn(u32) -> String) {
        self.one_of(found, name, None, path).await;
    }

    async fn one_of(&self, found: &mut Found, name: &'static str, token: Option<&str>, path: impl Fn(u32) -> String) {
        match self.ask(token, path).await {
            Ok(latencies) => {
                println!("{name:<42} {:>4}  {}", latencies.count(), latencies.line());
                found.insert(name, (latencies.percentile(99.0), "ms"));
            }
            Err(error) => {
                println!("{name:<42} {error:#}");
                found.entry(REFUSED).or_insert((0.0, "")).0 += 1.0;
            }
        }
    }

    /// How long answers took.
    async fn ask(&self, token: Option<&str>, path: impl Fn(u32) -> String) -> anyhow::Result<Latencies> {
        let (mut client, mut latencies) = (Client::new(self.address, DEADLINE), Latencies::new());
        let until = Instant::now() + AT_MOST;
        for n in 0..BEFORE + MEASURED {
            let began = Instant::now();
            if began > until {
                break;
            }
            let (status, shown) = self.get(&mut client, token, &path(n)).await?;
            anyhow::ensure!(status == 200, "a question was refused: {shown}");
            if n >= BEFORE {
                latencies.record(began.elapsed());
            }
        }
        anyhow::ensure!(latencies.count() > 0, "no answer came within {AT_MOST:?}, but for the first {BEFORE}");
        Ok(latencies)
    }

    async fn get(&self, client: &mut Client, token: Option<&str>, path: &str) -> anyhow::Result<(u16, String)> {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let request = Request { method: "GET", path, headers: &headers, body: "" }.bytes(self.address);
        let response = client.send(&request).await?;
        Ok((response.status, response.shown()))
    }

    /// The beginning of a reader's feed once it has what was replied at a position; none, if it does not within the
    /// time that a query waits.
    pub(super) async fn feed(&self, reader: u32, position: &str) -> anyhow::Result<Option<String>> {
        let (mut client, token) = (Client::new(self.address, DEADLINE), self.world.reader(reader)?);
        let (status, shown) = self.get(&mut client, Some(&token), &format!("{FEED}&position={position}")).await?;
        anyhow::ensure!(matches!(status, 200 | 503), "a feed was refused: {shown}");
        Ok((status == 200).then_some(shown))
    }
}

/// Where the feed of who asks is.
const FEED: &str = "/v1/me/feed?limit=20";
/// What its figure is called.
const FEED_OF_MANY: &str = "feed of who follows 2,000: p99";
