use prost_reflect::prost::Message as _;
use prost_reflect::prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde_json::{Value as Json, json};

use super::{DEEPEST, MOST_VALUES, check};
use crate::grpc::json::read;
use crate::grpc::rpcs::POOL;
use crate::grpc::status::Code;

fn of(name: &str) -> MessageDescriptor {
    POOL.get_message_by_name(name).unwrap()
}

fn checked(name: &str, bytes: &[u8]) -> Result<(), Code> {
    check(&of(name), bytes).map_err(|status| status.code)
}

fn body() -> u32 {
    of("inklog.v1.DraftRequest").get_field_by_name("body").unwrap().number()
}

/// A field with this number, behind its length.
fn field(number: u32, part: &[u8]) -> Vec<u8> {
    let mut length = Vec::new();
    encode_varint(part.len() as u64, &mut length);
    plain(number, WireType::LengthDelimited, &[&length, part].concat())
}

fn plain(number: u32, wire_type: WireType, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_key(number, wire_type, &mut bytes);
    bytes.extend_from_slice(value);
    bytes
}

#[test]
fn what_is_within_bounds_is_taken() {
    let post = |fields: Json| {
        let json = json!({"title": "Ink", "body": "é".repeat(250_000), "tags": ["a", "b"], "custom_fields": fields});
        read(&of("inklog.v1.NewPost"), json).unwrap().encode_to_vec()
    };
    let deep = (1..8).fold(json!({"n": 0.5}), |within, _| json!({"deeper": within}));
    assert_eq!(checked("inklog.v1.DraftRequest", &field(body(), &post(deep))), Ok(()));
    assert_eq!(checked("inklog.v1.DraftRequest", &[]), Ok(()));
}

#[test]
fn values_are_counted_whether_they_are_known_or_not() {
    let descriptor = of("inklog.v1.NewPost");
    let (tags, unknown) = (descriptor.get_field_by_name("tags").unwrap().number(), 1_000);
    assert!(descriptor.get_field(unknown).is_none());
    let values = [
        field(tags, b""),
        field(unknown, b"ab"),
        plain(unknown, WireType::Varint, &[0]),
        plain(unknown, WireType::ThirtyTwoBit, &[0; 4]),
        plain(unknown, WireType::SixtyFourBit, &[0; 8]),
    ];
    for one in values {
        assert_eq!(checked("inklog.v1.NewPost", &one.repeat(MOST_VALUES)), Ok(()));
        let more = checked("inklog.v1.NewPost", &one.repeat(MOST_VALUES + 1));
        assert_eq!(more, Err(Code::ResourceExhausted), "{one:?}");
    }
    // And in messages within it, all together.
    let body = field(body(), &field(tags, b"").repeat(MOST_VALUES / 2));
    assert_eq!(checked("inklog.v1.DraftRequest", &body), Ok(()));
    assert_eq!(checked("inklog.v1.DraftRequest", &body.repeat(2)), Err(Code::ResourceExhausted));
}

#[test]
fn numbers_in_a_row_are_counted_by_their_bytes() {
    // `SourceCodeInfo.Location.path`.
    let row = |length: usize| checked("google.protobuf.SourceCodeInfo.Location", &field(1, &vec![0; length]));
    assert_eq!((row(MOST_VALUES - 1), row(MOST_VALUES)), (Ok(()), Err(Code::ResourceExhausted)));
}

#[test]
fn depth_has_an_end() {
    // Lists in lists: a `ListValue` has `Value`s, and a `Value` has a list as its sixth field.
    let nested =
        |depth: usize| (1..depth).fold(Vec::new(), |within, at| field(if at % 2 == 1 { 1 } else { 6 }, &within));
    let outer = |depth: usize| if depth % 2 == 1 { "google.protobuf.Value" } else { "google.protobuf.ListValue" };
    assert_eq!(checked(outer(DEEPEST), &nested(DEEPEST)), Ok(()));
    assert_eq!(checked(outer(DEEPEST + 1), &nested(DEEPEST + 1)), Err(Code::InvalidArgument));
    let far = nested(5_001);
    assert_eq!(checked(outer(5_001), &far), Err(Code::InvalidArgument));
}

#[test]
fn what_is_torn_or_a_group_is_malformed() {
    for bytes in [&[0xff][..], &[0x0a], &[0x0a, 2, 0], &[0x0d, 1], &[0x09, 1], &[0x0b, 0x0c], &[0x0c], &[0, 1], &[0x78]]
    {
        assert_eq!(checked("inklog.v1.NewPost", bytes), Err(Code::InvalidArgument), "{bytes:?}");
    }
    let endless = [&[0x0a][..], &[0xff; 9], &[1]].concat();
    assert_eq!(checked("inklog.v1.NewPost", &endless), Err(Code::InvalidArgument));
    assert!(DynamicMessage::decode(of("inklog.v1.NewPost"), &endless[..]).is_err());
}
