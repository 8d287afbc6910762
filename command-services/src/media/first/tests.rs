use std::sync::Arc;
use std::time::Duration;

use domain::media::{Command as MediaCommand, Item, Uploaded};
use domain::{Actor, Role};
use event_log::NoForward;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use uuid::Uuid;

use super::*;
use crate::commands::Caller;

const ADA: Uuid = Uuid::from_u128(1);

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// A log in which nothing happened, and whose partition is led.
async fn log() -> Arc<EventLog<Media>> {
    let log = EventLog::<Media>::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    MemoryBroker::new(1).join(&log);
    let led = async {
        while can_deny(&log).is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), led).await.unwrap();
    log
}

async fn brought(log: &Arc<EventLog<Media>>) {
    let item = Uploaded {
        account_id: ADA,
        sha256: "5a".repeat(32).parse().unwrap(),
        upload_id: Uuid::from_u128(3),
        media_type: "image/png".parse().unwrap(),
        bytes: 10,
        width: Some(1),
        height: Some(1),
        kept_until_at: event_log::now(),
        render_from_at: None,
    };
    let id = Item { account_id: ADA, sha256: item.sha256.clone() }.id();
    let caller = Caller::in_the_name_of(Actor::new(ADA).with(Role::Author), "bring", soon());
    let upload = MediaCommand::Upload { item, grace_ms: 60_000 };
    caller.command(log, id, &"bring").execute(upload, None).await.unwrap();
}

/// A process began while the disk was not mounted: it stored on what the disk is mounted on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_folder_is_the_store_only_where_nothing_was_ever_brought() {
    let (log, disk, mount_point) = (log().await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |folder: &tempfile::TempDir| Store::in_folder(folder.path().to_owned());
    made_ready(&at(&disk), &log, soon()).await.unwrap();
    assert!(at(&disk).is_there().await.is_ok());
    brought(&log).await;

    let refused = made_ready(&at(&mount_point), &log, soon()).await.unwrap_err();
    assert_eq!(refused.details().kind, "urn:inklog:problem:unavailable");
    assert_eq!(std::fs::read_dir(mount_point.path()).unwrap().count(), 0);
    made_ready(&at(&disk), &log, soon()).await.unwrap();
    // An operator says so.
    assert!(at(&mount_point).adopt().await.unwrap());
    made_ready(&at(&mount_point), &log, soon()).await.unwrap();
}
