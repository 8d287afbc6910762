//! One event of each type, with every field filled: `avro-schemas/<context>/<Name>.sample.json` holds the event's own
//! fields, those after the envelope; one that has none needs no file. They are in the golden files: a sample is never
//! changed, except to fill a field that the type gained.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use domain::context::PayloadDecoder;
use domain::{Event, Recorded, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::record::{CommandRef, EventRecord, Record, Stamp, TermStarted};

pub(super) const AGGREGATE: &str = "018f0000-0000-7000-8000-000000000001";
const AT: Timestamp = Timestamp(1_790_000_000_123);

/// The file that belongs to the record of this full name and has this ending: `inklog.posts.Drafted`, `sample.json`.
pub(super) fn file(name: &str, ending: &str) -> PathBuf {
    let (context, record) = name.strip_prefix("inklog.").and_then(|name| name.split_once('.')).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../avro-schemas");
    root.join(context).join(format!("{record}.{ending}"))
}

/// The own fields of the event of this full name; none where there is no file, which [`super::golden`] compares with
/// the schema.
pub(super) fn fields(name: &str) -> Value {
    let file = file(name, "sample.json");
    let text = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => "{}".to_owned(),
        read => read.unwrap_or_else(|error| panic!("{}: {error}", file.display())),
    };
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The event of this full name.
pub(super) fn event<E: Event>(name: &str) -> E {
    let decoded = E::decode(name, Fields(fields(name))).unwrap_or_else(|| panic!("{name} is of another context"));
    decoded.unwrap_or_else(|error| panic!("{name}: its sample is no such event: {error}"))
}

struct Fields(Value);

impl PayloadDecoder for Fields {
    type Error = serde_json::Error;
    fn decode<T: DeserializeOwned>(self) -> Result<T, serde_json::Error> {
        serde_json::from_value(self.0)
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(super) fn record<E>(event: E) -> Record<E> {
    let command = CommandRef { id: id(5), digest: 0x0123_4567_89ab_cdef, correlation_id: id(6), traceparent: None };
    let recorded = Recorded { aggregate_id: AGGREGATE.into(), version: 300, occurred_at: AT, actor_id: id(2), event };
    Record::Event(EventRecord { stamp: Stamp { term: 7, seq: 70_000 }, command, recorded })
}

/// The record of the event of this full name.
pub(super) fn recorded<E: Event>(name: &str) -> Record<E> {
    record(event(name))
}

pub(super) fn term<E>() -> Record<E> {
    let address = "http://127.0.0.1:9081".into();
    Record::TermStarted(TermStarted { term: 7, owner: id(7), address, nonce: id(8) })
}
