use domain::Timestamp;

use super::super::column::Column as _;
use super::*;

/// What is encoded after the header with its extension, and before the trailer.
fn encoded(encode: impl FnOnce(&mut Tuples)) -> Vec<u8> {
    let mut tuples = Tuples::begin();
    encode(&mut tuples);
    let bytes = tuples.end();
    bytes[begin(&bytes)..bytes.len() - TRAILER.len()].to_vec()
}

/// Where the tuples begin.
fn begin(bytes: &[u8]) -> usize {
    let rest = bytes.strip_prefix(HEADER).unwrap();
    let (length, rest) = rest.split_first_chunk().unwrap();
    let extension = usize::try_from(i32::from_be_bytes(*length)).unwrap();
    assert!(rest[..extension].iter().all(|byte| *byte == 0));
    HEADER.len() + length.len() + extension
}

#[test]
fn a_field_is_its_length_and_its_bytes() {
    let bytes = encoded(|tuples| {
        tuples.tuple(2).text("ab").bool(true);
    });
    assert_eq!(bytes, b"\0\x02\0\0\0\x02ab\0\0\0\x01\x01");
}

#[test]
fn no_time_is_null() {
    let bytes = encoded(|tuples| {
        [None, Some(Timestamp(946_684_800_001))].iter().for_each(|at| at.encode(tuples));
    });
    assert_eq!(bytes, b"\xff\xff\xff\xff\0\0\0\x08\0\0\0\0\0\0\x03\xe8");
}

#[test]
fn an_array_says_its_length_its_type_and_where_it_begins() {
    let bytes = encoded(|tuples| {
        tuples.texts(&["a".to_owned(), String::new()]);
    });
    let expected = b"\0\0\0\x1d\0\0\0\x01\0\0\0\0\0\0\0\x19\0\0\0\x02\0\0\0\x01\0\0\0\x01a\0\0\0\0";
    assert_eq!(bytes, expected);
}

#[test]
fn an_empty_array_has_no_dimension() {
    let bytes = encoded(|tuples| {
        tuples.uuids(&[]);
    });
    assert_eq!(bytes, b"\0\0\0\x0c\0\0\0\0\0\0\0\0\0\0\x0b\x86");
}

#[test]
fn what_was_sent_is_not_sent_again() {
    let mut tuples = Tuples::begin();
    assert_eq!(tuples.piece(), None);
    tuples.text(&"x".repeat(PIECE));
    let piece = tuples.piece().unwrap();
    assert_eq!(piece.len() - begin(&piece), size_of::<i32>() + PIECE);
    assert_eq!(tuples.end(), TRAILER);
}

#[test]
fn what_is_sent_is_longer_than_a_segment() {
    assert!(Tuples::begin().end().len() > 65_483);
}
