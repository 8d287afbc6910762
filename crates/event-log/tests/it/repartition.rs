//! More partitions for a context.

use domain::Decider as _;
use domain::posts::Posts;
use event_log::ExecuteError;
use event_log::kafka::KafkaError;
use event_log::kafka::repartition::{Report, repartition};
use event_log::record::{EventRecord, Record, Stamp};
use event_log::registry::Registry;
use event_log::subscription::SubscribeError;
use futures::future::join_all;
use futures::{StreamExt as _, stream};
use uuid::Uuid;

use crate::commands::{draft, retitle};
use crate::harness::{Harness, Instance, Kafka, registry_url};
use crate::subscription::{open, read};

async fn attempt(kafka: &Kafka, partitions: i32) -> Result<Option<Report>, KafkaError> {
    let registry = Registry::new(&registry_url()).unwrap();
    repartition(&kafka.config, &registry, Posts::NAME, partitions).await
}

async fn posts(instance: &Instance, count: usize) -> Vec<Uuid> {
    let posts: Vec<Uuid> = (0..count).map(|_| Uuid::new_v4()).collect();
    join_all(posts.iter().map(|post| instance.accept(draft(*post)))).await;
    join_all(posts.iter().map(|post| instance.accept(retitle(*post, 1)))).await;
    posts
}

/// What a leader appends that has slept and not read the seal.
async fn append_as_the_sleeper(kafka: &Kafka, partition: i32) {
    let valid = kafka.valid(partition).await;
    let last = valid.iter().rev().find_map(|(_, record)| match record {
        Record::Event(event) => Some(event.clone()),
        Record::TermStarted(_) | Record::Unreadable { .. } | Record::Foreign => None,
    });
    let EventRecord { stamp: Stamp { term, seq }, command, mut recorded } = last.unwrap();
    recorded.version += 1;
    let event = EventRecord { stamp: Stamp { term, seq: seq + 1 }, command, recorded };
    kafka.append(partition, Record::Event(event)).await;
    assert_eq!(kafka.valid(partition).await.len(), valid.len(), "it counts for no reader");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_goes_on_in_a_topic_with_more_partitions() {
    let kafka = Kafka::create(2).await;
    let former = kafka.start_alone().await;
    let first = draft(Uuid::new_v4());
    former.accept(first.clone()).await;
    let posts = posts(&former, 40).await;
    kafka.append_raw(0, "stray", b"not ours", &[]).await;
    let mut positions = std::collections::HashMap::new();
    read(&mut open(&kafka, positions.clone()).await.unwrap(), &mut positions).await;

    let report = attempt(&kafka, 6).await.unwrap().unwrap();

    assert_eq!((report.events, report.aggregates, report.void, report.partitions), (81, 41, 1, 6));
    assert_eq!(report.to, format!("{}.posts.v2", kafka.config.topic_prefix));
    assert!(report.left_over.is_empty(), "{:?}", report.left_over);
    assert_eq!(former.ask(retitle(posts[0], 2)).await, Err(ExecuteError::Sealed));
    for partition in 0..2 {
        append_as_the_sleeper(&kafka, partition).await;
    }

    let moved = kafka.current().await;
    assert_eq!((moved.topic(), moved.partitions()), (report.to, 6));
    let refused = open(&moved, positions).await.map(|_| ()).unwrap_err();
    assert!(matches!(&refused, SubscribeError::ForeignPosition { .. }), "{refused}");
    assert!(refused.to_string().contains("more partitions"), "{refused}");
    let instance = moved.start_alone().await;
    for post in &posts {
        assert_eq!(instance.confirmed(&post.to_string()).unwrap().0, 2);
    }
    let again = instance.accept(first).await;
    assert_eq!((again.version, again.changed), (1, true), "a command that comes again has its first reply");
    let receipts = join_all(posts.iter().map(|post| instance.accept(retitle(*post, 2)))).await;
    assert!(receipts.iter().all(|receipt| receipt.version == 3));
    assert!(attempt(&kafka, 6).await.unwrap().is_none(), "it is so already");
    let refused = attempt(&kafka, 4).await.unwrap_err().to_string();
    assert_eq!(refused, "posts has 6 partitions, and there is a way to more only");
    former.stop().await;
    instance.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_attempts_at_once_one_counts_and_the_other_says_so() {
    let kafka = Kafka::create(2).await;
    let former = kafka.start_alone().await;
    let posts = posts(&former, 10).await;
    former.stop().await;
    let (one, other) = tokio::join!(attempt(&kafka, 4), attempt(&kafka, 5));
    let counted: Vec<&Report> = [&one, &other].into_iter().filter_map(|it| it.as_ref().ok()?.as_ref()).collect();
    let [report] = counted[..] else { panic!("{one:?} {other:?}") };
    let moved = kafka.current().await;
    assert_eq!((moved.topic(), moved.partitions()), (report.to.clone(), report.partitions));
    let instance = moved.start_alone().await;
    for post in &posts {
        assert_eq!(instance.confirmed(&post.to_string()).unwrap().0, 2);
    }
    instance.stop().await;
}

/// `cargo test --release -p event-log --test it -- --ignored how_fast --nocapture`, with a stack.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn how_fast_a_context_is_copied() {
    const EVENTS: usize = 400_000;
    let kafka = Kafka::create(2).await;
    let former = kafka.start_alone().await;
    let drafting = (0..EVENTS).map(|_| former.accept(draft(Uuid::new_v4())));
    stream::iter(drafting).buffer_unordered(512).for_each(async |_| {}).await;
    let report = attempt(&kafka, 6).await.unwrap().unwrap();
    let per_second = report.events as f64 / report.copied_in.as_secs_f64();
    println!("{per_second:.0} events/s copied, no commands for {:?}: {report:?}", report.sealed_for);
    assert_eq!(report.events, EVENTS as u64);
}
