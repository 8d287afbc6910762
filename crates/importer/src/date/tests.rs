use time::format_description::well_known::Rfc3339;

use super::*;

fn read_as(text: &str) -> Option<(String, Option<NoteKind>)> {
    read_in(text, &Zone::UTC)
}

fn read_in(text: &str, zone: &Zone) -> Option<(String, Option<NoteKind>)> {
    read(text, zone).map(|(at, note)| (at.format(&Rfc3339).unwrap(), note))
}

#[test]
fn every_shape_is_read() {
    let exact = [
        ("2015-12-29 10:10:12 -0400", "2015-12-29T14:10:12Z"),
        ("2015-12-29 1:10:12 -0400", "2015-12-29T05:10:12Z"),
        ("2015-12-29T01:10:12-04:00", "2015-12-29T05:10:12Z"),
        ("2015-12-29T01:10:12.5Z", "2015-12-29T01:10:12.5Z"),
        ("2015-12-29 01:10:12.123456 UTC", "2015-12-29T01:10:12.123Z"),
        ("2015-12-29 01:10 +05:30", "2015-12-28T19:40:00Z"),
        ("2015-12-29 01:10:00+02", "2015-12-28T23:10:00Z"),
        ("2015/12/29 01:10:00 GMT", "2015-12-29T01:10:00Z"),
        ("  2015-1-2 23:59:59 -0500 ", "2015-01-03T04:59:59Z"),
    ];
    for (text, at) in exact {
        assert_eq!(read_as(text), Some((at.to_owned(), None)), "{text}");
    }
}

#[test]
fn what_is_missing_is_assumed_and_said() {
    assert_eq!(read_as("2015-12-29"), Some(("2015-12-29T00:00:00Z".into(), Some(NoteKind::DateWithoutTime))));
    assert_eq!(read_as("2015-12-29 01:10:12"), Some(("2015-12-29T01:10:12Z".into(), Some(NoteKind::TimeWithoutZone))));
}

/// A site of Tokyo or Lisbon writes its own time, as Jekyll's and WordPress's do.
#[test]
fn a_time_without_a_zone_is_of_the_one_that_is_named() {
    let assumed = |zone: &str, text: &str| read_in(text, &zone.parse().unwrap()).unwrap().0;
    assert_eq!(assumed("Asia/Tokyo", "2026-11-30 22:30"), "2026-11-30T13:30:00Z");
    assert_eq!(assumed("Asia/Tokyo", "2026-12-31"), "2026-12-30T15:00:00Z");
    assert_eq!(assumed("Europe/Lisbon", "2026-03-29 01:30"), "2026-03-29T01:30:00Z", "skipped: by the offset before");
    assert_eq!(assumed("Europe/Lisbon", "2026-10-25 01:30"), "2026-10-25T00:30:00Z", "twice: the first");
    assert_eq!(assumed("Asia/Tokyo", "2026-11-30 22:30 +0100"), "2026-11-30T21:30:00Z", "it says its own");
    assert!("Asia/Atlantis".parse::<Zone>().is_err());
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "soon",
        "2015",
        "2015-13-01",
        "2015-02-30",
        "15-02-03",
        "2015-02-03-04",
        "2015-02-03 25:00:00",
        "2015-02-03 10",
        "2015-02-03 10:00 EST",
        "2015-02-03 10:00 +99:00",
        "2015-02-03 10:00 +02:75",
        "2015-02-03 10:00:00.x",
        "2015-02-03 +4",
        "12/29/2015",
        "0000-01-01 00:00 +0400",
        "2015-02-03 10:00 +é",
    ] {
        assert_eq!(read_as(text), None, "{text}");
    }
}
