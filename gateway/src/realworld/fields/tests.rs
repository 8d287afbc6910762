use super::*;

fn fields(body: &str) -> Fields {
    Fields::of(body.as_bytes(), "article").unwrap()
}

fn wrong(fields: Fields) -> bool {
    fields.right().is_err()
}

#[test]
fn what_must_be_there_is_not_blank() {
    for title in ["", r#""title": null"#, r#""title": """#, r#""title": "  ""#, r#""title": 7"#] {
        let mut fields = fields(&format!(r#"{{"article": {{{title}}}}}"#));
        fields.text("title");
        assert!(wrong(fields), "{title}");
    }
    let mut fields = fields(r#"{"article": {"title": "A title"}, "stray": 1}"#);
    assert_eq!(fields.text("title"), "A title");
    assert!(!wrong(fields));
}

#[test]
fn what_is_absent_stays_and_null_is_wrong_where_it_may_not_be() {
    let mut absent = fields(r#"{"article": {}}"#);
    assert_eq!((absent.change("title"), absent.change_or_empty("bio"), absent.tags("tagList")), (None, None, None));
    assert!(!wrong(absent));
    let mut null = fields(r#"{"article": {"title": null}}"#);
    null.change("title");
    assert!(wrong(null));
    let mut null = fields(r#"{"article": {"tagList": null}}"#);
    null.tags("tagList");
    assert!(wrong(null));
    let mut emptied = fields(r#"{"article": {"bio": null, "image": ""}}"#);
    let empty = Some(String::new());
    assert_eq!((emptied.change_or_empty("bio"), emptied.change_or_empty("image")), (empty.clone(), empty));
    assert!(!wrong(emptied));
}

#[test]
fn tags_keep_their_order_and_are_said_as_they_are_natively() {
    let mut tags = fields(r#"{"article": {"tagList": ["training", "dragons", "Angular JS", "training", " "]}}"#);
    assert_eq!(tags.tags("tagList").unwrap(), ["training", "dragons", "angular-js"]);
    assert!(!wrong(tags));
    let mut numbers = fields(r#"{"article": {"tagList": [1]}}"#);
    numbers.tags("tagList");
    assert!(wrong(numbers));
}

#[test]
fn a_body_without_the_object_is_wrong() {
    for body in ["", "  ", "{}", "[]", r#"{"article": []}"#, "{", r#"{"article": null}"#, "\u{7f}"] {
        assert!(Fields::of(body.as_bytes(), "article").is_err(), "{body}");
    }
}

/// Each of these was held in thirty times its size.
#[test]
fn what_is_not_asked_for_is_passed_over() {
    let many = format!("[{}0]", "0,".repeat(100_000));
    for stray in [format!(r#""x": {many}"#), format!(r#""bio": {many}"#), r#""x": {"y": [{}]}"#.to_owned()] {
        let mut fields = fields(&format!(r#"{{"article": {{{stray}, "title": "A title"}}, "z": {many}}}"#));
        assert_eq!(fields.text("title"), "A title");
        assert!(!wrong(fields));
    }
    let mut list = fields(&format!(r#"{{"article": {{"tagList": [{}"a"]}}}}"#, r#""a","#.repeat(2_000)));
    list.tags("tagList");
    assert!(wrong(list), "so many tags are none");
}
