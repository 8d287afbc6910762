//! What a post has beside its text. Custom fields are as `dev/custom-fields.json` has them.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom as _;
use serde_json::{Map, Value, json};

use super::{Known, intent};
use crate::load::Intent;
use crate::load::files;
use crate::load::values::{id, one_of, unique};

/// Draws some.
pub(super) fn extend(rng: &mut StdRng, body: &mut Map<String, Value>) {
    if !rng.random_bool(0.25) {
        return;
    }
    let (field, value) = match rng.random_range(0..9) {
        0 => ("canonical_url", Value::from(format!("https://example.org/{}", unique(rng)))),
        1 => ("cover", cover(rng)),
        2 => ("language", one_of(rng, &["de-AT", "he", "pt-BR"]).into()),
        3 => ("meta_title", format!("Meta {}", unique(rng)).into()),
        4 => ("meta_description", "About מכונות.".into()),
        5 => ("custom_fields", json!({"rating": rng.random_range(0..5), "deck": format!("Deck {}", unique(rng))})),
        6 => ("visibility", one_of(rng, &["public", "unlisted", "members"]).into()),
        // Of those who may not it is refused.
        7 => ("featured", rng.random_bool(0.7).into()),
        _ => ("comments", one_of(rng, &["open", "open", "confirmed", "followers", "closed"]).into()),
    };
    body.insert(field.to_owned(), value);
}

fn cover(rng: &mut StdRng) -> Value {
    match rng.random_range(0..5) {
        0 => json!({"url": format!("https://example.org/{}.jpg", unique(rng))}),
        // One that no client brings.
        1 => json!({"sha256": "5a".repeat(32), "alt": "A machine"}),
        2 | 3 => json!({"sha256": some_picture(rng), "alt": format!("A machine, {}", unique(rng))}),
        _ => json!({"url": "http://example.org/a", "focal_x": rng.random_range(0..=100), "focal_y": 0}),
    }
}

fn some_picture(rng: &mut StdRng) -> &'static str {
    &files::pictures().choose(rng).expect("there are pictures").sha256
}

/// A picture in a text, now and then, with its words or with none on purpose: whether those that say nothing may become
/// public depends on what the instance has read, so there are none of them.
pub(super) fn picture(rng: &mut StdRng) -> String {
    let sha256 = some_picture(rng);
    match rng.random_range(0..10) {
        0..3 => format!("\n\n![A machine, {}](/media/{sha256})", unique(rng)),
        3 => format!("\n\n<img src=\"/media/{sha256}\" alt=\"\">"),
        _ => String::new(),
    }
}

/// Names of fields that can be taken away.
pub(super) const MISSING: [&str; 7] =
    ["cover", "language", "custom_fields", "visibility", "comments", "featured", "translation_of"];

/// Says of a post now and then which one it is a translation of. It may be the post itself, and a client may be at an
/// instance that has not read yet that the other is there: then it is refused.
pub(super) fn translate(rng: &mut StdRng, body: &mut Map<String, Value>, original: Option<Known>) {
    if let Some(original) = original.filter(|_| rng.random_bool(0.04)) {
        body.insert("translation_of".into(), original.id.into());
    }
}

/// Has a post give up the slug that it had before.
pub(super) fn give_up(rng: &mut StdRng, known: &Known) -> Option<Intent> {
    let slug = known.former.as_ref().filter(|former| *former != known.slug())?;
    let (verb, key) = (format!("/slugs/{slug}"), id(rng).to_string());
    let intent = intent("posts.give_up_slug", "DELETE", known.id.clone(), &verb, Value::Null, key);
    Some(Intent { recorded: Map::from_iter([("slug".to_owned(), Value::from(slug.as_str()))]), ..intent })
}
