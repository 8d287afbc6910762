use proptest::prelude::*;
use prost_reflect::prost::Message as _;
use prost_reflect::{DynamicMessage, Value};
use serde_json::{Value as Json, json};

use super::{read, write};
use crate::grpc::rpcs::POOL;

fn of(name: &str, json: Json) -> DynamicMessage {
    read(&POOL.get_message_by_name(name).unwrap(), json).unwrap()
}

/// What is left of it after it was a message on the wire.
fn there_and_back(name: &str, json: Json) -> Json {
    let bytes = of(name, json).encode_to_vec();
    let message = DynamicMessage::decode(POOL.get_message_by_name(name).unwrap(), &bytes[..]).unwrap();
    Json::Object(write(&message).unwrap())
}

#[test]
fn what_is_read_is_written_the_same() {
    let post = json!({
        "title": "Ink", "body": "*Text*", "tags": ["a", "b"], "featured": false,
        "custom_fields": {"n": 7, "x": 0.5, "none": null, "list": [true, {"deep": "er"}]},
        "cover": {"url": "https://example.org/a.png", "alt": "A picture"},
    });
    assert_eq!(there_and_back("inklog.v1.NewPost", post.clone()), post);
}

#[test]
fn null_and_what_is_not_known_are_left_out() {
    let json = json!({"title": "Ink", "summary": null, "of_a_later_version": 1, "tags": []});
    let read = of("inklog.v1.EditPost", json);
    assert_eq!(Json::Object(write(&read).unwrap()), json!({"title": "Ink"}));
}

#[test]
fn a_time_is_a_timestamp() {
    let json = json!({"written_at": "2026-03-01T12:00:00.25+01:00"});
    let message = of("inklog.v1.Comment", json);
    let time = message.get_field_by_name("written_at").unwrap();
    let part = |name: &str| time.as_message().unwrap().get_field_by_name(name).unwrap().into_owned();
    assert_eq!((part("seconds"), part("nanos")), (Value::I64(1_772_362_800), Value::I32(250_000_000)));
    assert_eq!(write(&message).unwrap()["written_at"], "2026-03-01T11:00:00.250Z");
}

#[test]
fn a_map_is_an_object() {
    let message = of("inklog.v1.Comment", json!({"reactions": {"like": 3}}));
    assert_eq!(write(&message).unwrap()["reactions"], json!({"like": 3}));
}

#[test]
fn what_does_not_fit_is_named() {
    let misfit =
        |json: Json| read(&POOL.get_message_by_name("inklog.v1.NewPost").unwrap(), json).unwrap_err().to_string();
    assert_eq!(misfit(json!({"cover": {"alt": 7}})), "cover.alt: it is of another type");
    assert_eq!(misfit(json!({"tags": "a"})), "tags: it is no list");
    let mut message = of("inklog.v1.NewPost", json!({"custom_fields": {"n": 1}}));
    let number = prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(f64::NAN)) };
    let fields = prost_types::Struct { fields: [("n".to_owned(), number)].into() };
    message.get_field_by_name_mut("custom_fields").unwrap().as_message_mut().unwrap().transcode_from(&fields).unwrap();
    assert_eq!(write(&message).unwrap_err().to_string(), "custom_fields.n: it is no finite number");
}

proptest! {
    #[test]
    fn no_time_of_a_client_makes_a_panic(seconds: i64, nanos: i32) {
        let mut message = DynamicMessage::new(POOL.get_message_by_name("inklog.v1.Comment").unwrap());
        let time = prost_types::Timestamp { seconds, nanos };
        message.get_field_by_name_mut("written_at").unwrap().as_message_mut().unwrap().transcode_from(&time).unwrap();
        let _ = write(&message);
    }
}
