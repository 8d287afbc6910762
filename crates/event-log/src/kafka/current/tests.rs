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
