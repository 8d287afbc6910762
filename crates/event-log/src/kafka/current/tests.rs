use super::*;

fn config() -> KafkaConfig {
    KafkaConfig::of("", "inklog", 2)
}

fn switched(from: u32, to: u32, partitions: i32) -> Vec<u8> {
    let topic = |number| config().version("posts", number);
    let switched = Switched { context: "posts".to_owned(), from: topic(from), to: topic(to), partitions };
    serde_json::to_vec(&switched).unwrap()
}

#[test]
fn a_context_is_in_its_first_topic_until_a_record_says_otherwise() {
    let before = config();
    assert_eq!((before.topic("posts").as_str(), before.partitions_of("posts")), ("inklog.posts.v1", 2));
    let after = config().switch(&switched(1, 2, 6)).unwrap();
    assert_eq!((after.topic("posts").as_str(), after.partitions_of("posts")), ("inklog.posts.v2", 6));
    assert_eq!((after.partitions_in("inklog.posts.v2"), after.partitions_in("inklog.accounts.v1")), (6, 2));
    assert_eq!((after.topic("accounts").as_str(), after.partitions_of("accounts")), ("inklog.accounts.v1", 2));
}

#[test]
fn of_two_that_repartition_at_once_the_first_counts() {
    let after = config().switch(&switched(1, 3, 6)).unwrap().switch(&switched(1, 2, 8)).unwrap();
    assert_eq!((after.topic("posts").as_str(), after.partitions_of("posts")), ("inklog.posts.v3", 6));
    let again = after.switch(&switched(3, 4, 12)).unwrap();
    assert_eq!((again.topic("posts").as_str(), again.partitions_of("posts")), ("inklog.posts.v4", 12));
}

#[test]
fn a_record_that_cannot_be_read_is_an_error() {
    let refused = config().switch(b"{}").unwrap_err().to_string();
    assert!(refused.starts_with("inklog.versions: a record cannot be read: "), "{refused}");
}

/// A broker that lagged behind was believed, and the context begun in the topic that it had left.
#[test]
fn that_nothing_ever_moved_is_said_by_all_brokers_or_by_none() {
    let asked = |lagging: &'static [&'static str]| {
        let brokers = vec!["a:1".to_owned(), "b:1".to_owned()];
        none_knows(brokers, move |broker| Ok(!lagging.contains(&broker.as_str())))
    };
    for lagging in [&["a:1"][..], &["b:1"], &[]] {
        let told = asked(lagging).unwrap_err();
        assert!(!told.is_for_good(), "they are asked again: {told}");
    }
    assert!(asked(&["a:1", "b:1"]).is_ok());
    let silent = |_| Err(rdkafka::error::KafkaError::MetadataFetch(RDKafkaErrorCode::OperationTimedOut).into());
    assert!(none_knows(vec!["a:1".to_owned(), "b:1".to_owned()], silent).is_err());
}

#[test]
fn several_brokers_are_asked_each_by_itself() {
    let cluster = rdkafka::mocking::MockCluster::new(2).unwrap();
    cluster.create_topic("inklog.posts.v1", 1, 1).unwrap();
    let config = KafkaConfig::of(cluster.bootstrap_servers(), "inklog", 2);
    assert_eq!(config.read_layout().unwrap().layout, Layout::default());
}
