//! Bytes that are no record of ours, or no longer. Whatever stands on a topic, a reader answers and never panics.

use domain::posts;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn drafted() -> Wire {
    codec::<Posts>().encode::<Posts>(TOPIC, &samples::recorded("inklog.posts.Drafted")).unwrap()
}

fn read(wire: &Wire) -> Record<posts::Event> {
    decode::<Posts>(&codec::<Posts>(), wire)
}

fn without(mut wire: Wire, names: &[&str]) -> Wire {
    let kept = texts(&wire).into_iter().filter(|(name, _)| !names.contains(name));
    let mut headers = Headers::default();
    kept.for_each(|(name, value)| headers.push(name, value));
    wire.headers = headers;
    wire
}

/// Why it cannot be read. It counts for the sequence all the same, and its aggregate is known by the key.
#[track_caller]
fn unreadable(wire: &Wire) -> String {
    match read(wire) {
        Record::Unreadable { stamp, aggregate_id, reason } => {
            assert_eq!((stamp, aggregate_id.as_str()), (Stamp { term: 7, seq: 70_000 }, samples::AGGREGATE));
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_without_a_stamp_is_foreign() {
    assert_eq!(read(&without(drafted(), &[header::TERM])), Record::Foreign);
    assert_eq!(read(&without(drafted(), &[header::SEQ])), Record::Foreign);
    let tombstone = Wire { key: "a".into(), value: vec![], headers: Headers::default() };
    assert_eq!(read(&tombstone), Record::Foreign);
}

#[test]
fn a_stamp_that_is_no_number_is_none() {
    for bad in ["", "-1", "7x", "18446744073709551616"] {
        let mut wire = without(drafted(), &[header::TERM]);
        wire.headers.push(header::TERM, bad);
        assert_eq!(read(&wire), Record::Foreign, "{bad}");
    }
}

#[test]
fn a_record_without_its_command_is_unreadable() {
    for name in [header::COMMAND, header::DIGEST] {
        assert_eq!(unreadable(&without(drafted(), &[name])), "its command's headers are missing");
    }
}

#[test]
fn a_record_without_a_correlation_is_correlated_with_its_own_command() {
    let Record::Event(event) = read(&without(drafted(), &[header::CORRELATION])) else { panic!("it is an event") };
    assert_eq!(event.command.correlation_id, event.command.id);
}

#[test]
fn what_does_not_begin_with_the_magic_byte_is_unreadable() {
    let mut wire = drafted();
    wire.value[0] = 1;
    assert_eq!(unreadable(&wire), "does not begin with the magic byte 0");
}

#[test]
fn what_ends_too_early_is_unreadable_wherever_it_ends() {
    let whole = drafted();
    for length in 0..whole.value.len() {
        unreadable(&Wire { value: whole.value[..length].to_vec(), ..whole.clone() });
    }
}

#[test]
fn what_does_not_end_where_its_schema_does_is_unreadable() {
    let mut wire = drafted();
    wire.value.push(0);
    assert!(unreadable(&wire).ends_with("bytes left over: 1"), "{}", unreadable(&wire));
}

#[test]
fn a_value_that_breaks_its_rule_is_unreadable() {
    let mut wire = drafted();
    let at = wire.value.windows(15).position(|part| part == b"ueber-maschinen").unwrap();
    wire.value[at] = b'U';
    let reason = unreadable(&wire);
    assert!(reason.contains("lower-case"), "{reason}");
}

#[test]
fn an_event_of_another_context_is_unreadable() {
    let registered = samples::recorded("inklog.accounts.Registered");
    let wire = codec::<Accounts>().encode::<Accounts>(TOPIC, &registered).unwrap();
    let record = decode::<Posts>(&codec::<Accounts>(), &wire);
    assert!(matches!(record, Record::Unreadable { .. }), "{record:?}");
}

/// Which records count after it would be unknown: whatever is wrong with it, a reader stops there.
#[test]
fn a_term_that_cannot_be_read_stops_the_reader() {
    let codec = codec::<Posts>();
    let whole = codec.encode::<Posts>(TOPIC, &samples::term()).unwrap();
    let stops = |wire: &Wire| {
        let answer = block_on(codec.decode::<Posts, _>(raw(&wire.key, &wire.value, &texts(wire))));
        assert!(matches!(answer, Err(DecodeError::Term(_))), "{answer:?}");
    };
    for length in 0..whole.value.len() {
        stops(&Wire { value: whole.value[..length].to_vec(), ..whole.clone() });
        stops(&without(Wire { value: whole.value[..length].to_vec(), ..whole.clone() }, &[header::SCHEMA]));
    }
    stops(&Wire { value: drafted().value, headers: whole.headers.clone(), ..whole.clone() });
}

/// The registry was lost, and another schema has the id: seen to make the write side begin a second history.
#[tokio::test]
async fn what_the_registry_says_of_our_own_records_does_not_matter_to_us() {
    let order = json!({"type": "record", "name": "Order", "fields": [{"name": "sum", "type": "long"}]}).to_string();
    let ids = schemas::of_context(Posts::NAME).count() as u32;
    for other in [None, Some(order)] {
        let schemas = (1..=ids).filter_map(|id| Some((id, other.clone()?))).collect();
        let reader = Codec::new(registry_of(schemas));
        for record in [samples::term(), samples::recorded("inklog.posts.Drafted")] {
            let wire = codec::<Posts>().encode::<Posts>(TOPIC, &record).unwrap();
            for wire in [wire.clone(), without(wire, &[header::SCHEMA])] {
                let read = reader.decode::<Posts, _>(raw(&wire.key, &wire.value, &texts(&wire))).await.unwrap();
                assert_eq!(read, record);
                let checked = reader.check(&raw(&wire.key, &wire.value, &texts(&wire))).await;
                assert!(matches!(checked, Err(RegistryError::Contradicts(_))), "{checked:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_registry_that_contradicts_a_record_of_a_newer_writer_stops_the_reader() {
    let mut wire = without(drafted(), &[header::SCHEMA]);
    wire.headers.push(header::SCHEMA, "0123456789abcdef");
    let drafted_of_today = schemas::text_of("inklog.posts.Drafted").unwrap().to_owned();
    let id = super::super::lookup::schema_id(&wire.value).unwrap();
    let codec = Codec::new(registry_of(HashMap::from([(id, drafted_of_today)])));
    let answer = codec.decode::<Posts, _>(raw(&wire.key, &wire.value, &texts(&wire))).await;
    assert!(matches!(answer, Err(DecodeError::Registry(RegistryError::Contradicts(_)))), "{answer:?}");
}

#[test]
fn a_length_beyond_all_measure_is_refused_and_not_allocated() {
    let mut wire = drafted();
    wire.value.truncate(PREFIX);
    // The longest that a zigzag varint can say, and the least.
    for length in [[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0xff; 10]] {
        unreadable(&Wire { value: [&wire.value[..], &length].concat(), ..wire.clone() });
    }
}

#[tokio::test]
async fn a_schema_that_the_registry_does_not_have_makes_a_record_unreadable() {
    let mut wire = without(drafted(), &[header::SCHEMA, header::TYPE]);
    wire.value[1..PREFIX].copy_from_slice(&999_u32.to_be_bytes());
    let codec = codec_of::<Posts>(registry_of(HashMap::new()));
    let record = codec.decode::<Posts, _>(raw(&wire.key, &wire.value, &texts(&wire))).await.unwrap();
    assert!(
        matches!(&record, Record::Unreadable { reason, .. } if reason == "the registry has no schema 999"),
        "{record:?}"
    );
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_to_be_asked_again() {
    let mut wire = without(drafted(), &[header::SCHEMA, header::TYPE]);
    wire.value[1..PREFIX].copy_from_slice(&999_u32.to_be_bytes());
    let codec = codec::<Posts>();
    let answer = codec.decode::<Posts, _>(raw(&wire.key, &wire.value, &texts(&wire))).await;
    assert!(matches!(answer, Err(DecodeError::Registry(RegistryError::Unavailable(_)))), "{answer:?}");
}

/// Bytes that begin like a record of ours, and then are anything.
fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let ids = schemas::of_context("posts").count() as u32;
    (1..=ids, vec(any::<u8>(), 0..200)).prop_map(|(id, body)| {
        let mut value = vec![MAGIC];
        value.extend(id.to_be_bytes());
        value.extend(body);
        value
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_never_stop_a_reader(value in prop_oneof![any_body(), vec(any::<u8>(), 0..5)]) {
        let wire = Wire { value, ..drafted() };
        let record = read(&wire);
        prop_assert!(matches!(record, Record::Unreadable { .. } | Record::Foreign), "{record:?}");
    }

    /// A flipped byte may still say something; it says it or is refused.
    #[test]
    fn a_damaged_byte_never_stops_a_reader(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut wire = drafted();
        let at = PREFIX + at.index(wire.value.len() - PREFIX);
        wire.value[at] = byte;
        let record = read(&wire);
        prop_assert!(matches!(record, Record::Unreadable { .. } | Record::Event(_)), "{record:?}");
    }
}
