//! Which media a post's text refers to: `docs/topics.md` says how an address of one looks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::context::Folded;
use crate::state::{self, State};
use crate::views::{Rows, View};

pub(super) const VIEW: View = View::keyed("media_uses", &["post_id"]);

pub(super) fn rows(post: &Folded<'_>, rows: &mut Rows) {
    let (mut ever, mut in_text, mut cover) = (false, BTreeSet::new(), None);
    for (_, event) in &post.events {
        let told = |name| state::of(&event.fields, name).and_then(Value::as_str);
        let reset = event.fields.get("reset_fields").and_then(Value::as_array).into_iter().flatten();
        let loses_cover = reset.into_iter().any(|name| name == "cover_image");
        if told("body").is_none() && told("cover_image").is_none() && !loses_cover {
            continue;
        }
        if let Some(body) = told("body") {
            in_text = used(body);
        }
        if loses_cover {
            cover = None;
        } else if let Some(image) = told("cover_image") {
            cover = of_cover(image);
        }
        ever |= !in_text.is_empty() || cover.is_some();
        if ever {
            let row = json!({"post_id": post.id, "sha256s": in_text, "cover_sha256": cover, "version": event.version});
            rows.put(VIEW, row);
        }
    }
}

/// What a post shows as it is.
pub(super) fn shown(state: &State) -> BTreeSet<String> {
    let told = |name| state::of(state, name).and_then(Value::as_str).unwrap_or_default();
    used(told("body")).into_iter().chain(of_cover(told("cover_image"))).map(str::to_owned).collect()
}

/// Only a cover whose address is one of ours is an item.
fn of_cover(image: &str) -> Option<&str> {
    Some(image).filter(|image| image.starts_with("/media/")).and_then(|image| used(image).pop_first())
}

/// The SHA-256s that stand alone behind `/media/`.
fn used(body: &str) -> BTreeSet<&str> {
    let behind = body.split("/media/").skip(1);
    let digits = behind.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default());
    let is_hex = |digits: &&str| digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    digits.filter(is_hex).collect()
}
