use super::*;

/// What is encoded after the header and before the trailer.
fn encoded(encode: impl FnOnce(&mut Tuples)) -> Vec<u8> {
    let mut tuples = Tuples::begin();
    encode(&mut tuples);
    let bytes = tuples.end();
    bytes[HEADER.len()..bytes.len() - TRAILER.len()].to_vec()
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
        tuples.maybe_time(None).maybe_time(Some(Timestamp(946_684_800_001)));
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
    assert!(tuples.piece().is_some_and(|piece| piece.starts_with(HEADER)));
    assert_eq!(tuples.end(), TRAILER);
}
