//! More partitions for a context.

use std::sync::Arc;

use domain::Decider as _;
use domain::posts::Posts;
use event_log::kafka::KafkaError;
use event_log::kafka::repartition::{Report, repartition};
use event_log::known_logs::Named;
use event_log::record::{EventRecord, Record, Stamp};
use event_log::registry::Registry;
use event_log::subscription::SubscribeError;
use event_log::{ExecuteError, KnownLogs, Unready};
use futures::future::join_all;
use futures::{StreamExt as _, stream};
use uuid::Uuid;

use crate::commands::{draft, retitle};
use crate::harness::{Fails, Harness, Instance, Kafka, registry_url, until};
use crate::subscription::{open, read};

pub(crate) async fn attempt(kafka: &Kafka, partitions: i32) -> Result<Option<Report>, KafkaError> {
    // An instance has them noted once it has read its first term back.
    let all = usize::try_from(kafka.config.partitions).unwrap();
    until("our logs are known", || kafka.known.topics().values().sum::<usize>() >= all).await;
    attempt_at_once(kafka, partitions).await
}

async fn attempt_at_once(kafka: &Kafka, partitions: i32) -> Result<Option<Report>, KafkaError> {
    let registry = Registry::new(&registry_url()).unwrap();
    let known = Arc::clone(&kafka.known) as Arc<dyn KnownLogs>;
    repartition(&kafka.config, &registry, &known, Posts::NAME, partitions).await
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

/// It sealed the partitions and could not read them to their ends, however often it was tried.
#[tokio::test(flavor = "multi_thread")]
async fn the_ends_of_anothers_transactions_keep_no_context_from_more_partitions() {
    let kafka = Kafka::create(2).await;
    let instance = kafka.start_alone().await;
    let before = posts(&instance, 10).await;
    for partition in 0..2 {
        kafka.append_in_transaction(&kafka.topic(), partition, true).await;
    }
    let after = posts(&instance, 10).await;
    for (partition, commits) in [(0, true), (0, false), (1, false)] {
        kafka.append_in_transaction(&kafka.topic(), partition, commits).await;
    }
    instance.stop().await;
    let report = attempt(&kafka, 5).await.unwrap().unwrap();
    assert_eq!((report.events, report.aggregates, report.void), (40, 20, 5));
    let moved = kafka.current().await;
    let instance = moved.start_alone().await;
    for post in before.iter().chain(&after) {
        assert_eq!(instance.confirmed(&post.to_string()).unwrap().0, 2);
    }
    instance.stop().await;
}

/// A wrong address: another installation's broker has a topic of that name.
#[tokio::test(flavor = "multi_thread")]
async fn another_installations_context_is_left_alone() {
    let kafka = Kafka::create(2).await;
    let other = kafka.start_alone().await;
    let post = posts(&other, 4).await[0];
    let (ours, topics) = (kafka.anothers(), kafka.topics().await);
    let refused = attempt_at_once(&ours, 4).await.unwrap_err().to_string();
    assert!(refused.contains("nothing is known of the logs of posts"), "{refused}");
    // Ours is known, under that name or after it got more partitions.
    for (topic, said) in [("v1", "is not this installation's log"), ("v2", "is known to be in")] {
        let log_id = Some(Uuid::new_v4());
        let topic = format!("{}.posts.{topic}", kafka.config.topic_prefix);
        ours.known.forget();
        ours.known.note(&[Named { topic, partition: 0, log_id }]).await.unwrap();
        for partitions in [2, 4] {
            let refused = attempt_at_once(&ours, partitions).await.unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
    }
    assert_eq!(kafka.topics().await, topics, "nothing was made");
    assert_eq!(other.accept(retitle(post, 2)).await.version, 3, "nothing was sealed");
    other.stop().await;
}

/// A service that was led to another installation's broker took its log for a new one of ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_the_context_has_left_is_not_written_to() {
    let kafka = Kafka::create(2).await;
    let instance = kafka.start_alone().await;
    posts(&instance, 4).await;
    instance.stop().await;
    attempt(&kafka, 4).await.unwrap().unwrap();
    let topic = |number| format!("{}.posts.v{number}", kafka.config.topic_prefix);
    assert_eq!(kafka.known.topics(), [(topic(2), 4)].into(), "no other log of it is known");
    // The former topic, as a broker has it that knows of no switch.
    let before = kafka.records(0).await;
    let former = kafka.start().await;
    until("it is refused", || former.unready().values().any(|why| *why == Unready::Another)).await;
    assert!(former.standing(0).stuck.unwrap().contains(&topic(2)));
    former.stop().await;
    assert_eq!(kafka.records(0).await, before);
}

/// What an attempt that dies leaves is what one leaves whose memory is away from there on.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_right_wherever_an_attempt_ends() {
    let kafka = Kafka::create(2).await;
    let instance = kafka.start_alone().await;
    let post = posts(&instance, 4).await[0];
    let topic = |number| format!("{}.posts.v{number}", kafka.config.topic_prefix);

    *kafka.known.fails.lock() = Some(Fails::Noting);
    let refused = attempt(&kafka, 4).await.unwrap_err().to_string();
    assert!(refused.contains("it is away"), "{refused}");
    assert_eq!(instance.accept(retitle(post, 2)).await.version, 3, "nothing was sealed");
    assert_eq!(kafka.known.topics(), [(topic(1), 2)].into());

    *kafka.known.fails.lock() = Some(Fails::Forgetting);
    let refused = attempt(&kafka, 4).await.unwrap_err().to_string();
    assert!(refused.contains("run this again"), "{refused}");
    assert_eq!(kafka.known.topics(), [(topic(1), 2), (topic(3), 4)].into(), "whichever it is in, it is ours");
    let moved = kafka.current().await;
    let other = moved.start_alone().await;
    assert_eq!(other.accept(retitle(post, 3)).await.version, 4);
    other.stop().await;

    *kafka.known.fails.lock() = None;
    assert!(attempt(&kafka, 4).await.unwrap().is_none(), "it is so already");
    assert_eq!(kafka.known.topics(), [(topic(3), 4)].into());
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
