use rdkafka::consumer::Consumer as _;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};

use super::*;

const TOPIC: &str = "mock.posts.v1";

/// A broker inside this process, with a topic of four partitions.
fn broker() -> MockCluster<'static, DefaultProducerContext> {
    let broker = MockCluster::new(1).unwrap();
    broker.create_topic(TOPIC, 4, 1).unwrap();
    broker
}

fn two_partitions(broker: &MockCluster<'_, DefaultProducerContext>) -> KafkaConfig {
    KafkaConfig::of(broker.bootstrap_servers(), "mock", 2)
}

fn append_to(config: &KafkaConfig, partition: i32) {
    let producer: BaseProducer = config.client("test").create().unwrap();
    producer.send(BaseRecord::to(TOPIC).partition(partition).key("key").payload("value")).unwrap();
    producer.flush(DEADLINE).unwrap();
}

async fn surplus_of(config: &KafkaConfig) -> Result<(), KafkaError> {
    let asker: BaseConsumer = reader_config(config, "test").create().unwrap();
    let metadata = asker.fetch_metadata(Some(TOPIC), DEADLINE).unwrap();
    check_partitions(config, TOPIC, &metadata)?;
    check_surplus(config, TOPIC, &metadata, DEADLINE).await
}

#[tokio::test]
async fn empty_partitions_beyond_those_configured_are_ignored() {
    let broker = broker();
    let config = two_partitions(&broker);
    append_to(&config, 1);
    surplus_of(&config).await.unwrap();
}

#[tokio::test]
async fn records_beyond_the_partitions_configured_are_refused() {
    let broker = broker();
    let config = two_partitions(&broker);
    append_to(&config, 3);
    let refused = surplus_of(&config).await.unwrap_err();
    assert!(refused.is_for_good(), "waiting does not help");
    let expected = "topic mock.posts.v1 has 4 partitions, with records in partition 3; configured are 2: set \
                    INKLOG_PARTITIONS to the number that the topic was made with";
    assert_eq!(refused.to_string(), expected);
}

#[test]
fn only_writers_need_a_topic_that_takes_every_event() {
    let config = KafkaConfig::of("", "mock", 1);
    let settings = |name: &str| match name {
        "cleanup.policy" => "delete".to_owned(),
        "unclean.leader.election.enable" => "false".to_owned(),
        "max.message.bytes" => "100000".to_owned(),
        _ => "-1".to_owned(),
    };
    let largest_bytes = check_settings(&config, TOPIC, settings).unwrap();
    let refused = Fit { broker_leaders: vec![0], largest_bytes, replicas: 1 }.takes_every_event(TOPIC).unwrap_err();
    let expected = "topic mock.posts.v1: max.message.bytes is 100000, and must be at least 1000000";
    assert_eq!(refused.to_string(), expected);
    Fit { broker_leaders: vec![0], largest_bytes: LARGEST_EVENT_BYTES, replicas: 1 }.takes_every_event(TOPIC).unwrap();
}
