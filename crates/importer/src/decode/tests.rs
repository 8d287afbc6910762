use super::*;

#[test]
fn clean_text_is_left_alone() {
    assert_eq!(decode("größe\n".as_bytes()), Decoded { text: "größe\n".into(), notes: vec![] });
}

#[test]
fn a_byte_order_mark_is_dropped() {
    assert_eq!(decode(b"\xef\xbb\xbf---\n").text, "---\n");
}

#[test]
fn crlf_becomes_lf_and_is_noted_once() {
    let decoded = decode(b"a\nb\r\nc\r\n");
    assert_eq!(decoded.text, "a\nb\nc\n");
    assert_eq!(decoded.notes, [Note::new(NoteKind::LineEnds, 2, "")]);
}

#[test]
fn bytes_that_are_not_utf_8_are_read_as_windows_1252_and_none_is_lost() {
    let decoded = decode(b"one\nthe \x93caf\xe9\x94 is \xc3\xa9\n");
    assert_eq!(decoded.text, "one\nthe “café” is é\n");
    assert_eq!(decoded.notes, [Note::new(NoteKind::NotUtf8, 2, "3 bytes")]);
}
