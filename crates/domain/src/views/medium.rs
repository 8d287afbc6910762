use uuid::Uuid;

use super::{Seen, SourceEvent, View};
use crate::Timestamp;
use crate::media::{Described, Event, Kept, Media as Context, Rendered, Uploaded};

/// The view of every item that there ever was: what an account brought.
#[derive(Clone, Copy, Debug)]
pub struct Media;

/// An item.
#[derive(Clone, Debug, PartialEq)]
pub struct Medium {
    /// The aggregate: an account and what the bytes are.
    pub item: String,
    /// Whose it is.
    pub account_id: Uuid,
    /// What its bytes are.
    pub sha256: String,
    /// Whether it is there now.
    pub active: bool,
    /// Which upload of the bytes is stored.
    pub upload_id: Uuid,
    /// What the bytes were found to be.
    pub media_type: String,
    /// How many they are.
    pub bytes: i64,
    /// How many pixels wide it is shown.
    pub width: Option<i64>,
    /// How many pixels high it is shown.
    pub height: Option<i64>,
    /// What is to be read where it is not seen.
    pub alt: String,
    /// The smaller sizes that are stored.
    pub renditions: Vec<String>,
    /// When it was brought.
    pub uploaded_at: Timestamp,
    /// Until when it is kept though nothing uses it.
    pub kept_until_at: Timestamp,
    /// Its version: a row of one that is gone is kept for it.
    pub version: u64,
}

impl View for Media {
    const NAME: &'static str = "media";
    type Source = Context;
    type Key = String;
    type Row = Medium;

    fn keys(event: SourceEvent<'_, Context>) -> impl IntoIterator<Item = String> {
        [event.aggregate_id.to_owned()]
    }

    fn seen(row: Option<&Medium>, _: SourceEvent<'_, Context>) -> Seen {
        Seen::Every(row.map_or(0, |row| row.version))
    }

    fn fold(item: &String, row: Option<Medium>, event: SourceEvent<'_, Context>) -> Option<Medium> {
        let SourceEvent { version, occurred_at: at, .. } = event;
        let row = match event.event {
            Event::Uploaded(uploaded) => Some(uploaded_medium(item, uploaded, at)),
            Event::Described(Described { alt }) => row.map(|row| Medium { alt: alt.to_string(), ..row }),
            Event::Rendered(Rendered { renditions }) => {
                let renditions = renditions.iter().map(ToString::to_string).collect();
                row.map(|row| Medium { renditions, ..row })
            }
            Event::Kept(Kept { kept_until_at }) => row.map(|row| Medium { kept_until_at: *kept_until_at, ..row }),
            // Nothing that was said of it is kept.
            Event::Deleted(_) | Event::Swept(_) => {
                row.map(|row| Medium { active: false, alt: String::new(), renditions: Vec::new(), ..row })
            }
        };
        row.map(|row| Medium { version, ..row })
    }
}

fn uploaded_medium(item: &str, uploaded: &Uploaded, at: Timestamp) -> Medium {
    Medium {
        item: item.to_owned(),
        account_id: uploaded.account_id,
        sha256: uploaded.sha256.to_string(),
        active: true,
        upload_id: uploaded.upload_id,
        media_type: uploaded.media_type.to_string(),
        bytes: uploaded.bytes,
        width: uploaded.width,
        height: uploaded.height,
        alt: String::new(),
        renditions: Vec::new(),
        uploaded_at: at,
        kept_until_at: uploaded.kept_until_at,
        version: 1,
    }
}
