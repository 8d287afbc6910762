//! What the tests share: stores of their own, a log in memory, histories, and a runner that stops when it is done.

pub(crate) mod history;
pub(crate) mod log;
pub(crate) mod readers;
pub(crate) mod rows;
pub(crate) mod stores;
pub(crate) mod stories;

use std::time::Duration;

use projection_services::log::{Log, Source};
use projection_services::projector::Projector;
use projection_services::runner::{self, RunnerConfig, Status};
use service_kit::Shutdown;
use tokio::task::JoinHandle;

use log::MemoryLog;

/// Quick to retry and to notice.
pub(crate) fn config() -> RunnerConfig {
    RunnerConfig {
        pauses: (Duration::from_millis(5), Duration::from_millis(50)),
        check_every: Duration::from_millis(50),
        attempts: 3,
        ..RunnerConfig::default()
    }
}

/// A projector at work.
pub(crate) struct Running {
    pub(crate) status: Status,
    shutdown: Shutdown,
    task: JoinHandle<Result<(), event_log::subscription::SubscribeError>>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.shutdown.request();
        tokio::time::timeout(Duration::from_secs(10), self.task).await.unwrap().unwrap().unwrap();
    }
}

pub(crate) fn start<P: Projector + 'static, L: Log>(
    projector: P,
    name: &'static str,
    contexts: &'static [&'static str],
    log: &L,
    config: RunnerConfig,
) -> Running {
    let (status, shutdown, log) = (Status::of(name), Shutdown::new(), log.clone());
    let (seen, asked) = (status.clone(), shutdown.clone());
    let task = tokio::spawn(async move { runner::run(projector, &log, contexts, config, seen, asked).await });
    Running { status, shutdown, task }
}

/// Waits until a projector, seen through `watcher`, stands at the end of the log.
pub(crate) async fn caught_up<P: Projector>(watcher: &mut P, contexts: &[&str], log: &MemoryLog) {
    let mut source = log.open(contexts, Default::default(), 1).await.unwrap();
    eventually("the projector has caught up", async || {
        let ends = source.ends().await.unwrap();
        let Ok(at) = watcher.positions().await else { return false };
        ends.iter().all(|(partition, end)| at.get(partition).map_or(0, |at| at.next_offset) == *end)
    })
    .await;
}

/// Waits for something, 60 s at most.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), waiting).await.is_ok(), "not within 60 s: {what}");
}
