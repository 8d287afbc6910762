//! What a post has beside its text. Custom fields are as `dev/custom-fields.json` has them. Which post is a translation
//! of which is not drawn: a client may be at an instance that has not read yet that the other is there.

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};

use crate::load::values::{one_of, unique};

/// Draws some.
pub(super) fn extend(rng: &mut StdRng, body: &mut Map<String, Value>) {
    if !rng.random_bool(0.25) {
        return;
    }
    let (field, value) = match rng.random_range(0..8) {
        0 => ("canonical_url", Value::from(format!("https://example.org/{}", unique(rng)))),
        1 => ("cover", cover(rng)),
        2 => ("language", one_of(rng, &["de-AT", "he", "pt-BR"]).into()),
        3 => ("meta_title", format!("Meta {}", unique(rng)).into()),
        4 => ("meta_description", "About מכונות.".into()),
        5 => ("custom_fields", json!({"rating": rng.random_range(0..5), "deck": format!("Deck {}", unique(rng))})),
        6 => ("visibility", one_of(rng, &["public", "unlisted", "members"]).into()),
        _ => ("comments", one_of(rng, &["open", "closed"]).into()),
    };
    body.insert(field.to_owned(), value);
}

fn cover(rng: &mut StdRng) -> Value {
    match rng.random_range(0..3) {
        0 => json!({"url": format!("https://example.org/{}.jpg", unique(rng))}),
        1 => json!({"sha256": "5a".repeat(32), "alt": "A machine"}),
        _ => json!({"url": "http://example.org/a", "focal_x": rng.random_range(0..=100), "focal_y": 0}),
    }
}

/// Names of fields that can be taken away.
pub(super) const MISSING: [&str; 5] = ["cover", "language", "custom_fields", "visibility", "comments"];
