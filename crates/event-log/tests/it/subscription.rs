//! The one way to read the log.

use std::collections::HashMap;
use std::time::Duration;

use event_log::subscription::{Batch, PartitionId, Position, SubscribeError, Subscription};
use futures::future::join_all;
use tokio::time::timeout;
use uuid::Uuid;

use crate::commands::{draft, retitle};
use crate::harness::{Harness, Kafka, PATIENCE};

type Positions = HashMap<PartitionId, Position>;

/// An event's place: partition, offset, aggregate, version.
type Place = (i32, i64, String, u64);

pub(crate) fn partition(partition: i32) -> PartitionId {
    PartitionId { context: "posts".into(), partition }
}

pub(crate) async fn open(kafka: &Kafka, positions: Positions) -> Result<Subscription, SubscribeError> {
    Subscription::open(kafka.subscription(), positions, PATIENCE).await
}

pub(crate) async fn next(subscription: &mut Subscription) -> Batch {
    timeout(PATIENCE, subscription.next()).await.expect("there is more to read").unwrap()
}

/// Reads from these positions to the end there is now; checks that each batch follows the one before.
pub(crate) async fn read(subscription: &mut Subscription, positions: &mut Positions) -> Vec<Batch> {
    let ends = subscription.ends().await.unwrap();
    let mut batches = Vec::new();
    while ends.iter().any(|(id, end)| positions.get(id).map_or(0, |position| position.next_offset) < *end) {
        let batch = next(subscription).await;
        let before = positions.insert(batch.partition.clone(), batch.to).unwrap_or(Position::START);
        assert_eq!(batch.from, before, "a batch follows the one before");
        let within = batch.from.next_offset..batch.to.next_offset;
        assert!(batch.entries.iter().all(|entry| within.contains(&entry.offset)));
        batches.push(batch);
    }
    batches
}

pub(crate) fn places(batches: &[Batch]) -> Vec<Place> {
    let of = |batch: &Batch| {
        let partition = batch.partition.partition;
        let place = move |entry: &event_log::subscription::Entry| {
            let event = entry.event.as_ref().unwrap();
            (partition, entry.offset, event.aggregate_id.clone(), event.version)
        };
        batch.entries.iter().map(place).collect::<Vec<_>>()
    };
    let mut places: Vec<Place> = batches.iter().flat_map(of).collect();
    places.sort();
    places
}

/// A log with twenty posts of two events each, written in two terms; and where the receipts say that they are.
async fn written(kafka: &Kafka) -> Vec<Place> {
    let mut places = Vec::new();
    for _ in 0..2 {
        let instance = kafka.start_alone().await;
        let posts: Vec<Uuid> = (0..10).map(|_| Uuid::new_v4()).collect();
        let commands = posts.iter().flat_map(|post| [draft(*post), retitle(*post, 1)]);
        places.extend(
            join_all(commands.map(|command| {
                let id = command.aggregate_id.clone();
                let (partition, accepted) = (instance.partition_of(&id), instance.accept(command));
                async move {
                    let receipt = accepted.await;
                    (partition, receipt.offset, id, receipt.version)
                }
            }))
            .await,
        );
        instance.stop().await;
    }
    places.sort();
    places
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_start_it_sees_what_was_accepted_and_nothing_else() {
    let kafka = Kafka::create(2).await;
    let expected = written(&kafka).await;
    let mut subscription = open(&kafka, Positions::new()).await.unwrap();
    let batches = read(&mut subscription, &mut Positions::new()).await;
    assert_eq!(places(&batches), expected);
    assert!(batches.iter().all(|batch| batch.entries.len() <= kafka.subscription().max_batch));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_resumes_exactly_where_it_was() {
    let kafka = Kafka::create(2).await;
    let expected = written(&kafka).await;
    let mut subscription = open(&kafka, Positions::new()).await.unwrap();
    let batches = read(&mut subscription, &mut Positions::new()).await;
    for cut in [1, batches.len() / 2, batches.len()] {
        let (before, _) = batches.split_at(cut);
        let mut positions: Positions = before.iter().map(|batch| (batch.partition.clone(), batch.to)).collect();
        let mut resumed = open(&kafka, positions.clone()).await.unwrap();
        let after = read(&mut resumed, &mut positions).await;
        let mut all = [places(before), places(&after)].concat();
        all.sort();
        assert_eq!(all, expected, "cut after {cut} of {} batches", batches.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_can_be_put_back_after_a_failed_commit() {
    let kafka = Kafka::create(2).await;
    let expected = written(&kafka).await;
    let mut subscription = open(&kafka, Positions::new()).await.unwrap();
    let mut first = Positions::new();
    let failed = next(&mut subscription).await;
    subscription.seek(&failed.partition, failed.from).await.unwrap();
    // What was read of other partitions meanwhile still comes, once.
    assert_eq!(places(&read(&mut subscription, &mut first).await), expected);

    let id = partition(1);
    subscription.seek(&id, Position::START).await.unwrap();
    first.insert(id, Position::START);
    let again = places(&read(&mut subscription, &mut first).await);
    assert_eq!(again, expected.into_iter().filter(|place| place.0 == 1).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_it_waits_comes_at_once() {
    let kafka = Kafka::create(1).await;
    let instance = kafka.start_alone().await;
    let mut subscription = open(&kafka, Positions::new()).await.unwrap();
    read(&mut subscription, &mut Positions::new()).await;
    let mut waits = Vec::new();
    for _ in 0..20 {
        instance.accept(draft(Uuid::new_v4())).await;
        let accepted = std::time::Instant::now();
        while next(&mut subscription).await.entries.is_empty() {}
        waits.push(accepted.elapsed());
    }
    waits.sort();
    println!("accepted to read: median {:?}, longest {:?}", waits[10], waits[19]);
    assert!(waits[10] < Duration::from_millis(100), "{waits:?}");
}
