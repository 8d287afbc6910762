//! Running projectors until SIGTERM, with their health beside them.

use anyhow::Context;
use event_log::subscription::SubscribeError;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, try_join_all};
use service_kit::config::HttpArgs;
use service_kit::health::Health;
use service_kit::{Shutdown, server};

use crate::content;
use crate::lists::{FeedBounds, Followed, InRedis, Listed, RedisStore, Set};
use crate::log::Log;
use crate::parked::retry::{EVERY, keep_trying};
use crate::runner::{self, RunnerConfig, Status};

/// What a projector runs on.
#[derive(Clone, Debug)]
pub struct Stores {
    /// Where the live tables are.
    pub connector: content::Connector,
    /// Redis.
    pub redis: redis::Client,
    /// What every key in Redis begins with.
    pub redis_prefix: String,
    /// How large feeds may become.
    pub feeds: FeedBounds,
}

/// Which projectors to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those in Postgres.
    Content,
    /// Those in Redis.
    Lists,
    /// All of them.
    All,
}

/// Runs projectors until SIGTERM or SIGINT, and tries again what they have parked. The commit under way is finished
/// first.
///
/// # Errors
/// The address cannot be listened on, or the log refuses the positions of a projector that readers wait for.
pub async fn run<L: Log>(which: Which, log: L, stores: Stores, http: HttpArgs<8083>) -> anyhow::Result<()> {
    let shutdown = Shutdown::on_signals()?;
    let listeners = server::bind(http.listen, http.metrics_listen)?;
    let health = Health::new(shutdown.clone());
    let mut parts: Vec<LocalBoxFuture<'_, anyhow::Result<()>>> = Vec::new();
    let in_postgres = matches!(which, Which::Content | Which::All).then(content::kept);
    for kept in in_postgres.into_iter().flatten() {
        let live = || kept.live(&stores.connector, &log);
        let status = if kept.for_readers { watched(kept.name, &health) } else { Status::of(kept.name) };
        let (seen, stop) = (status.clone(), shutdown.clone());
        let run = runner::run(live(), &log, kept.contexts, RunnerConfig::default(), status, stop);
        parts.push(if kept.for_readers {
            ending(run, &shutdown).boxed_local()
        } else {
            stopping_alone(run, seen).map(Ok).boxed_local()
        });
        parts.push(keep_trying(&log, kept.contexts, live(), EVERY, &shutdown).map(Ok).boxed_local());
    }
    if matches!(which, Which::Lists | Which::All) {
        let running = Running { log: &log, stores: &stores, health: &health, shutdown: &shutdown };
        parts.extend(running.in_redis(Listed));
        parts.extend(running.in_redis(Followed(stores.feeds)));
    }
    let routes = health.clone();
    let http = server::serve(listeners, http.http_workers, shutdown.clone(), move |config| routes.configure(config));
    parts.push(async { http.await.context("answering HTTP") }.boxed_local());
    try_join_all(parts).await?;
    Ok(())
}

/// What the projectors in Redis run with.
struct Running<'a, L> {
    log: &'a L,
    stores: &'a Stores,
    health: &'a Health,
    shutdown: &'a Shutdown,
}

impl<'a, L: Log> Running<'a, L> {
    /// A projector, and what tries again what it has parked.
    fn in_redis<S: Set>(&self, set: S) -> [LocalBoxFuture<'a, anyhow::Result<()>>; 2] {
        let (log, shutdown) = (self.log, self.shutdown);
        let live =
            || InRedis::live_of(set.clone(), RedisStore::new(self.stores.redis.clone()), &self.stores.redis_prefix);
        let status = watched(S::LIVE, self.health);
        let config = RunnerConfig { max_events: S::AT_ONCE, ..RunnerConfig::default() };
        let run = runner::run(live(), log, S::CONTEXTS, config, status, shutdown.clone());
        let trying = keep_trying(log, S::CONTEXTS, live(), EVERY, shutdown);
        [ending(run, shutdown).boxed_local(), trying.map(Ok).boxed_local()]
    }
}

/// A projector that ends ends the process, and the others with it.
async fn ending<E: std::error::Error + Send + Sync + 'static>(
    run: impl Future<Output = Result<(), E>>,
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let outcome = run.await;
    shutdown.request();
    outcome.context("a projector cannot go on")
}

/// A projector that no reader waits for: that it cannot go on is an alarm, and the others go on.
async fn stopping_alone(run: impl Future<Output = Result<(), SubscribeError>>, status: Status) {
    if let Err(refused) = run.await {
        status.cannot_go_on(&refused.to_string());
    }
}

fn watched(projector: &'static str, health: &Health) -> Status {
    let status = Status::of(projector);
    let seen = status.clone();
    health.check(projector, move || {
        let unready = seen.unready();
        async move { unready.map_or(Ok(()), Err) }
    });
    status
}
