//! Which media a post's text refers to: `docs/topics.md` says how an address of one looks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::context::Folded;
use crate::state;
use crate::views::{Rows, View};

pub(super) const VIEW: View = View::keyed("media_uses", &["post_id"]);

pub(super) fn rows(post: &Folded<'_>, rows: &mut Rows) {
    let mut ever = false;
    for (_, event) in &post.events {
        let Some(body) = state::of(&event.fields, "body").and_then(Value::as_str) else { continue };
        let used = used(body);
        ever |= !used.is_empty();
        if ever {
            rows.put(VIEW, json!({"post_id": post.id, "sha256s": used, "version": event.version}));
        }
    }
}

/// The SHA-256s that stand alone behind `/media/`.
fn used(body: &str) -> BTreeSet<&str> {
    let behind = body.split("/media/").skip(1);
    let digits = behind.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default());
    let is_hex = |digits: &&str| digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    digits.filter(is_hex).collect()
}
