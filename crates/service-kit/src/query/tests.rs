use serde::Deserialize;

use super::*;

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct List {
    limit: Option<u8>,
    tag: Option<String>,
}

fn faults(query: &str) -> Vec<(String, String)> {
    let details = parse::<List>(query).unwrap_err().details().clone();
    assert_eq!(details.status, 422);
    details.errors.into_iter().map(|error| (error.parameter.unwrap(), error.detail)).collect()
}

#[test]
fn a_good_query_is_read() {
    assert_eq!(parse::<List>("").unwrap(), List::default());
    assert_eq!(parse::<List>("limit=3&tag=a%20b").unwrap(), List { limit: Some(3), tag: Some("a b".into()) });
}

#[test]
fn every_wrong_parameter_is_named() {
    let found = faults("limit=many&tga=x&tag=y");
    assert_eq!(found[0].0, "limit");
    assert_eq!(found[1], ("tga".into(), "is not known here; expected limit or tag".into()));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_repeated_parameter_is_named() {
    assert_eq!(faults("tag=a&tag=b"), [("tag".into(), "is given twice".into())]);
}
