use std::net::TcpListener;
use std::time::{Duration, Instant};

use rdkafka::consumer::BaseConsumer;
use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::batch::{BATCH_BYTES, LANDS_WITHIN, LANDS_WITHIN_AT_MOST, fitting};
use super::*;
use crate::codec::Headers;
use crate::kafka::ask_ends;

fn wire() -> Wire {
    Wire { key: "key".to_owned(), value: b"value".to_vec(), headers: Headers::default() }
}

const TOPIC: &str = "silent.posts.v1";
/// More than one look takes.
const MOMENT: Duration = Duration::from_millis(50);

fn producers(broker: &TcpListener, largest_bytes: usize) -> Producers {
    producers_of(broker.local_addr().unwrap().to_string(), largest_bytes)
}

fn producers_of(brokers: String, largest_bytes: usize) -> Producers {
    let config = KafkaConfig { session_timeout: Duration::from_secs(1), ..KafkaConfig::of(brokers, "silent", 2) };
    Producers::new(&config, TOPIC, &Arc::new(Leaders::of(vec![0, 0])), largest_bytes).unwrap()
}

/// A topic that takes more than the client library can be told of stopped the service.
#[test]
fn the_largest_record_is_one_that_the_client_takes() {
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    for (of_topic, ours) in [(i32::MAX as usize, 1_000_000_000), (2_000_000, 2_000_000), (0, 1_000)] {
        let producers = producers(&broker, of_topic);
        assert_eq!(producers.limit().most(), ours);
        producers.close();
    }
}

#[test]
fn a_producer_whose_batch_does_not_land_has_failed() {
    // Takes connections, and says nothing.
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    let producers = producers(&broker, 1_000_000);
    producers.send(0, wire()).unwrap();
    let until = Instant::now() + 3 * LANDS_WITHIN;
    while producers.failed().is_empty() && Instant::now() < until {
        std::thread::sleep(MOMENT);
    }
    assert_eq!(producers.failed(), [0, 1], "they share the producer");
    assert!(producers.send(1, wire()).is_err());
    assert_eq!(producers.patience.now(), 2 * LANDS_WITHIN, "the next one has longer");
    producers.renew(0);
    assert!(producers.send(0, wire()).is_ok(), "another one takes it");
    // The last partition that was bound to it lets go of it, and who has the partition to itself does not wait.
    let began = Instant::now();
    producers.renew(1);
    assert!(began.elapsed() < Duration::from_millis(200), "{:?}", began.elapsed());
    producers.close();
}

#[test]
fn patience_grows_to_an_end_and_begins_anew_when_a_batch_lands() {
    let patience = Patience::default();
    (0..10).for_each(|_| patience.waited_in_vain());
    assert_eq!(patience.now(), LANDS_WITHIN_AT_MOST);
    patience.landed();
    assert_eq!(patience.now(), LANDS_WITHIN);
}

/// More than 64 MiB at once used to be refused by the client library, and to come again with each new term.
#[test]
fn what_has_gathered_goes_in_batches_that_the_client_takes() {
    let large = || (0, Wire { value: vec![0; 1 << 20], ..wire() });
    let gathered: Vec<_> = std::iter::repeat_with(large).take(100).collect();
    assert_eq!(fitting(&gathered), 15, "a record has a head, too");
    assert_eq!(fitting(&gathered[..3]), 3);
    let huge = [(0, Wire { value: vec![0; 2 * BATCH_BYTES], ..wire() })];
    assert_eq!(fitting(&huge), 1, "it must go some time");
}

/// The client says that it is broken before it says why: a new term was begun with the same record, and another.
#[test]
fn what_the_topic_takes_no_more_is_known_before_the_producer_counts_as_failed() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 2, 1).unwrap();
    let producers = producers_of(cluster.bootstrap_servers(), 1_000_000);
    let large = || Wire { value: vec![0; 100_000], ..wire() };
    let tried = large().bytes();
    let until = Instant::now() + 3 * LANDS_WITHIN;
    for most in [tried / 2, tried / 4] {
        let too_large = RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
        cluster.request_errors(RDKafkaApiKey::Produce, &[too_large]);
        let sent = if most == tried / 2 { large() } else { Wire { value: vec![0; tried / 2 - 200], ..wire() } };
        producers.send(0, sent).unwrap();
        while producers.failed().is_empty() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        // All that share the producer fail with it. The mock does not say what a topic takes.
        let known = producers.limit().most();
        assert!(known <= most && known > most / 2, "{known} of {most}");
        producers.failed().into_iter().for_each(|partition| producers.renew(partition));
    }
    producers.send(0, wire()).unwrap();
    std::thread::sleep(10 * MOMENT);
    assert!(producers.failed().is_empty(), "it lands");
    producers.close();
}

/// What was appended to a partition that had moved waited for the broker that led it before.
#[test]
fn a_partition_that_moves_to_another_broker_goes_with_that_ones_producer() {
    let cluster = MockCluster::new(2).unwrap();
    cluster.create_topic(TOPIC, 2, 1).unwrap();
    (0..2).for_each(|partition| cluster.partition_leader(TOPIC, partition, Some(1)).unwrap());
    let (config, leaders) =
        (KafkaConfig::of(cluster.bootstrap_servers(), "silent", 2), Arc::new(Leaders::of(vec![1, 1])));
    let producers = Producers::new(&config, TOPIC, &leaders, 1_000_000).unwrap();
    let asker: BaseConsumer = config.client("test").set("group.id", "test").create().unwrap();
    assert!(Arc::ptr_eq(&producers.get(0).unwrap(), &producers.get(1).unwrap()));
    assert!(producers.misplaced().is_empty());

    cluster.partition_leader(TOPIC, 0, Some(2)).unwrap();
    leaders.look(&asker, TOPIC, LANDS_WITHIN).unwrap();
    assert!(producers.misplaced().is_empty(), "the other broker's producer is just being made");
    std::thread::sleep(WARM);
    assert_eq!(producers.misplaced(), [0]);
    producers.renew(0);
    producers.bind(0);
    assert!(producers.misplaced().is_empty());

    cluster.broker_down(1).unwrap();
    [1, 0].into_iter().for_each(|partition| producers.send(partition, wire()).unwrap());
    let until = Instant::now() + LANDS_WITHIN / 2;
    let landed = || ask_ends(&asker, &[(TOPIC.to_owned(), 0)], MOMENT).is_ok_and(|ends| ends == [1]);
    while !landed() {
        assert!(Instant::now() < until, "it waits for the broker of the other");
        std::thread::sleep(MOMENT);
    }
    leaders.learn(&[-1, 1]);
    assert!(producers.misplaced().is_empty(), "there is none to follow");
    producers.close();
}
