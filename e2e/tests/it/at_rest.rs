//! Processes that have nothing to do.

use std::time::Duration;

use crate::support::{PATIENCE, System};

/// What a process may allocate at rest, in mebibytes: with the 20 of a release build's program and libraries it is
/// below 60, which `make bench` holds it to. Each context has clients of Kafka of its own: with four contexts it was
/// 25, with six it is 36.
const BOUND: u64 = 38;

#[tokio::test]
async fn every_process_is_small_at_rest_and_ends_when_asked_to() {
    let mut system = System::start(1).await;
    let author = system.author();
    let id = author.draft(&crate::support::unique("rest"), &[]).await.id();
    let _ = author.publish(&id).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    for process in system.commands.iter_mut().chain(&mut system.readers) {
        let memory = process.memory_mib();
        let (status, took) = process.end(PATIENCE).await;
        eprintln!("{}: {memory} MiB at rest, ended after {took:?}", process.url());
        assert!(memory < BOUND, "{memory} MiB at rest: {}", process.logged());
        assert_eq!(status.code(), Some(0), "{}", process.logged());
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}
