//! What those who watch over the installation want to hear of at once: counted, and logged without anything personal.

use domain::security::Note;
use uuid::Uuid;

/// Says that it happened: to this account, and in this session where there is one.
pub fn report(note: Note, account_id: Option<Uuid>, session_id: Option<Uuid>) {
    let (event, account_id) = (note.name(), account_id.map(tracing::field::display));
    let session_id = session_id.map(tracing::field::display);
    measures::identity::SECURITY_EVENTS.with([event]).increment(1);
    if note.is_alarming() {
        tracing::warn!(target: "security", event, account_id, session_id, "security event");
    } else {
        tracing::info!(target: "security", event, account_id, session_id, "security event");
    }
}
