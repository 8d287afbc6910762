//! What a reader meets on a bad day: records that do not count, records that cannot be read, positions and topics that
//! do not fit.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::posts::{Command, Posts};
use event_log::codec::{Codec, header};
use event_log::kafka::{Clients, KafkaConfig, KafkaError, census, connect, topics};
use event_log::partition::Limits;
use event_log::record::Record;
use event_log::registry::{Registry, RegistryError};
use event_log::subscription::{Position, SubscribeError, Subscription, SubscriptionConfig};
use event_log::{EventLog, NoForward, Outcome, Refusal, Request, Unremembered};
use uuid::Uuid;

use crate::commands::{draft, retitle, text};
use crate::harness::{Harness, Kafka, PATIENCE};
use crate::subscription::{open, partition, places, read};

#[track_caller]
fn foreign(opened: Result<Subscription, SubscribeError>) -> String {
    match opened.map(|_| ()) {
        Err(error @ SubscribeError::ForeignPosition { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn unusable(opened: Result<Subscription, SubscribeError>) -> String {
    match opened.map(|_| ()) {
        Err(SubscribeError::Unusable(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_count_never_reaches_a_reader() {
    let kafka = Kafka::create(1).await;
    let first = kafka.start_alone().await;
    let post = Uuid::new_v4();
    first.accept(draft(post)).await;
    first.stop().await;
    let second = kafka.start_alone().await;
    let Record::Event(mut stale) = kafka.records(0).await.remove(1) else { panic!("it is the draft") };
    stale.stamp.seq = 2;
    stale.recorded.version = 2;
    kafka.append(0, Record::Event(stale)).await;
    kafka.append_raw(0, "a", b"no stamp, no schema", &[]).await;
    kafka.append_raw(0, "a", b"", &[(header::TERM, "1".into()), (header::SEQ, "2".into())]).await;
    let receipt = second.accept(retitle(post, 1)).await;

    let mut subscription = open(&kafka, HashMap::new()).await.unwrap();
    let batches = read(&mut subscription, &mut HashMap::new()).await;
    let id = post.to_string();
    assert_eq!(places(&batches), [(0, 1, id.clone(), 1), (0, receipt.offset, id, 2)]);
    assert!(kafka.records(0).await.len() >= 7, "two terms, two events, and three that do not count");
}

/// An instance that had read it was never ready again, and one that started never led.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_anothers_transaction_holds_up_no_instance() {
    let kafka = Kafka::create(1).await;
    let first = kafka.start_alone().await;
    let post = Uuid::new_v4();
    first.accept(draft(post)).await;
    kafka.append_in_transaction(&kafka.topic(), 0, true).await;
    let refused = first.ask(Request { expected: Some(7), ..retitle(post, 1) }).await;
    assert!(matches!(refused, Ok(Outcome::Refused(Refusal::VersionConflict { current: 1 }))), "{refused:?}");
    tokio::time::sleep(2 * kafka.config.read_lease).await;
    assert!(first.unready().is_empty(), "{:?}", first.unready());
    first.stop().await;

    kafka.append_in_transaction(&kafka.topic(), 0, true).await;
    let second = kafka.start_alone().await;
    assert!(second.unready().is_empty(), "{:?}", second.unready());
    second.accept(retitle(post, 1)).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_counts_and_cannot_be_decoded_comes_through_as_such() {
    let kafka = Kafka::create(1).await;
    let instance = kafka.start_alone().await;
    instance.accept(draft(Uuid::new_v4())).await;
    instance.stop().await;
    let stamp = |seq: &str| [(header::TERM, "1".to_owned()), (header::SEQ, seq.to_owned())];
    kafka.append_raw(0, "some-post", b"garbage", &stamp("2")).await;
    let instance = kafka.start_alone().await;
    let after = Uuid::new_v4();
    instance.accept(draft(after)).await;

    let mut subscription = open(&kafka, HashMap::new()).await.unwrap();
    let batches = read(&mut subscription, &mut HashMap::new()).await;
    let entries: Vec<_> = batches.into_iter().flat_map(|batch| batch.entries).collect();
    let [_, undecodable, next] = &entries[..] else { panic!("{entries:?}") };
    let error = undecodable.event.as_ref().unwrap_err();
    assert_eq!((undecodable.offset, &error.key[..], &error.value[..]), (2, &b"some-post"[..], &b"garbage"[..]));
    assert_eq!(error.reason, "does not begin with the magic byte 0");
    assert_eq!(next.event.as_ref().unwrap().aggregate_id, after.to_string(), "what follows goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_of_another_log_is_refused() {
    let kafka = Kafka::create(1).await;
    let instance = kafka.start_alone().await;
    instance.accept(draft(Uuid::new_v4())).await;
    instance.stop().await;
    let mut positions = HashMap::new();
    let mut subscription = open(&kafka, HashMap::new()).await.unwrap();
    read(&mut subscription, &mut positions).await;
    drop(subscription);

    kafka.begin_anew().await;
    kafka.known.forget();
    let past_the_end = foreign(open(&kafka, positions.clone()).await);
    assert!(past_the_end.contains("offset 2 was to be read next, but the log has 0 to 0"), "{past_the_end}");
    let instance = kafka.start_alone().await;
    instance.accept(draft(Uuid::new_v4())).await;
    instance.accept(draft(Uuid::new_v4())).await;
    let another = foreign(open(&kafka, positions).await);
    assert!(another.contains("begun anew"), "{another}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_past_the_end_is_refused() {
    let kafka = Kafka::create(2).await;
    let instance = kafka.start_alone().await;
    let position = Position { next_offset: 100, ..Position::START };
    let refused = foreign(open(&kafka, HashMap::from([(partition(1), position)])).await);
    assert!(refused.contains("offset 100 was to be read next, but the log has 0 to 1"), "{refused}");
    instance.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_partition_count_is_refused() {
    let kafka = Kafka::create(2).await;
    let expected = format!("topic {} has 2 partitions; configured are 3", kafka.topic());
    let config = SubscriptionConfig { partitions: 3, ..kafka.subscription() };
    assert_eq!(unusable(Subscription::open(config, HashMap::new(), Duration::ZERO).await), expected);

    let config = KafkaConfig { partitions: 3, ..kafka.config.clone() };
    let refused = topics::check(&config, &[kafka.topic()]).await.unwrap_err();
    assert!(matches!(&refused, KafkaError::Unfit(reason) if *reason == expected), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_is_not_there_is_refused() {
    let kafka = Kafka::create(1).await;
    let config = SubscriptionConfig { topic_prefix: "not-there".into(), ..kafka.subscription() };
    let refused = unusable(Subscription::open(config, HashMap::new(), Duration::from_secs(20)).await);
    assert!(refused.starts_with("there is no topic not-there.posts.v1"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_broker_it_gives_up_after_its_patience() {
    let config = SubscriptionConfig {
        brokers: "127.0.0.1:9".into(),
        registry_url: "http://127.0.0.1:9".into(),
        topic_prefix: "nothing".into(),
        contexts: vec!["posts".into()],
        partitions: 1,
        layout: event_log::kafka::Layout::default(),
        max_batch: 1,
    };
    let began = Instant::now();
    unusable(Subscription::open(config, HashMap::new(), Duration::from_millis(500)).await);
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(500) && took < Duration::from_secs(3), "gave up after {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_without_a_broker_gives_up_after_its_patience() {
    let config = KafkaConfig::of("127.0.0.1:9", "nothing", 1);
    let codec = Codec::new(Registry::new("http://127.0.0.1:9").unwrap());
    let log = EventLog::<Posts>::new(1, "here", Limits::default(), Arc::new(NoForward));
    let (began, patience) = (Instant::now(), Duration::from_millis(500));
    let clients = Clients::open(&config).unwrap();
    let refused = connect(&log, &clients, &codec, Arc::new(Unremembered), Some("service"), patience).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, KafkaError::Kafka(_)), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(3), "gave up after {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_forgets_is_refused() {
    let kafka = Kafka::create(1).await;
    kafka.set(&[("retention.ms", "1000")]).await;
    let expected = format!("topic {}: retention.ms is 1000, and must be -1", kafka.topic());
    assert_eq!(unusable(Subscription::open(kafka.subscription(), HashMap::new(), Duration::ZERO).await), expected);
}

/// A registry that was lost and begun anew: it finds every schema of ours, and has others under the ids that the log
/// uses.
fn begun_anew() -> Registry {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 16 * 1024];
            let length = stream.read(&mut request).unwrap_or(0);
            let body = match request[..length].starts_with(b"GET /schemas/ids/") {
                true => r#"{"schema":"{\"type\":\"record\",\"name\":\"Other\",\"fields\":[]}"}"#,
                false => r#"{"id":1}"#,
            };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    Registry::new(&url).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_contradicts_the_log_is_refused_and_begins_no_second_history() {
    let kafka = Kafka::create(1).await;
    let instance = kafka.start_alone().await;
    instance.accept(draft(Uuid::new_v4())).await;
    instance.stop().await;
    let before = kafka.records(0).await;

    let log = EventLog::<Posts>::new(1, "here", Limits::default(), Arc::new(NoForward));
    let codec = Codec::new(begun_anew());
    let clients = Clients::open(&kafka.config).unwrap();
    let connected = connect(&log, &clients, &codec, Arc::new(Unremembered), Some("service"), PATIENCE).await;
    let refused = connected.unwrap_err();
    let contradicts =
        matches!(&refused, KafkaError::Registry(RegistryError::Contradicts(why)) if why.contains("Other"));
    assert!(contradicts, "{refused:?}");
    log.close();
    assert_eq!(kafka.records(0).await, before, "no term was begun");

    // A reader needs no registry to read what this program can write.
    let config = SubscriptionConfig { registry_url: "http://127.0.0.1:9".into(), ..kafka.subscription() };
    let mut subscription = Subscription::open(config, HashMap::new(), Duration::from_secs(20)).await.unwrap();
    let batches = read(&mut subscription, &mut HashMap::new()).await;
    assert_eq!(batches.iter().flat_map(|batch| &batch.entries).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schemas_in_use_are_told_without_a_registry() {
    let kafka = Kafka::create(2).await;
    let instance = kafka.start_alone().await;
    instance.accept(draft(Uuid::new_v4())).await;
    instance.stop().await;
    let in_use = census::schemas_in_use(&kafka.config, &["posts"]).await.unwrap();
    let subjects: Vec<&String> = in_use.values().flat_map(|(_, subjects)| subjects).collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects.iter().all(|subject| subject.starts_with(&kafka.topic())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_does_not_take_every_event_is_refused() {
    let kafka = Kafka::create(1).await;
    kafka.set(&[("max.message.bytes", "100000"), ("retention.ms", "-1"), ("retention.bytes", "-1")]).await;
    let expected = format!("topic {}: max.message.bytes is 100000, and must be at least 1000000", kafka.topic());
    let refused = topics::check(&kafka.config, &[kafka.topic()]).await.unwrap_err();
    assert!(matches!(&refused, KafkaError::Unfit(reason) if *reason == expected), "{refused}");
    open(&kafka, HashMap::new()).await.expect("a reader does not mind");
}

/// It began term after term, each with the same record, and no command of that broker's partitions was accepted any
/// more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_topic_takes_no_more_is_refused_and_the_rest_goes_on() {
    let kafka = Kafka::create(1).await;
    let instance = kafka.start_alone().await;
    let post = Uuid::new_v4();
    instance.accept(draft(post)).await;
    kafka.set(&[("max.message.bytes", "20000"), ("retention.ms", "-1"), ("retention.bytes", "-1")]).await;

    let mut long = draft(Uuid::new_v4());
    let Command::Put { content, .. } = &mut long.body else { panic!("it is a draft") };
    content.body = text(&"long ".repeat(20_000));
    let (outcome, receipt) = tokio::join!(instance.ask(long.clone()), instance.accept(retitle(post, 1)));
    let refused = |outcome: &_| match outcome {
        Ok(Outcome::Refused(Refusal::TooLarge { most, bytes })) => *most == 20_000 && *bytes > 100_000,
        _ => false,
    };
    assert!(refused(&outcome), "{outcome:?}");
    assert_eq!(receipt.version, 2, "what was decided beside it is decided anew");
    let terms = instance.standing(0).term;
    assert!(terms <= 3, "one more term, or two: {terms}");
    assert!(refused(&instance.ask(long.clone()).await), "and without a term");
    instance.accept(retitle(post, 2)).await;
    assert_eq!(instance.standing(0).term, terms);

    // It was noticed at a restart only.
    kafka.set(&[("max.message.bytes", "1500000"), ("retention.ms", "-1"), ("retention.bytes", "-1")]).await;
    let raised = Instant::now();
    while !matches!(instance.ask(long.clone()).await, Ok(Outcome::Accepted(_))) {
        assert!(raised.elapsed() < PATIENCE, "it is not noticed");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(instance.standing(0).term, terms, "no term is begun for it");
}

/// An operator did the obvious, and Kafka cannot take it back: no service started again, and running ones panicked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partitions_that_are_added_to_the_topic_are_ignored() {
    let kafka = Kafka::create(2).await;
    let first = kafka.start_alone().await;
    kafka.add_partitions(3).await;
    // The group may give it the partition that is not ours, and no other: it forwards, then.
    let second = kafka.start().await;
    let posts: Vec<Uuid> = (0..20).map(|_| Uuid::new_v4()).collect();
    for post in &posts {
        second.accept(draft(*post)).await;
    }
    second.stop().await;
    first.accept(retitle(posts[0], 1)).await;
    let mut subscription = open(&kafka, HashMap::new()).await.unwrap();
    let batches = read(&mut subscription, &mut HashMap::new()).await;
    assert_eq!(batches.iter().flat_map(|batch| &batch.entries).count(), 21);
}

/// Instances that are configured with fewer partitions than the topic was made with would read a part of the log, and
/// begin a second history of what is in the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fewer_partitions_than_have_records_are_refused() {
    let kafka = Kafka::create(4).await;
    let instance = kafka.start_alone().await;
    instance.stop().await;
    let expected = format!("topic {} has 4 partitions, with records in partition 2; configured are 2", kafka.topic());

    let config = KafkaConfig { partitions: 2, ..kafka.config.clone() };
    let refused = topics::check(&config, &[kafka.topic()]).await.unwrap_err();
    assert!(matches!(&refused, KafkaError::Unfit(reason) if reason.starts_with(&expected)), "{refused}");
    let config = SubscriptionConfig { partitions: 2, ..kafka.subscription() };
    let refused = unusable(Subscription::open(config, HashMap::new(), Duration::from_secs(20)).await);
    assert!(refused.starts_with(&expected), "{refused}");
}
