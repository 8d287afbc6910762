//! Topics that are made anew, by mistake and on purpose: no second history is begun beside the first.

use std::collections::HashMap;
use std::time::Duration;

use event_log::Unready;
use event_log::registry::Registry;
use event_log::subscription::{PartitionId, SubscribeError};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::commands::{draft, retitle};
use crate::harness::{Harness, Instance, Kafka, PATIENCE, registry_url, until};
use crate::repartition::attempt;
use crate::subscription::{next, open, read};

async fn is_refused(instance: &Instance) {
    let refused = || instance.unready().values().any(|why| *why == Unready::Another);
    until("the log is another", refused).await;
}

/// A log of one partition with two events.
async fn written() -> Kafka {
    let kafka = Kafka::create(1).await;
    let instance = kafka.start_alone().await;
    let post = Uuid::new_v4();
    instance.accept(draft(post)).await;
    instance.accept(retitle(post, 1)).await;
    instance.stop().await;
    kafka
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_first_term_is_begun_where_one_was() {
    let kafka = written().await;
    kafka.begin_anew().await;
    let instance = kafka.start().await;
    is_refused(&instance).await;
    let asked = instance.execute(draft(Uuid::new_v4()), Instant::now() + Duration::from_secs(2)).await;
    assert!(asked.is_err(), "{asked:?}");
    assert!(kafka.records(0).await.is_empty(), "nothing is written to it");
    instance.stop().await;

    // An operator says that it is meant so.
    let registry = Registry::new(&registry_url()).unwrap();
    let named = event_log::kafka::first_terms::named(&kafka.config, &registry, &["posts"]).await.unwrap();
    assert_eq!(named.iter().map(|named| (named.partition, named.log_id)).collect::<Vec<_>>(), [(0, None)]);
    kafka.known.forget();
    let instance = kafka.start_alone().await;
    instance.accept(draft(Uuid::new_v4())).await;
    instance.stop().await;
    let named = event_log::kafka::first_terms::named(&kafka.config, &registry, &["posts"]).await.unwrap();
    let first = kafka.valid(0).await.remove(0).1;
    let event_log::record::Record::TermStarted(first) = first else { panic!("{first:?}") };
    assert_eq!(named[0].log_id, Some(first.nonce));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_installations_log_is_not_written_to() {
    let kafka = written().await;
    kafka.begin_anew().await;
    let anothers = kafka.anothers();
    let other = anothers.start_alone().await;
    other.accept(draft(Uuid::new_v4())).await;
    other.stop().await;
    let before = kafka.records(0).await;

    // Its log is as long as ours was: only the first term tells.
    let instance = kafka.start().await;
    is_refused(&instance).await;
    let asked = instance.execute(draft(Uuid::new_v4()), Instant::now() + Duration::from_secs(2)).await;
    assert!(asked.is_err(), "{asked:?}");
    assert_eq!(kafka.records(0).await, before, "nothing is written to it");
    instance.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_is_made_anew_under_an_instance_is_not_gone_on_with() {
    let kafka = written().await;
    let instance = kafka.start_alone().await;
    kafka.begin_anew().await;
    is_refused(&instance).await;
    let why = instance.standing(0).stuck.unwrap();
    assert!(why.contains("made anew"), "{why}");
    assert!(instance.confirmed("a").is_err());
    let asked = instance.execute(draft(Uuid::new_v4()), Instant::now() + Duration::from_secs(2)).await;
    assert!(asked.is_err(), "{asked:?}");
    instance.stop().await;
}

/// It went on with what the new log has at the very offset that it was to read next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_under_which_the_topic_is_made_anew_says_so() {
    let kafka = written().await;
    let mut subscription = open(&kafka, HashMap::new()).await.unwrap();
    read(&mut subscription, &mut HashMap::new()).await;
    kafka.begin_anew().await;
    let anothers = kafka.anothers();
    let other = anothers.start_alone().await;
    for _ in 0..20 {
        other.accept(draft(Uuid::new_v4())).await;
    }
    let said = timeout(PATIENCE, async {
        loop {
            match subscription.next().await {
                Err(SubscribeError::ForeignPosition { partition, .. }) => return partition,
                // The client library may notice by itself that its offset is none of this log's.
                Err(SubscribeError::Unusable(_)) => return PartitionId { context: "posts".into(), partition: 0 },
                Ok(_) => {}
            }
        }
    });
    assert_eq!(said.await.unwrap(), PartitionId { context: "posts".into(), partition: 0 });
    other.stop().await;
}

/// It was ready for ever, of a log in which nothing happens any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_a_context_that_goes_on_elsewhere_says_so() {
    let kafka = written().await;
    let mut subscription = open(&kafka, HashMap::new()).await.unwrap();
    assert!(!next(&mut subscription).await.entries.is_empty());
    // It has looked before.
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(subscription.moved(), None);
    attempt(&kafka, 2).await.unwrap().unwrap();
    until("it is known that posts goes on elsewhere", || subscription.moved().is_some()).await;
    assert!(subscription.moved().unwrap().contains(".posts.v2"));
}
