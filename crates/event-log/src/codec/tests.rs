//! How records look as bytes: golden samples of every event ever written, the rules of the published language, and
//! what becomes of bytes that are damaged, foreign, or of another version.

mod damage;
mod golden;
mod rules;
mod samples;
mod versions;

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::TcpListener;

use domain::accounts::Accounts;
use domain::posts::{self, Drafted, Edited, Posts};
use domain::{BoundedContext, ContextVisitor, Decider, Event, for_each_context};
use futures::executor::block_on;
use parking_lot::Mutex;
use serde_json::json;
use uuid::Uuid;

use crate::record::Stamp;

use super::*;
use crate::schemas::Fingerprint;

const TOPIC: &str = "sample.topic";

/// A registry at an address where no server listens.
fn no_registry() -> Registry {
    Registry::new("http://127.0.0.1:9").unwrap()
}

/// A registry that knows these schemas by id, and no others.
fn registry_of(schemas: HashMap<u32, String>) -> Registry {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let id = request.split(' ').nth(1).and_then(|path| path.rsplit('/').next()?.parse().ok());
            let (status, body) = match id.and_then(|id: u32| schemas.get(&id)) {
                Some(schema) => ("200 OK", json!({"schema": schema})),
                None => ("404 Not Found", json!({"error_code": 40403})),
            };
            let body = body.to_string();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    Registry::new(&url).unwrap()
}

/// A codec for a context's topic, with ids from 1 in the order of the names.
fn codec_of<C: Decider>(registry: Registry) -> Codec {
    let codec = Codec::new(registry);
    for (id, name) in (1..).zip(schemas::of_context(C::NAME)) {
        codec.know(TOPIC, name, id).unwrap();
    }
    codec
}

/// Made once: making a codec parses every schema of its context, for good.
fn codec<C: Decider>() -> Codec {
    static MADE: Mutex<BTreeMap<&str, Codec>> = Mutex::new(BTreeMap::new());
    MADE.lock().entry(C::NAME).or_insert_with(|| codec_of::<C>(no_registry())).clone()
}

fn raw<'a>(key: &'a str, value: &'a [u8], headers: &'a [(&str, String)]) -> Raw<'a, impl Fn(&str) -> Option<&'a str>> {
    let header = move |name: &str| headers.iter().rev().find(|header| header.0 == name).map(|header| header.1.as_str());
    Raw { key: key.as_bytes(), value, header }
}

fn texts(wire: &Wire) -> Vec<(&'static str, String)> {
    wire.headers.iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// Decodes with schemas that the codec knows already.
fn decode<C: Decider>(codec: &Codec, wire: &Wire) -> Record<C::Event> {
    block_on(codec.decode::<C, _>(raw(&wire.key, &wire.value, &texts(wire)))).unwrap()
}

fn round_trip<C: Decider>(record: &Record<C::Event>) {
    let codec = codec::<C>();
    let wire = codec.encode::<C>(TOPIC, record).unwrap();
    assert_eq!(&decode::<C>(&codec, &wire), record);
}

struct RoundTrips;

impl ContextVisitor for RoundTrips {
    fn visit<C: BoundedContext>(&mut self) {
        C::Event::NAMES.iter().for_each(|name| round_trip::<C>(&samples::recorded(name)));
        round_trip::<C>(&samples::term());
    }
}

#[test]
fn what_is_encoded_can_be_decoded() {
    for_each_context(&mut RoundTrips);
}

#[test]
fn events_with_as_little_in_them_as_there_can_be_can_be_decoded() {
    let drafted = Drafted::new(Uuid::nil(), "a".parse().unwrap(), "a".parse().unwrap());
    let (tags, body) = (Some(vec![]), Some("".parse().unwrap()));
    let emptied = Edited { co_author_ids: Some(vec![]), tags, body, ..Edited::default() };
    let edits = [emptied, Edited::default()].map(posts::Event::Edited);
    for event in edits.into_iter().chain([posts::Event::Drafted(drafted)]) {
        round_trip::<Posts>(&samples::record(event));
    }
}

#[test]
fn a_record_goes_to_the_key_of_its_aggregate() {
    let wire = codec::<Posts>().encode::<Posts>(TOPIC, &samples::recorded("inklog.posts.Drafted")).unwrap();
    assert_eq!(wire.key, samples::AGGREGATE);
}

#[test]
fn without_an_id_nothing_is_encoded() {
    let codec = Codec::new(no_registry());
    let refused = codec.encode::<Posts>(TOPIC, &samples::term()).unwrap_err();
    assert!(refused.contains("has no id"), "{refused}");
}

#[test]
fn only_events_and_terms_are_encoded() {
    let codec = codec::<Posts>();
    assert!(codec.encode::<Posts>(TOPIC, &Record::Foreign).is_err());
}

#[test]
fn the_trace_of_a_command_travels_along() {
    let Record::Event(mut record) = samples::recorded("inklog.posts.Drafted") else { panic!("it is an event") };
    record.command.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    round_trip::<Posts>(&Record::Event(record));
}
