use time::format_description::well_known::Rfc3339;

use super::*;

fn read_as(text: &str) -> Option<(String, Option<NoteKind>)> {
    read(text).map(|(at, note)| (at.format(&Rfc3339).unwrap(), note))
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
