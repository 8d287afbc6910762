use serde::Serialize;
use serde_json::json;

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    #[serde(with = "rfc3339")]
    at: Timestamp,
    #[serde(default, with = "rfc3339::option")]
    seen: Option<Timestamp>,
}

#[test]
fn the_width_is_fixed() {
    assert_eq!(format(Timestamp(0)), "1970-01-01T00:00:00.000Z");
    assert_eq!(format(Timestamp(1_767_323_045_006)), "2026-01-02T03:04:05.006Z");
    assert_eq!(format(Timestamp(-1)), "1969-12-31T23:59:59.999Z");
}

#[test]
fn every_offset_is_read() {
    assert_eq!(parse("2026-01-02T03:04:05.0069Z"), Ok(Timestamp(1_767_323_045_006)));
    assert_eq!(parse("2026-01-02T05:04:05.006+02:00"), Ok(Timestamp(1_767_323_045_006)));
    assert_eq!(parse("1969-12-31T23:59:59.999Z"), Ok(Timestamp(-1)));
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "2026-01-02",
        "2026-13-02T00:00:00Z",
        "2026-01-02T03:04:05",
        "9999-12-31T23:59:59.999-23:00",
        "2016-12-31T23:59:60Z",
    ] {
        assert_eq!(parse(text), Err(NotATime), "{text}");
    }
}

#[test]
fn extreme_times_are_written_as_the_nearest() {
    assert_eq!(format(Timestamp(i64::MAX)), "9999-12-31T23:59:59.999Z");
    assert_eq!(format(Timestamp(i64::MIN)), "0000-01-01T00:00:00.000Z");
}

#[test]
fn serde_round_trips() {
    let row = Row { at: Timestamp(5), seen: None };
    let value = serde_json::to_value(&row).unwrap();
    assert_eq!(value, json!({"at": "1970-01-01T00:00:00.005Z", "seen": null}));
    assert_eq!(serde_json::from_value::<Row>(value).unwrap(), row);
    assert_eq!(serde_json::from_value::<Row>(json!({"at": "1970-01-01T00:00:00.005Z"})).unwrap(), row);
    assert!(serde_json::from_value::<Row>(json!({"at": 5})).is_err());
}
