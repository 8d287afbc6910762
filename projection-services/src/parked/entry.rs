use std::time::{SystemTime, UNIX_EPOCH};

use event_log::subscription::Position;
use serde::{Deserialize, Serialize};

use crate::content::parking::facts;
use crate::work::{Parking, aggregate};

/// A parked event, in whichever store it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParkedEntry {
    /// Its context.
    pub context: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// The position to read from in order to read it again.
    pub from: Position,
    /// The record's key; what is not UTF-8 in it is replaced.
    pub key: String,
    /// The view that refused it, if one did.
    pub view: Option<String>,
    /// Why it is parked.
    pub reason: String,
    /// What it is, and nothing that it says.
    pub event: Option<serde_json::Value>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was parked, in milliseconds since 1970.
    pub parked_at: u64,
}

impl ParkedEntry {
    /// From what is to be parked, now.
    #[must_use]
    pub fn of(parking: &Parking<'_>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            context: parking.partition.context.clone(),
            partition: parking.partition.partition,
            offset: parking.entry.offset,
            from: parking.from,
            key: String::from_utf8_lossy(aggregate(parking.entry)).into_owned(),
            view: parking.view.map(str::to_owned),
            reason: parking.reason.clone(),
            event: facts(parking.entry).and_then(|facts| serde_json::from_str(&facts).ok()),
            attempts: parking.attempts,
            parked_at: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The name of its place: `posts/0/123`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}/{}/{}", self.context, self.partition, self.offset)
    }
}
