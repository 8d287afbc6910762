use super::*;

fn key(millis: i64) -> TimeKey {
    TimeKey(Time::exactly(Timestamp(millis)).unwrap(), Uuid::from_u128(7))
}

/// A cursor with any text for a key.
fn forged(list: ListId, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{:016x}/{key}", list.0))
}

#[test]
fn a_cursor_is_read_back() {
    let list = ListId::of(["posts", "kafka"]);
    for key in [key(-5), key(0), key(1_700_000_000_123), key(253_402_300_799_999)] {
        assert_eq!(list.key::<TimeKey>(&list.cursor(&key)).unwrap(), key);
    }
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    let cursor = ListId::of(["posts", "kafka"]).cursor(&key(5));
    let problem = ListId::of(["posts", "redis"]).key::<TimeKey>(&cursor).unwrap_err();
    assert_eq!(problem.details().status, 422);
    assert_eq!(problem.details().errors[0].parameter.as_deref(), Some("cursor"));
}

#[test]
fn nonsense_is_refused() {
    let list = ListId::of(["posts"]);
    for cursor in ["", "x", "%", "AAAA", &URL_SAFE_NO_PAD.encode(b"\xff\xfe"), &forged(list, "many/x")] {
        assert!(list.key::<TimeKey>(cursor).is_err(), "{cursor}");
    }
}

#[test]
fn a_time_that_no_column_holds_is_refused() {
    let list = ListId::of(["posts"]);
    for millis in [i64::MIN, -62_135_596_800_001, 253_402_300_800_000, i64::MAX] {
        let cursor = forged(list, &format!("{millis}/{}", Uuid::nil()));
        assert!(list.key::<TimeKey>(&cursor).is_err(), "{millis}");
    }
}
