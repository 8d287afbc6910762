//! Judges what was recorded of a run: the log, the clients' calls, what readers saw, the read models. It shares no
//! code with what it judges: it is written from the documents (`docs/topics.md`, ARCHITECTURE.md) alone.

pub mod history;
pub mod ids;

pub use history::History;
