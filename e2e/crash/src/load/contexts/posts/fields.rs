//! What posts say.

use std::collections::BTreeSet;

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::super::tags::NAMES;
use super::super::taxonomy::Taxonomy;
use super::about;
use crate::load::values::{one_of, tags, unique};

/// Times of first publication elsewhere, as they are written and in milliseconds.
const TIMES: [(&str, i64); 3] = [
    ("2019-05-06T07:08:09Z", 1_557_126_489_000),
    ("2020-01-02T03:04:05Z", 1_577_934_245_000),
    ("2021-12-31T23:59:59.5Z", 1_640_995_199_500),
];

/// A title that no other command writes.
pub(super) fn title(rng: &mut StdRng) -> Value {
    Value::from(format!("Title {}", unique(rng)))
}

/// Some fields beside title and slug. What the post is sorted by other clients merge, rename, move and delete.
pub(super) fn change(rng: &mut StdRng, taxonomy: &Taxonomy) -> Map<String, Value> {
    let mut body = Map::new();
    if rng.random_bool(0.3) {
        body.insert("summary".into(), format!("Summary {}", unique(rng)).into());
    }
    if rng.random_bool(0.2) {
        let picture = about::picture(rng);
        body.insert("body".into(), format!("Some *text*: {}.{picture}", unique(rng)).into());
    }
    if rng.random_bool(0.3) {
        body.insert("tags".into(), tags(rng).into());
    } else if rng.random_bool(0.1) {
        body.insert("tags".into(), json!([one_of(rng, &NAMES)]));
    }
    if rng.random_bool(0.05) {
        body.insert("originally_published_at".into(), one_of(rng, &TIMES).0.into());
    }
    if rng.random_bool(0.1) {
        let categories: BTreeSet<String> = (0..2).filter_map(|_| taxonomy.some(rng)).collect();
        body.insert("category_ids".into(), json!(categories));
    }
    if rng.random_bool(0.05) {
        body.insert("co_author_ids".into(), json!([Uuid::from_u128(rng.random_range(1..4)).to_string()]));
    }
    about::extend(rng, &mut body);
    body
}

/// One of [`TIMES`], as the log has it.
pub(super) fn millis_of(written: &str) -> Option<i64> {
    TIMES.iter().find(|(text, _)| *text == written).map(|(_, millis)| *millis)
}
