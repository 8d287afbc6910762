//! Processes that have nothing to do.

use std::time::Duration;

use crate::support::{PATIENCE, System};

/// What a process may allocate at rest, in mebibytes: with the 20 of a release build's program and libraries it is
/// below 60, which `make bench` holds it to. With six contexts it is 24, and was 36 while each had all clients of Kafka
/// for itself (docs/adr/0016-what-logs-share.md).
fn bound() -> u64 {
    let contexts = u64::try_from(domain::CONTEXTS.len()).unwrap_or(u64::MAX);
    3 + 4 * contexts
}

#[tokio::test]
async fn every_process_is_small_at_rest_and_ends_when_asked_to() {
    let mut system = System::start(1).await;
    let author = system.author();
    let id = author.draft(&crate::support::unique("rest"), &[]).await.id();
    let _ = author.publish(&id).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    for process in system.commands.iter_mut().chain(&mut system.readers) {
        let (memory, threads) = (process.memory_mib(), process.threads());
        let (status, took) = process.end(PATIENCE).await;
        eprintln!("{}: {memory} MiB and {threads} threads at rest, ended after {took:?}", process.url());
        assert!(memory < bound(), "{memory} MiB at rest: {}", process.logged());
        assert_eq!(status.code(), Some(0), "{}", process.logged());
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}
