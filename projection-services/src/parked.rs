//! Parked events, of both stores: what there is, and trying them again.

mod entry;
mod postgres;
mod replay;
pub mod retry;

pub use entry::ParkedEntry;
pub use postgres::list as list_content;
pub use replay::{Replayed, Replayer, replay};

use serde::Serialize;

/// A parked event and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parked {
    /// What it is called on the command line: `content/posts/0/123`.
    pub id: String,
    /// The projector that could not handle it.
    pub projector: &'static str,
    /// The event.
    #[serde(flatten)]
    pub entry: ParkedEntry,
}

impl Parked {
    /// A projector's parked event.
    #[must_use]
    pub fn of(projector: &'static str, entry: ParkedEntry) -> Self {
        Self { id: format!("{projector}/{}", entry.place()), projector, entry }
    }

    /// For people: one line.
    #[must_use]
    pub fn line(&self) -> String {
        let name = self.entry.event.as_ref().and_then(|event| event.get("name")).and_then(|name| name.as_str());
        format!(
            "{}  {}  {}  {}: {}",
            self.id,
            self.entry.key,
            name.unwrap_or("(not decodable)"),
            self.entry.view.as_deref().unwrap_or("-"),
            self.entry.reason
        )
    }
}
