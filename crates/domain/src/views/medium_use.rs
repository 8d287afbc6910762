use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::media;
use crate::posts::Posts as Context;

/// The view of who uses what: of each post that ever showed media, in its text, in its custom fields or as its cover,
/// which it shows now.
#[derive(Clone, Copy, Debug)]
pub struct MediaUses;

/// What a post uses.
#[derive(Clone, Debug, PartialEq)]
pub struct MediumUse {
    /// The post.
    pub post_id: Uuid,
    /// The items that its text refers to, each once, in order.
    pub sha256s: Vec<String>,
    /// The item that is its cover, if one is.
    pub cover_sha256: Option<String>,
    /// The version of the post that made it so.
    pub version: u64,
    /// The items that its custom fields name, each once, in order.
    pub custom_sha256s: Vec<String>,
}

/// The items that a text refers to, each once, in order.
fn used(text: &str) -> Vec<String> {
    media::references(text).into_iter().map(|reference| reference.sha256.into()).collect()
}

impl View for MediaUses {
    const NAME: &'static str = "media_uses";
    type Source = Context;
    type Key = Uuid;
    type Row = MediumUse;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = Uuid> {
        let post = event.event;
        let shows = post.body().is_some() || post.cover().is_some() || post.custom_fields().is_some();
        let hides = post.takes_away("cover_image") || post.takes_away("custom_fields");
        (shows || hides).then(|| event.id()).flatten()
    }

    fn seen(row: Option<&MediumUse>, _: SourceEvent<'_, Context>) -> Seen {
        // Events that leave the text as it is lie between two of these.
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(post_id: &Uuid, row: Option<MediumUse>, event: SourceEvent<'_, Context>) -> Option<MediumUse> {
        let (had, version) = (row.is_some(), event.version);
        let nothing = || MediumUse {
            post_id: *post_id,
            sha256s: Vec::new(),
            cover_sha256: None,
            version,
            custom_sha256s: Vec::new(),
        };
        let (mut uses, post) = (row.unwrap_or_else(nothing), event.event);
        uses.version = version;
        if let Some(body) = post.body() {
            uses.sha256s = used(body.as_str());
        }
        if post.takes_away("cover_image") {
            uses.cover_sha256 = None;
        } else if let Some(cover) = post.cover() {
            uses.cover_sha256 = cover.sha256().map(String::from);
        }
        if post.takes_away("custom_fields") {
            uses.custom_sha256s.clear();
        } else if let Some(fields) = post.custom_fields() {
            uses.custom_sha256s = used(fields.as_str());
        }
        let shows = !uses.sha256s.is_empty() || uses.cover_sha256.is_some() || !uses.custom_sha256s.is_empty();
        (had || shows).then_some(uses)
    }
}
