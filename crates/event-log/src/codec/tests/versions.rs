//! Records of writers that are ahead or behind: during a rollout both are in the log.

use std::collections::HashMap;

use domain::posts;
use serde_json::{Value, json};

use super::*;

const ID: u32 = 500;

/// The schema of an event with its fields changed.
fn changed(name: &str, change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut schema: Value = serde_json::from_str(schemas::text_of(name).unwrap()).unwrap();
    change(schema["fields"].as_array_mut().unwrap());
    schema.to_string()
}

fn write(schema: &str, fields: &Value) -> Vec<u8> {
    let schema = apache_avro::Schema::parse_str(schema).unwrap();
    let value = apache_avro::types::Value::try_from(fields.clone()).unwrap().resolve(&schema).unwrap();
    let writer = apache_avro::writer::datum::GenericDatumWriter::builder(&schema).build().unwrap();
    writer.write_value_to_vec(value).unwrap()
}

/// What a sample's fields are, as any Avro library reads them.
fn fields_of(name: &'static str) -> (Value, Vec<(&'static str, String)>) {
    let wire = codec::<Posts>().encode::<Posts>(TOPIC, &samples::recorded(name)).unwrap();
    let schema = apache_avro::Schema::parse_str(schemas::text_of(name).unwrap()).unwrap();
    let reader = apache_avro::reader::datum::GenericDatumReader::builder(&schema).build().unwrap();
    let value = reader.read_value(&mut &wire.value[PREFIX..]).unwrap();
    (Value::try_from(value).unwrap(), texts(&wire))
}

/// Decodes what a writer with another schema wrote.
fn decode_of(schema: String, body: &[u8], headers: &[(&str, String)]) -> Record<posts::Event> {
    let fingerprint = Fingerprint::of(&serde_json::from_str(&schema).unwrap()).unwrap();
    let others = headers.iter().filter(|(name, _)| *name != header::SCHEMA).cloned();
    let headers: Vec<_> = others.chain([(header::SCHEMA, fingerprint.to_string())]).collect();
    let mut value = vec![MAGIC];
    value.extend(ID.to_be_bytes());
    value.extend(body);
    let codec = codec_of::<Posts>(registry_of(HashMap::from([(ID, schema)])));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(codec.decode::<Posts, _>(raw(samples::AGGREGATE, &value, &headers))).unwrap()
}

fn drafted() -> posts::Event {
    samples::event("inklog.posts.Drafted")
}

#[test]
fn a_field_that_only_a_newer_writer_knows_is_passed_over() {
    let name = "inklog.posts.Drafted";
    let news = [
        json!({"name": "reading_minutes", "type": ["null", "long"], "default": null}),
        json!({"name": "topics", "type": {"type": "array", "items": "string"}}),
        json!({"name": "checked_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": 0}),
    ];
    let newer = changed(name, |fields| fields.extend(news));
    let (mut fields, headers) = fields_of(name);
    fields["reading_minutes"] = json!(3);
    fields["topics"] = json!(["a", "b"]);
    fields["checked_at"] = json!(1_790_000_000_000_i64);
    let body = write(&newer, &fields);
    assert_eq!(decode_of(newer, &body, &headers), samples::record(drafted()));
}

#[test]
fn an_event_without_fields_can_gain_one() {
    let name = "inklog.posts.Published";
    let newer = changed(name, |fields| fields.push(json!({"name": "channel", "type": "string", "default": "web"})));
    let (mut fields, headers) = fields_of(name);
    fields["channel"] = json!("mail");
    let body = write(&newer, &fields);
    assert_eq!(decode_of(newer, &body, &headers), samples::recorded(name));
}

#[test]
fn a_field_that_an_older_writer_did_not_know_is_null() {
    let name = "inklog.posts.Drafted";
    let older = changed(name, |fields| fields.retain(|field| field["name"] != "originally_published_at"));
    let (mut fields, headers) = fields_of(name);
    fields.as_object_mut().unwrap().remove("originally_published_at");
    let body = write(&older, &fields);
    let posts::Event::Drafted(mut expected) = drafted() else { panic!("it is a draft") };
    expected.originally_published_at = None;
    assert_eq!(decode_of(older, &body, &headers), samples::record(posts::Event::Drafted(expected)));
}

#[test]
fn an_event_of_a_type_that_this_reader_does_not_know_is_unreadable() {
    let newer = changed("inklog.posts.Published", |_| {}).replace("Published", "Translated");
    let (mut fields, headers) = fields_of("inklog.posts.Published");
    fields["event_type"] = json!("inklog.posts.Translated");
    let body = write(&newer, &fields);
    match decode_of(newer, &body, &headers) {
        Record::Unreadable { reason, .. } => assert_eq!(reason, "inklog.posts.Translated is no event of posts"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_schema_of_another_program_is_unreadable() {
    let schema = json!({"type": "record", "name": "Order", "fields": [{"name": "sum", "type": "long"}]}).to_string();
    let (_, headers) = fields_of("inklog.posts.Published");
    assert!(matches!(decode_of(schema, &[2], &headers), Record::Unreadable { .. }));
    assert!(matches!(decode_of("\"string\"".into(), &[2, 65], &headers), Record::Unreadable { .. }));
}

/// A registry that was lost and begun anew gives ids to other schemas; types of the same shape then change places.
#[test]
fn a_record_that_says_it_is_of_another_type_than_its_schema_is_unreadable() {
    let (_, headers) = fields_of("inklog.posts.Deleted");
    let wire = codec::<Posts>().encode::<Posts>(TOPIC, &samples::recorded("inklog.posts.Deleted")).unwrap();
    let published = schemas::text_of("inklog.posts.Published").unwrap();
    match decode_of(published.into(), &wire.value[PREFIX..], &headers) {
        Record::Unreadable { reason, .. } => assert!(reason.contains("inklog.posts.Deleted"), "{reason}"),
        other => panic!("{other:?}"),
    }
}
