//! Golden samples: `avro-schemas/<context>/<Name>.v<n>.golden` holds one record as it was written with the n-th version
//! of its schema. It must be readable for ever. `UPDATE_GOLDEN=1` writes those that are missing; it never changes one,
//! for that would be to change what is in the log already (`UPDATE_GOLDEN=force`, before a format is first released).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::schema_compatibility::SchemaCompatibility;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    /// The Kafka key.
    key: String,
    /// The Kafka headers.
    headers: BTreeMap<String, String>,
    /// The Avro body, in hexadecimal: the value without magic byte and schema id.
    body: String,
    /// What the body says, as an Avro library that knows nothing of envelopes reads it.
    fields: Value,
    /// The schema that it was written with.
    schema: Value,
}

impl Golden {
    fn of(wire: &Wire, schema: Value) -> Self {
        let body = &wire.value[PREFIX..];
        // The fingerprint is that of the schema below; the first records were written without it.
        let headers = wire.headers.iter().filter(|(name, _)| *name != header::SCHEMA);
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { key: wire.key.clone(), headers, body: hex(body), fields: read(&schema, body), schema }
    }

    /// As it comes from Kafka, where the schema has this id.
    fn wire(&self, id: u32) -> (Vec<u8>, Vec<(&str, String)>) {
        let body = (0..self.body.len() / 2).map(|at| u8::from_str_radix(&self.body[2 * at..2 * at + 2], 16).unwrap());
        let value = [MAGIC].into_iter().chain(id.to_be_bytes()).chain(body).collect();
        (value, self.headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What any Avro library makes of a body.
fn read(schema: &Value, mut body: &[u8]) -> Value {
    let schema = apache_avro::Schema::parse_str(&schema.to_string()).unwrap();
    let value = GenericDatumReader::builder(&schema).build().unwrap().read_value(&mut body).unwrap();
    assert!(body.is_empty(), "{} bytes are left over", body.len());
    value.try_into().unwrap()
}

/// The schema of today. What it says in words is not part of the format.
fn schema_of(name: &str) -> Value {
    fn without_words(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("doc");
                members.values_mut().for_each(without_words);
            }
            Value::Array(items) => items.iter_mut().for_each(without_words),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut schema = serde_json::from_str(schemas::text_of(name).unwrap()).unwrap();
    without_words(&mut schema);
    schema
}

fn path(name: &str, version: usize) -> PathBuf {
    samples::file(name, &format!("v{version}.golden"))
}

/// All versions there are, from the first.
fn goldens(name: &str) -> Vec<Golden> {
    let texts = (1..).map_while(|version| std::fs::read_to_string(path(name, version)).ok());
    texts.map(|text| serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))).collect()
}

fn write(name: &str, version: usize, golden: &Golden) {
    std::fs::write(path(name, version), serde_json::to_string_pretty(golden).unwrap() + "\n").unwrap();
}

/// Holds a sample against its golden files.
fn check<C: Decider>(name: &'static str, record: &Record<C::Event>) {
    let codec = codec::<C>();
    let wire = codec.encode::<C>(TOPIC, record).unwrap();
    let written = Golden::of(&wire, schema_of(name));
    let mut kept = goldens(name);
    let update = std::env::var("UPDATE_GOLDEN").unwrap_or_default();
    if kept.last().is_none_or(|last| last.schema != written.schema) && !update.is_empty() {
        write(name, kept.len() + 1, &written);
        kept = goldens(name);
    } else if update == "force" {
        write(name, kept.len(), &written);
        kept = goldens(name);
    }
    let last = kept.last().unwrap_or_else(|| panic!("{name} has no golden file: UPDATE_GOLDEN=1 writes it"));
    assert_eq!(last.schema, written.schema, "{name} has a new schema: UPDATE_GOLDEN=1 writes a golden file beside");
    assert_eq!(last, &written, "{name} is written differently than before: what reads the log would not read it");
    for (version, golden) in (1..).zip(&kept) {
        let read = decoded::<C>(golden);
        if golden == last {
            assert_eq!(&read, record, "{name} v{version}");
        }
        let kept = schemas::own::of_fingerprint(Fingerprint::of(&golden.schema).unwrap());
        assert!(kept.is_some(), "{name} v{version}: keep the schema as {name}.v{version}.avsc");
        still_says::<C>(&codec, name, golden, &read);
        compatible(name, &golden.schema, &last.schema);
    }
}

/// Decodes as a reader of today does that meets the golden record in the log.
fn decoded<C: Decider>(golden: &Golden) -> Record<C::Event> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // Without a registry: every version that a record was ever written with is in the program.
    let codec = Codec::new(no_registry());
    let (value, headers) = golden.wire(77);
    runtime.block_on(codec.decode::<C, _>(raw(&golden.key, &value, &headers))).unwrap()
}

/// Whatever the golden record says, the record that was read from it still says.
fn still_says<C: Decider>(codec: &Codec, name: &str, golden: &Golden, read: &Record<C::Event>) {
    let again = codec.encode::<C>(TOPIC, read).unwrap_or_else(|error| panic!("{name}: {error}: {read:?}"));
    let fields = self::read(&schema_of(name), &again.value[PREFIX..]);
    for (field, value) in golden.fields.as_object().unwrap() {
        assert_eq!(&fields[field], value, "{name}: {field}");
    }
}

fn compatible(name: &str, one: &Value, other: &Value) {
    let parse = |schema: &Value| apache_avro::Schema::parse_str(&schema.to_string()).unwrap();
    let compatible = SchemaCompatibility::mutual_read(&parse(one), &parse(other));
    assert!(compatible.is_ok(), "{name}: {compatible:?}");
}

/// A sample has a value for each of the event's own fields, and no others: those would not come to the log.
fn is_filled(name: &str) {
    let schema = schema_of(name);
    let own = schema["fields"].as_array().unwrap()[schemas::ENVELOPE.len()..].iter();
    let own: BTreeSet<&str> = own.map(|field| field["name"].as_str().unwrap()).collect();
    let sample = samples::fields(name);
    let filled = sample.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    assert_eq!(filled.map(|(field, _)| field.as_str()).collect::<BTreeSet<_>>(), own, "the sample of {name}");
}

/// Checks every event of a context, and the beginning of a term on its topic.
struct CheckAll;

impl ContextVisitor for CheckAll {
    fn visit<C: BoundedContext>(&mut self) {
        for name in C::Event::NAMES {
            is_filled(name);
            check::<C>(name, &samples::recorded(name));
        }
        check::<C>(schemas::TERM_STARTED, &samples::term());
    }
}

#[test]
fn every_record_is_read_and_written_as_ever() {
    for_each_context(&mut CheckAll);
}
