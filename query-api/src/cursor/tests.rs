use super::*;

#[test]
fn a_cursor_is_read_back() {
    let list = ListId::of(["posts", "kafka"]);
    let keys: (i64, String) = list.keys(&list.cursor(["-5", "a/b"])).unwrap();
    assert_eq!(keys, (-5, "a/b".into()));
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    let cursor = ListId::of(["posts", "kafka"]).cursor(["5", "x"]);
    let problem = ListId::of(["posts", "redis"]).keys::<i64, String>(&cursor).unwrap_err();
    assert_eq!(problem.details().status, 422);
    assert_eq!(problem.details().errors[0].parameter.as_deref(), Some("cursor"));
}

#[test]
fn nonsense_is_refused() {
    let list = ListId::of(["posts"]);
    for cursor in ["", "x", "%", "AAAA", &URL_SAFE_NO_PAD.encode(b"\xff\xfe"), &list.cursor(["many", "x"])] {
        assert!(list.keys::<i64, String>(cursor).is_err(), "{cursor}");
    }
}
