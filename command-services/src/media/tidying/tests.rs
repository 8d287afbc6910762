use ::media::store::{Object, StoreArgs};
use domain::media::{Command as MediaCommand, Item, Uploaded};
use domain::values::Sha256;
use domain::{Actor, Role, Timestamp};
use event_log::NoForward;
use event_log::memory::MemoryBroker;
use event_log::partition::Limits;
use event_log::record::Record;
use futures::TryStreamExt as _;
use tokio::time::Instant;
use uuid::Uuid;

use super::*;
use crate::commands::{Caller, Decided};
use crate::lagging::{behind, uploaded};

const AUTHOR: Uuid = Uuid::from_u128(1);

fn object(upload: u128) -> Object {
    let item = Item { account_id: AUTHOR, sha256: "5a".repeat(32).parse::<Sha256>().unwrap() };
    Object { item, upload_id: Uuid::from_u128(upload), rendition: None }
}

/// The records of a log in which the first of these objects was brought.
async fn brought() -> Vec<Record<domain::media::Event>> {
    let broker = MemoryBroker::new(1);
    let log = EventLog::<Media>::new(1, "http://127.0.0.1:1", Limits::default(), Arc::new(NoForward));
    broker.join(&log);
    let Object { item, upload_id, .. } = object(1);
    let uploaded = Uploaded { kept_until_at: Timestamp(0), ..uploaded(&item, upload_id) };
    let caller = Caller::in_the_name_of(Actor::new(AUTHOR).with(Role::Author), "bring", Instant::now() + PATIENCE);
    let command = MediaCommand::Upload { item: uploaded, grace_ms: 0 };
    let decided = caller.command(&log, item.id(), &"bring").execute(command, None).await.unwrap();
    assert!(matches!(decided, Decided::Accepted(_)), "{decided:?}");
    broker.records(0)
}

/// A store in which both objects are, and which of them are after a round of an instance that saw no item there in the
/// round before.
async fn left_after(records: Vec<Record<domain::media::Event>>) -> (anyhow::Result<()>, Vec<Object>) {
    let folder = tempfile::tempdir().unwrap();
    let media_store = Some(format!("file://{}", folder.path().display()).parse().unwrap());
    let store = StoreArgs { media_store, media_s3_endpoint: None }.open().unwrap().unwrap();
    store.adopt_empty().await.unwrap();
    for object in [object(1), object(2)] {
        store.put(&object, b"bytes".as_slice()).await.unwrap();
    }
    let log = behind(records);
    assert!(is_no_items(&object(1), &log), "it is not read");
    let done = round(&store, &log, &BTreeSet::from([object(1), object(2)])).await.map(drop);
    let listed: Vec<Listed> = store.list().try_collect().await.unwrap();
    (done, listed.into_iter().filter_map(|listed| listed.object).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_an_items_by_the_end_of_the_log_is_not_deleted() {
    let (done, left) = left_after(brought().await).await;
    done.unwrap();
    assert_eq!(left, [object(1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_deleted_on_the_strength_of_what_cannot_be_read() {
    let mut records = brought().await;
    let Some(Record::Event(last)) = records.pop() else { panic!("the last one is an event") };
    let (stamp, aggregate_id) = (last.stamp, last.recorded.aggregate_id);
    records.push(Record::Unreadable { stamp, aggregate_id, reason: "a newer version's".to_owned() });
    let (done, left) = left_after(records).await;
    done.unwrap_err();
    assert_eq!(left, [object(1), object(2)]);
}
