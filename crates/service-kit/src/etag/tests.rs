use actix_web::http::header::HeaderValue;

use super::*;

fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn conditions(lines: &[(HeaderName, &str)]) -> Conditions {
    Conditions::of(&headers(lines)).unwrap()
}

/// Which of the versions 0 to 8 `If-Match` allows; 0 is what is not there.
fn matching(value: &str) -> Vec<u64> {
    let conditions = conditions(&[(IF_MATCH, value)]);
    (0..=8).filter(|version| conditions.allow(*version)).collect()
}

/// Which of them `If-None-Match` does not allow.
fn matching_none(value: &str) -> Vec<u64> {
    let conditions = conditions(&[(IF_NONE_MATCH, value)]);
    (0..=8).filter(|version| !conditions.allow(*version)).collect()
}

#[test]
fn a_version_is_its_own_tag() {
    assert_eq!(of_version(7), "\"7\"");
    assert_eq!(matching("\"7\""), [7]);
    assert_eq!(matching("\"1\" , \"2\""), [1, 2]);
    let several = conditions(&[(IF_MATCH, "\"1\""), (IF_MATCH, "\"3\", \"x\"")]);
    assert!(several.allow(1) && !several.allow(2) && several.allow(3));
}

#[test]
fn what_is_not_there_fits_no_if_match() {
    for value in ["*", "\"0\"", "\"1\"", "W/\"1\"", "\"abc\"", "\"18446744073709551615\""] {
        assert!(!conditions(&[(IF_MATCH, value)]).allow(0), "{value}");
        assert_ne!(conditions(&[(IF_MATCH, value)]).expected(|| 0), Some(0), "{value}");
    }
    assert_eq!(matching("*"), [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn weak_and_foreign_tags_match_nothing() {
    for value in ["W/\"7\"", "\"abc\"", "\"7,8\"", "\"07\"", "\"+7\"", "\" 7\"", "\"\""] {
        assert_eq!(matching(value), [0; 0], "{value}");
    }
}

#[test]
fn if_none_match_compares_weakly_and_a_star_is_whatever_is_there() {
    assert_eq!(matching_none("*"), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(matching_none("\"7\", W/\"8\", \"abc\", \"0\""), [7, 8]);
    let both = conditions(&[(IF_MATCH, "*"), (IF_NONE_MATCH, "\"2\"")]);
    assert!(!both.allow(0) && both.allow(1) && !both.allow(2));
}

#[test]
fn a_command_is_made_to_a_version_that_is_allowed_or_asks_which_one_there_is() {
    let expected = |lines: &[(HeaderName, &str)], seen: u64| conditions(lines).expected(|| seen);
    assert_eq!(expected(&[], 3), None);
    assert_eq!(expected(&[(IF_MATCH, "\"7\"")], 3), Some(7), "this instance may be behind");
    assert_eq!(expected(&[(IF_MATCH, "*")], 3), None);
    assert_eq!(expected(&[(IF_MATCH, "*")], 0), Some(NEVER));
    assert_eq!(expected(&[(IF_MATCH, "\"2\", \"3\"")], 3), Some(3));
    assert_eq!(expected(&[(IF_MATCH, "\"2\", \"3\"")], 1), Some(NEVER));
    assert_eq!(expected(&[(IF_MATCH, "\"abc\"")], 3), Some(NEVER));
    assert_eq!(expected(&[(IF_NONE_MATCH, "*")], 0), Some(0), "it must not have come into being meanwhile");
    assert_eq!(expected(&[(IF_NONE_MATCH, "*")], 3), Some(NEVER));
    assert_eq!(expected(&[(IF_NONE_MATCH, "\"2\"")], 3), Some(3));
}

#[test]
fn what_is_no_tag_is_malformed() {
    for text in ["", "7", "\"7", "\"7\" \"8\"", "W/7", ",", "\u{e9}"] {
        for name in [IF_MATCH, IF_NONE_MATCH] {
            assert!(Conditions::of(&headers(&[(name, text)])).is_err(), "{text}");
        }
    }
}

#[test]
fn a_reader_who_has_it_is_told_so() {
    let fits = |value: &str| not_modified(&headers(&[(IF_NONE_MATCH, value)]), "\"a-1\"").unwrap();
    assert!(fits("\"a-1\"") && fits("W/\"a-1\"") && fits("\"b\", \"a-1\"") && fits("*"));
    assert!(!fits("\"b\""));
    assert!(!not_modified(&HeaderMap::new(), "\"a-1\"").unwrap());
}

#[test]
fn a_reader_who_demands_another_is_told_that_it_is_not_there() {
    let allowed = |value: &str| not_modified(&headers(&[(IF_MATCH, value)]), "\"a-1\"").is_ok();
    assert!(allowed("*") && allowed("\"b\", \"a-1\""));
    assert!(!allowed("\"b\"") && !allowed("W/\"a-1\""));
    // If-Match goes before.
    let both = headers(&[(IF_MATCH, "\"b\""), (IF_NONE_MATCH, "*")]);
    assert_eq!(not_modified(&both, "\"a-1\"").unwrap_err().details().status, 412);
}
