use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain::posts::{Command, Drafted, Edited, Event, Posts};
use domain::reservations::Lease;
use domain::{Actor, Decider, Recorded, Role};
use event_log::codec::{Codec, Wire};
use event_log::kafka::Clients;
use event_log::partition::Limits;
use event_log::record::{CommandRef, EventRecord, Record, Stamp};
use event_log::registry::Registry;
use event_log::{EventLog, NoForward, Outcome, Receipt, Request, Unremembered, kafka, now};
use tokio::time::Instant;
use uuid::Uuid;

use crate::callers::{Measured, Window, drive};
use crate::posts::text;
use crate::site::Site;

/// Posts per caller, edited in turn.
const POSTS: usize = 4;
/// How long a command may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// A log with posts in it, in this process.
pub(super) struct Writer {
    log: Arc<EventLog<Posts>>,
    codec: Codec,
    topic: String,
    author: Actor,
    posts: Arc<Vec<String>>,
}

impl Writer {
    pub(super) async fn open(site: &Site, callers: usize) -> anyhow::Result<Self> {
        let config = site.kafka();
        let codec = Codec::new(Registry::new(site.registry_url())?);
        let log = EventLog::new(config.partitions, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
        let known = Arc::new(Unremembered);
        let clients = Clients::open(&config)?;
        kafka::connect(&log, &clients, &codec, known, Some("publishing"), Duration::from_secs(30)).await?;
        let posts = (0..callers * POSTS).map(|_| Uuid::new_v4().to_string()).collect();
        let (topic, author) = (site.topic(Posts::NAME), Actor::new(Uuid::new_v4()).with(Role::Author));
        let writer = Self { log, codec, topic, author, posts: Arc::new(posts) };
        writer.draft().await?;
        Ok(writer)
    }

    async fn draft(&self) -> anyhow::Result<()> {
        let drafts = self.posts.iter().map(|id| {
            let content = Drafted {
                body: text("Text"),
                ..Drafted::new(self.author.id, text(&format!("post-{id}")), text("A title"))
            };
            let put = Command::Put { content, overwrite: false, lease: Lease::CONFIRMED };
            execute(Arc::clone(&self.log), request(&self.author, id, put))
        });
        futures::future::try_join_all(drafts).await.map(|_| ())
    }

    /// What is edited, and so what every record holds beside its envelope.
    fn change(n: u64) -> Edited {
        let summary = format!("{n}: what the post is about, in a sentence or two that are about as long as they are.");
        Edited {
            title: Some(text(&format!("A title, for the {n}th time"))),
            summary: Some(text(&summary)),
            ..Edited::default()
        }
    }

    /// A record as [`Writer::run`] appends it.
    pub(super) fn sample(&self) -> anyhow::Result<Wire> {
        let id = Uuid::now_v7();
        let recorded = Recorded {
            aggregate_id: id.to_string(),
            version: 100,
            occurred_at: now(),
            actor_id: self.author.id,
            event: Event::Edited(Self::change(100)),
        };
        let command = reference();
        let record = Record::Event(EventRecord { stamp: Stamp { term: 1, seq: 100_000 }, command, recorded });
        self.codec.encode::<Posts>(&self.topic, &record).map_err(anyhow::Error::msg).context("encoding a sample")
    }

    /// Every caller edits its posts in turn.
    pub(super) async fn run(&self, callers: usize, window: Window) -> anyhow::Result<Measured> {
        let (log, author, posts) = (Arc::clone(&self.log), self.author.clone(), Arc::clone(&self.posts));
        // No two rounds change a post to the same: that would be no event.
        let base = u64::try_from(now().0).unwrap_or(0) * 1000;
        drive(callers, window, move |caller, n| {
            let id = &posts[caller * POSTS + (n as usize) % POSTS];
            let edit = Command::Edit { change: Self::change(base + n), lease: None };
            let executing = execute(Arc::clone(&log), request(&author, id, edit));
            async move {
                anyhow::ensure!(executing.await?.changed, "an edit changed nothing");
                Ok(())
            }
        })
        .await
    }

    pub(super) async fn close(self) -> anyhow::Result<()> {
        Ok(tokio::task::spawn_blocking(move || self.log.close()).await?)
    }
}

fn request(author: &Actor, id: &str, body: Command) -> Request<Posts> {
    Request { aggregate_id: id.to_owned(), command: reference(), expected: None, actor: author.clone(), body }
}

fn reference() -> CommandRef {
    let id = Uuid::now_v7();
    let traceparent = Some(format!("00-{}-0123456789abcdef-01", id.simple()));
    CommandRef { id, digest: id.as_u64_pair().1, correlation_id: id, traceparent }
}

async fn execute(log: Arc<EventLog<Posts>>, request: Request<Posts>) -> anyhow::Result<Receipt> {
    match log.execute(request, Instant::now() + DEADLINE).await? {
        Outcome::Accepted(receipt) => Ok(receipt),
        refused => anyhow::bail!("a command was refused: {refused:?}"),
    }
}
