//! The published language: the Avro records of `avro-schemas/`, and how each is taken apart.

mod fingerprint;
pub mod own;

use std::io::Read as _;
use std::marker::PhantomData;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::writer::datum::GenericDatumWriter;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

pub use fingerprint::Fingerprint;

/// Every schema that is written today: full name and text.
pub const ALL: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

/// The name of the control record that begins a term.
pub const TERM_STARTED: &str = "inklog.log.TermStarted";

/// The fields that every event begins with, in this order.
pub const ENVELOPE: [&str; 5] = ["event_type", "aggregate_id", "aggregate_version", "occurred_at", "actor_id"];

/// The text of a schema.
#[must_use]
pub fn text_of(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names of the records that go to the topic of `context`: its events, and the record that begins a term.
pub fn of_context(context: &str) -> impl Iterator<Item = &'static str> {
    let namespace = format!("inklog.{context}.");
    ALL.iter().map(|(name, _)| *name).filter(move |name| name.starts_with(&namespace) || *name == TERM_STARTED)
}

/// A record's schema, ready to read and write it. An Avro record is the concatenation of its fields, so an event is
/// its envelope followed by its payload, each with a schema of its own.
pub struct Layout {
    /// The record's full name.
    pub name: String,
    /// What tells its schema from all others.
    pub fingerprint: Fingerprint,
    envelope: Option<Half>,
    payload: Half,
}

struct Half {
    reader: GenericDatumReader<'static>,
    writer: GenericDatumWriter<'static>,
}

/// A schema cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("schema {name}: {reason}")]
pub struct BadSchema {
    name: String,
    reason: String,
}

impl Layout {
    /// Takes a schema apart.
    ///
    /// # Errors
    /// It is no Avro record, or an event that does not begin with the envelope.
    pub fn parse(text: &str) -> Result<Self, BadSchema> {
        let bad = |reason: String| BadSchema { name: text.chars().take(80).collect(), reason };
        let record: Value = serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
        let part = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let name = format!("{}.{}", part("namespace"), part("name"));
        let fields = record["fields"].as_array().ok_or_else(|| bad("has no fields".into()))?;
        let fingerprint = Fingerprint::of(&record).map_err(bad)?;
        if name == TERM_STARTED {
            let payload = Half::new("TermStarted", fields).map_err(bad)?;
            return Ok(Self { name, fingerprint, envelope: None, payload });
        }
        let head = fields.iter().take(ENVELOPE.len()).map(|field| field["name"].as_str().unwrap_or_default());
        if !head.eq(ENVELOPE) {
            return Err(bad(format!("does not begin with the fields {ENVELOPE:?}")));
        }
        let (head, rest) = fields.split_at(ENVELOPE.len());
        let envelope = Some(Half::new("Envelope", head).map_err(bad)?);
        let payload = Half::new("Payload", rest).map_err(bad)?;
        Ok(Self { name, fingerprint, envelope, payload })
    }

    /// Whether a body ends where one of this schema does.
    fn fits(&self, body: &[u8]) -> bool {
        // Where a body has ended the Avro library reads null for what may be null: a byte more than there is tells.
        let mut padded = body.chain(&[0_u8][..]);
        let halves = self.envelope.iter().chain([&self.payload]);
        halves.into_iter().all(|half| half.reader.read_value(&mut padded).is_ok())
            && padded.read_to_end(&mut Vec::new()).is_ok_and(|left| left == 1)
    }

    pub(crate) fn write_envelope<T: serde::Serialize>(&self, bytes: &mut Vec<u8>, envelope: &T) -> Result<(), String> {
        self.envelope.as_ref().map_or_else(|| Err("has no envelope".into()), |half| half.write(bytes, envelope))
    }

    pub(crate) fn write_payload<T: serde::Serialize>(&self, bytes: &mut Vec<u8>, payload: &T) -> Result<(), String> {
        self.payload.write(bytes, payload)
    }

    pub(crate) fn read_envelope<T: serde::de::DeserializeOwned>(&self, bytes: &mut &[u8]) -> Result<T, String> {
        self.envelope.as_ref().map_or_else(|| Err("has no envelope".into()), |half| half.read(bytes))
    }

    pub(crate) fn read_payload<T: serde::de::DeserializeOwned>(&self, bytes: &mut &[u8]) -> Result<T, String> {
        self.payload.read(bytes)
    }
}

impl Half {
    fn new(name: &str, fields: &[Value]) -> Result<Self, String> {
        let text = json!({"type": "record", "name": name, "fields": fields}).to_string();
        let schema = Schema::parse_str(&text).map_err(|error| error.to_string())?;
        // A process meets a few dozen schemas in its life and uses each to its end.
        let schema: &'static Schema = Box::leak(Box::new(schema));
        let reader = GenericDatumReader::builder(schema).human_readable(true).build();
        let writer = GenericDatumWriter::builder(schema).human_readable(true).build();
        Ok(Self {
            reader: reader.map_err(|error| error.to_string())?,
            writer: writer.map_err(|error| error.to_string())?,
        })
    }

    fn write<T: serde::Serialize>(&self, bytes: &mut Vec<u8>, value: &T) -> Result<(), String> {
        self.writer.write_ser(bytes, value).map(|_| ()).map_err(|error| error.to_string())
    }

    fn read<T: serde::de::DeserializeOwned>(&self, bytes: &mut &[u8]) -> Result<T, String> {
        self.reader.read_deser(bytes).map(|Fields(value)| value).map_err(|error| error.to_string())
    }
}

/// A record's fields, whatever the record is called: asked for a struct, the Avro library insists on the struct's name.
struct Fields<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Fields<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsMap<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for AsMap<T> {
            type Value = Fields<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the fields of a record")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Fields<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields)).map(Fields)
            }
        }

        deserializer.deserialize_map(AsMap(PhantomData))
    }
}
