//! The rule, on histories made by hand: what tests trust must be right by itself.

use super::*;

fn record(headers: &[(&str, &str)], value: Vec<u8>) -> Seen {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Seen { partition: 0, offset: 0, key: String::new(), value, headers, valid: false }
}

/// In Avro, with the wire format's five bytes before it.
fn term(term: u8) -> Seen {
    let name = TERM_STARTED.as_bytes();
    let length = u8::try_from(name.len() * 2).unwrap();
    let value = [&[0, 0, 0, 0, 1, length], name, &[term * 2]].concat();
    record(&[("ce_type", TERM_STARTED)], value)
}

fn event(term: &str, seq: &str) -> Seen {
    record(&[("ce_type", "inklog.posts.Drafted"), ("inklog-term", term), ("inklog-seq", seq)], Vec::new())
}

fn judged(records: impl IntoIterator<Item = Seen>) -> Vec<bool> {
    let mut place = Place::default();
    let judge = |mut seen: Seen| {
        seen.judge(&mut place);
        seen.valid
    };
    records.into_iter().map(judge).collect()
}

#[test]
fn events_count_one_after_the_other_in_their_term() {
    assert_eq!(judged([term(1), event("1", "1"), event("1", "2")]), [true, true, true]);
    assert_eq!(judged([term(1), event("1", "2")]), [true, false]);
    assert_eq!(judged([term(1), event("1", "1"), event("1", "1")]), [true, true, false]);
}

#[test]
fn nothing_counts_before_the_first_term() {
    assert_eq!(judged([event("0", "1"), event("1", "1"), term(1), event("1", "1")]), [false, false, true, true]);
}

#[test]
fn what_a_former_owner_appends_is_void() {
    let records = [term(1), event("1", "1"), term(2), event("1", "2"), event("2", "1")];
    assert_eq!(judged(records), [true, true, true, false, true]);
}

#[test]
fn of_two_candidates_the_first_in_the_log_wins() {
    assert_eq!(judged([term(1), term(2), term(2), term(4), term(3)]), [true, true, false, false, true]);
}

#[test]
fn a_record_without_a_stamp_is_foreign() {
    assert_eq!(judged([term(1), record(&[], b"x".to_vec()), event("1", "1")]), [true, false, true]);
}

#[test]
fn large_numbers_are_read_whole() {
    let name = TERM_STARTED.as_bytes();
    // 300 is 600 in zigzag: seven bits 88 with a successor, then 4.
    let value = [&[0, 0, 0, 0, 1, u8::try_from(name.len() * 2).unwrap()], name, &[0x80 | 88, 4]].concat();
    assert_eq!(term_of(&value), 300);
    assert_eq!(term_of(b"short"), 0);
}
