use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::web::Bytes;
use domain::context::PayloadEncoder;
use domain::views::ViewEvent;
use event_log::now;
use event_log::subscription::PartitionId;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;
use uuid::Uuid;

use super::super::vault::held::Held;
use super::super::vault::working_copies::HeldCopy;

/// The format of exports; another number when something that was there is gone or means something else.
const FORMAT: u32 = 1;
/// Bytes of a piece, about.
const PIECE: usize = 32 * 1024;

/// Writes lines, and keeps count of them.
pub(super) struct Lines {
    sender: Sender<Bytes>,
    /// How long a client may take for a piece.
    patience: Duration,
    waiting: Vec<u8>,
    hash: Sha256,
    lines: u64,
    events: BTreeMap<&'static str, u64>,
}

impl Lines {
    pub(super) fn new(sender: Sender<Bytes>, patience: Duration) -> Self {
        Self { sender, patience, waiting: Vec::new(), hash: Sha256::new(), lines: 0, events: BTreeMap::new() }
    }

    /// What the vault holds.
    pub(super) async fn held(&mut self, held: &Held, email_verified: bool) -> anyhow::Result<()> {
        if let Some(person) = &held.person {
            let line = json!({"kind": "person", "email": person.email, "email_verified": email_verified,
                "noted_at_ms": person.created_at_ms, "password_changed_at_ms": person.password_changed_at_ms,
                "second_factor_since_ms": person.second_factor_since_ms,
                "networks_known_until_ms": person.networks_known_until_ms});
            self.line(&line).await?;
        }
        for session in &held.sessions {
            self.line(&json!({"kind": "session", "session": session})).await?;
        }
        for letter in &held.letters {
            self.line(&json!({"kind": "letter", "letter": letter})).await?;
        }
        Ok(())
    }

    /// A working copy.
    pub(super) async fn working_copy(&mut self, copy: &HeldCopy) -> anyhow::Result<()> {
        let HeldCopy { post_id, begun_at_ms, saved_at_ms, .. } = copy;
        let copy = json!({"post_id": post_id, "begun_at_ms": begun_at_ms, "saved_at_ms": saved_at_ms,
            "change": copy.change()});
        self.line(&json!({"kind": "working_copy", "working_copy": copy})).await
    }

    /// An event.
    pub(super) async fn event(&mut self, at: &PartitionId, offset: i64, event: &ViewEvent) -> anyhow::Result<()> {
        let event_type = event.event.name();
        *self.events.entry(event_type).or_default() += 1;
        let line = json!({
            "kind": "event",
            "context": at.context,
            "partition": at.partition,
            "offset": offset,
            "event_type": event_type,
            "aggregate_id": event.aggregate_id,
            "aggregate_version": event.version,
            "occurred_at_ms": event.occurred_at.0,
            "actor_id": event.actor_id,
            "fields": event.event.encode(ToJson)?,
        });
        self.line(&line).await
    }

    /// The last line: what all of it is.
    pub(super) async fn manifest(&mut self, account_id: Uuid, ends: &[(PartitionId, i64)]) -> anyhow::Result<()> {
        let read_to = |(id, end): &(PartitionId, i64)| -> Value {
            json!({"context": id.context, "partition": id.partition, "next_offset": end})
        };
        let sha256: String = self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let line = json!({
            "kind": "manifest",
            "format": FORMAT,
            "account_id": account_id,
            "exported_at_ms": now().0,
            "read_to": ends.iter().map(read_to).collect::<Vec<_>>(),
            "events": self.events,
            "lines": self.lines,
            "sha256": sha256,
        });
        self.line(&line).await?;
        self.send().await
    }

    async fn line(&mut self, line: &Value) -> anyhow::Result<()> {
        let before = self.waiting.len();
        serde_json::to_writer(&mut self.waiting, line)?;
        self.waiting.push(b'\n');
        self.hash.update(&self.waiting[before..]);
        self.lines += 1;
        if self.waiting.len() >= PIECE { self.send().await } else { Ok(()) }
    }

    async fn send(&mut self) -> anyhow::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.waiting));
        match timeout(self.patience, self.sender.send(piece)).await {
            Ok(sent) => sent.map_err(|_| anyhow::anyhow!("the client has gone")),
            Err(_) => Err(anyhow::anyhow!("the client takes nothing")),
        }
    }
}

/// An event's own fields.
struct ToJson;

impl PayloadEncoder for ToJson {
    type Output = serde_json::Result<Value>;

    fn encode<T: Serialize>(self, payload: &T) -> Self::Output {
        serde_json::to_value(payload)
    }
}

#[cfg(test)]
mod tests;
