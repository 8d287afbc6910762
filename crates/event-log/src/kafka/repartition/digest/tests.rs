use rdkafka::Timestamp;
use rdkafka::message::{Header, OwnedHeaders, OwnedMessage};

use super::*;

fn event(key: &str, value: &str, seq: u64) -> OwnedMessage {
    event_at(key, value, seq, Timestamp::CreateTime(5))
}

fn event_at(key: &str, value: &str, seq: u64, at: Timestamp) -> OwnedMessage {
    let headers = OwnedHeaders::new()
        .insert(Header { key: "ce_type", value: Some("a") })
        .insert(Header { key: header::TERM, value: Some("7") })
        .insert(Header { key: header::SEQ, value: Some(&seq.to_string()) });
    let (key, value) = (Some(key.as_bytes().to_vec()), Some(value.as_bytes().to_vec()));
    OwnedMessage::new(value, key, "topic".to_owned(), at, 0, 0, Some(headers))
}

fn digest(events: &[(&str, &str, u64)]) -> Digest {
    let mut digest = Digest::default();
    events.iter().for_each(|(key, value, seq)| digest.add(&event(key, value, *seq)));
    digest
}

#[test]
fn stamps_and_the_order_between_aggregates_do_not_matter() {
    let one = digest(&[("a", "1", 1), ("b", "1", 2), ("a", "2", 3)]);
    assert_eq!(one, digest(&[("b", "1", 9), ("a", "1", 8), ("a", "2", 7)]));
    assert_eq!((one.events(), one.aggregates()), (3, 2));
}

#[test]
fn when_the_broker_took_an_event_does_not_matter() {
    let mut copied = Digest::default();
    copied.add(&event_at("a", "1", 1, Timestamp::LogAppendTime(9)));
    assert_eq!(copied, digest(&[("a", "1", 1)]));
}

#[test]
fn what_is_missing_changed_or_out_of_order_is_another_log() {
    let all = [("a", "1", 1), ("a", "2", 2), ("b", "1", 3)];
    for others in [
        &all[1..],
        &[("a", "1", 1), ("a", "3", 2), ("b", "1", 3)],
        &[("a", "2", 1), ("a", "1", 2), ("b", "1", 3)],
        &[("a", "1", 1), ("a", "2", 2), ("c", "1", 3)],
    ] {
        assert_ne!(digest(&all), digest(others), "{others:?}");
    }
}
