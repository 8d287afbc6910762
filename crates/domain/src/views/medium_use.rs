use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::media;
use crate::posts::Posts as Context;

/// The view of who uses what: of each post that ever had a text with media in it, which are in it now.
#[derive(Clone, Copy, Debug)]
pub struct MediaUses;

/// What a post uses.
#[derive(Clone, Debug, PartialEq)]
pub struct MediumUse {
    /// The post.
    pub post_id: Uuid,
    /// The items that its text refers to, each once, in order.
    pub sha256s: Vec<String>,
    /// The version of the post that made it so.
    pub version: u64,
}

impl View for MediaUses {
    const NAME: &'static str = "media_uses";
    type Source = Context;
    type Key = Uuid;
    type Row = MediumUse;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = Uuid> {
        event.event.body().and_then(|_| event.id())
    }

    fn seen(row: Option<&MediumUse>, _: SourceEvent<'_, Context>) -> Seen {
        // Events that leave the text as it is lie between two of these.
        Seen::Some(row.map_or(0, |row| row.version))
    }

    fn fold(post_id: &Uuid, row: Option<MediumUse>, event: SourceEvent<'_, Context>) -> Option<MediumUse> {
        let Some(body) = event.event.body() else { return row };
        let used = media::references(body.as_str()).into_iter();
        let sha256s: Vec<String> = used.map(|reference| reference.sha256.into()).collect();
        let is_worth_a_row = row.is_some() || !sha256s.is_empty();
        is_worth_a_row.then_some(MediumUse { post_id: *post_id, sha256s, version: event.version })
    }
}
