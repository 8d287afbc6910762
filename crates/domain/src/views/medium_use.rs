use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::media;
use crate::posts::Posts as Context;

/// The view of who uses what: of each post that ever showed media, in its text or as its cover, which it shows now.
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
}

impl View for MediaUses {
    const NAME: &'static str = "media_uses";
    type Source = Context;
    type Key = Uuid;
    type Row = MediumUse;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = Uuid> {
        let of_media = event.event.body().is_some() || event.event.cover().is_some();
        (of_media || event.event.takes_cover_away()).then(|| event.id()).flatten()
    }

    fn seen(row: Option<&MediumUse>, _: SourceEvent<'_, Context>) -> Seen {
        // Events that leave the text as it is lie between two of these.
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(post_id: &Uuid, row: Option<MediumUse>, event: SourceEvent<'_, Context>) -> Option<MediumUse> {
        let had = row.is_some();
        let (mut sha256s, mut cover_sha256) = row.map(|row| (row.sha256s, row.cover_sha256)).unwrap_or_default();
        if let Some(body) = event.event.body() {
            let used = media::references(body.as_str()).into_iter();
            sha256s = used.map(|reference| reference.sha256.into()).collect();
        }
        if event.event.takes_cover_away() {
            cover_sha256 = None;
        } else if let Some(cover) = event.event.cover() {
            cover_sha256 = cover.sha256().map(String::from);
        }
        let is_worth_a_row = had || !sha256s.is_empty() || cover_sha256.is_some();
        is_worth_a_row.then_some(MediumUse { post_id: *post_id, sha256s, cover_sha256, version: event.version })
    }
}
