//! Offsets that are no record's: a transaction of another program ends with a marker that comes to no reader. What
//! reads comes to the end of a partition all the same.

use std::collections::HashMap;
use std::time::Duration;

use event_log::kafka::{census, first_terms};
use event_log::registry::Registry;
use tokio::time::timeout;
use uuid::Uuid;

use crate::commands::{draft, retitle};
use crate::harness::{Harness, Kafka, PATIENCE, registry_url};
use crate::repartition::attempt;
use crate::subscription::{next, open, partition, places, read};

/// A log of two partitions with an event in the first, and ends that are no record's in both.
async fn ended_by_others() -> (Kafka, Uuid) {
    let kafka = Kafka::create(2).await;
    let instance = kafka.start_alone().await;
    let post = std::iter::repeat_with(Uuid::new_v4).find(|it| instance.partition_of(&it.to_string()) == 0).unwrap();
    instance.accept(draft(post)).await;
    instance.stop().await;
    kafka.append_in_transaction(&kafka.topic(), 0, true).await;
    kafka.append_in_transaction(&kafka.topic(), 0, false).await;
    kafka.append_in_transaction(&kafka.topic(), 1, false).await;
    (kafka, post)
}

/// It waited for ever for a record at the last offset: so did exports and rebuilds, and a projector's lag stayed 1.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_comes_to_an_end_that_is_no_records() {
    let (kafka, post) = ended_by_others().await;
    let mut subscription = open(&kafka, HashMap::new()).await.unwrap();
    let mut positions = HashMap::new();
    let batches = timeout(PATIENCE, read(&mut subscription, &mut positions)).await.unwrap();
    assert_eq!(places(&batches), [(0, 1, post.to_string(), 1)]);
    let ends = subscription.ends().await.unwrap();
    assert!(ends.iter().all(|(id, end)| positions[id].next_offset == *end), "{ends:?} {positions:?}");

    // A handler goes back after a commit that failed, and comes to the end again.
    subscription.seek(&partition(0), event_log::Position::START).await.unwrap();
    positions.insert(partition(0), event_log::Position::START);
    assert_eq!(places(&read(&mut subscription, &mut positions).await).len(), 1);

    // A position that is no record's is one of this log, and what comes after it is read.
    let mut resumed = open(&kafka, positions.clone()).await.unwrap();
    let instance = kafka.start_alone().await;
    let receipt = instance.accept(retitle(post, 1)).await;
    let after = read(&mut resumed, &mut positions).await;
    assert_eq!(places(&after), [(0, receipt.offset, post.to_string(), 2)]);
    instance.stop().await;
}

/// Another instance of a projector may be there already, and who waits for it asks for no end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_asks_for_no_end_comes_to_it_too() {
    let (kafka, _) = ended_by_others().await;
    let mut positions = HashMap::new();
    read(&mut open(&kafka, HashMap::new()).await.unwrap(), &mut positions).await;
    let mut unasked = open(&kafka, HashMap::new()).await.unwrap();
    let mut left = positions.clone();
    while !left.is_empty() {
        let batch = timeout(PATIENCE, next(&mut unasked)).await.unwrap();
        left.retain(|id, at| *id != batch.partition || at.next_offset > batch.to.next_offset);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reads_a_topic_once_comes_to_such_an_end() {
    let kafka = Kafka::create(2).await;
    kafka.append_in_transaction(&kafka.topic(), 0, true).await;
    kafka.append_in_transaction(&kafka.topic(), 1, false).await;
    let registry = Registry::new(&registry_url()).unwrap();
    let named = first_terms::named(&kafka.config, &registry, &["posts"]).await.unwrap();
    assert!(named.len() == 2 && named.iter().all(|named| named.log_id.is_none()), "{named:?}");
    assert!(census::schemas_in_use(&kafka.config, &["posts"]).await.unwrap().is_empty());
    // And nothing keeps a first term from it.
    let instance = kafka.start_alone().await;
    instance.accept(draft(Uuid::new_v4())).await;
    instance.stop().await;

    // So does what says where the contexts are.
    assert!(attempt(&kafka, 3).await.unwrap().is_some());
    kafka.append_in_transaction(&format!("{}.versions", kafka.config.topic_prefix), 0, false).await;
    let current = timeout(PATIENCE, kafka.config.clone().current(Duration::ZERO)).await.unwrap().unwrap();
    assert_eq!(current.partitions_of("posts"), 3);
}

/// It was only looked where nothing at all was read: an end was never come to beside a partition that others write to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn such_an_end_is_come_to_while_another_partition_is_written_to() {
    let (kafka, post) = ended_by_others().await;
    kafka.append_in_transaction(&kafka.topic(), 1, false).await;
    let instance = std::sync::Arc::new(kafka.start_alone().await);
    let writing = tokio::spawn({
        let instance = std::sync::Arc::clone(&instance);
        async move {
            for number in 1.. {
                instance.accept(retitle(post, number)).await;
            }
        }
    });
    let mut subscription = open(&kafka, HashMap::new()).await.unwrap();
    let ends = subscription.ends().await.unwrap();
    let mut at = 0;
    while at < ends[&partition(1)] {
        let batch = timeout(PATIENCE, next(&mut subscription)).await.unwrap();
        at = if batch.partition == partition(1) { batch.to.next_offset } else { at };
    }
    // What wants one record of each partition is not kept by those that follow it.
    let registry = Registry::new(&registry_url()).unwrap();
    let named = timeout(PATIENCE, first_terms::named(&kafka.config, &registry, &["posts"])).await.unwrap().unwrap();
    assert_eq!(named.iter().filter(|named| named.log_id.is_some()).count(), 2, "{named:?}");
    assert!(!writing.is_finished());
    writing.abort();
    let _ = writing.await;
    std::sync::Arc::into_inner(instance).unwrap().stop().await;
}
