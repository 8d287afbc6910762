//! What dates that are yet to come make of a page: it is released by itself, or expires.

use time::OffsetDateTime;

use super::Rules;
use super::words::{KEYS, Meaning};
use crate::date;
use crate::front_matter::{Fields, Value};
use crate::note::{Note, NoteKind};

/// What is to happen to a page by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToCome {
    /// When a draft is to be published.
    pub release: Option<OffsetDateTime>,
    /// When it is to be unpublished.
    pub expiry: Option<OffsetDateTime>,
}

impl ToCome {
    /// What the front matter says, and the date in the file's name (`named`); `seen` is what hides the page. Of several
    /// dates the last releases it, and the first takes it down. What is hidden for another reason too stays hidden, and
    /// so does what would expire before it is released.
    pub fn of(fields: &Fields, named: Option<OffsetDateTime>, seen: &[Note], rules: &Rules) -> Self {
        let (mut release, mut expiry) = (named, None);
        for (name, entry) in fields.all() {
            let (Some((_, meaning)), Value::Text(text)) = (KEYS.iter().find(|(key, _)| *key == name), &entry.value)
            else {
                continue;
            };
            let Some((at, _)) = date::read(text, &rules.zone).filter(|(at, _)| *at > rules.now) else { continue };
            match meaning {
                Meaning::From | Meaning::ShowsOrFrom => release = release.max(Some(at)),
                Meaning::Until => expiry = Some(expiry.map_or(at, |expiry: OffsetDateTime| expiry.min(at))),
                Meaning::Hides | Meaning::Shows | Meaning::Status | Meaning::Secret | Meaning::Build => {}
            }
        }
        let is_hidden_otherwise = seen.iter().any(|note| note.kind.hides() && note.kind != NoteKind::NotYetPublished);
        let is_in_order = release.zip(expiry).is_none_or(|(release, expiry)| release < expiry);
        Self { release: release.filter(|_| !is_hidden_otherwise && is_in_order), expiry }
    }
}

#[cfg(test)]
mod tests;
