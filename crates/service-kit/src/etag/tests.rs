use actix_web::http::header::HeaderValue;

use super::*;

fn headers(name: HeaderName, values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn matching(values: &[&str]) -> Option<IfMatch> {
    if_match(&headers(IF_MATCH, values)).unwrap()
}

#[test]
fn a_version_is_its_own_tag() {
    assert_eq!(of_version(7), "\"7\"");
    assert_eq!(matching(&["\"7\""]), Some(IfMatch::Versions(vec![7])));
    assert!(matching(&["\"7\""]).unwrap().allows(7));
    assert!(!matching(&["\"7\""]).unwrap().allows(8));
}

#[test]
fn lists_stars_and_absence_are_told_apart() {
    assert_eq!(matching(&[]), None);
    assert_eq!(matching(&["*"]), Some(IfMatch::Any));
    assert_eq!(matching(&["\"1\" , \"2\"", "\"3\""]), Some(IfMatch::Versions(vec![1, 2, 3])));
}

#[test]
fn weak_and_foreign_tags_match_nothing() {
    assert_eq!(matching(&["W/\"7\", \"abc\", \"a,b\""]), Some(IfMatch::Versions(vec![])));
}

#[test]
fn what_is_no_tag_is_malformed() {
    for text in ["", "7", "\"7", "\"7\" \"8\"", "W/7", ",", "\u{e9}"] {
        assert!(if_match(&headers(IF_MATCH, &[text])).is_err(), "{text}");
    }
}

#[test]
fn if_none_match_compares_weakly() {
    let fits = |value: &str| not_modified(&headers(IF_NONE_MATCH, &[value]), "\"a-1\"").unwrap();
    assert!(fits("\"a-1\"") && fits("W/\"a-1\"") && fits("\"b\", \"a-1\"") && fits("*"));
    assert!(!fits("\"b\""));
    assert!(!not_modified(&HeaderMap::new(), "\"a-1\"").unwrap());
}
