//! `GET /v1/me/export`: everything that is held about the caller, as JSON lines.
//!
//! First what the vault holds, then every event that is about them, up to where the log ended when they asked; so all
//! that was accepted before is in it. An index tells where they are, and what that has not reached is read through.
//! What is personal is opened, of themselves only. The last line is the **manifest**: what was read, how much of it,
//! and the SHA-256 of all bytes before it. A download without it was cut off, and the connection's end says so, too.
//!
//! It is written while it is read, so a long history takes no more memory than a short one. Exports read the log in
//! turns, a few at once: a client that takes its time keeps none of the others from reading, and one that takes nothing
//! for a while is cut off. How long all of it may take depends on how long the history is, so it is each step that has
//! a deadline; and where all places are taken, the export that has held one longest gives it up.

mod events;
mod index;
mod lines;
mod places;
mod selection;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Bytes;
use domain::security::Note;
use event_log::subscription::{PartitionId, SubscriptionConfig};
use futures::{Stream, StreamExt as _};
use sealing::DataKey;
use service_kit::auth::Verified;
use service_kit::{Access, Problem, Quota, Route, routes};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::report::report;
use super::vault::Vault;
use super::vault::held::Held;
use super::{Identity, Shared, unkept};
use crate::freshness::{TO_THE_END, stale};
use events::{Events, OPENING};
use index::Index;
use lines::Lines;
use places::{Places, RETRY_AFTER};
use selection::Selection;

/// Exports that read the log at once.
const AT_ONCE: usize = 2;
/// How long a client may take for a piece: one that takes less than 8 kB a second is cut off.
const PATIENCE: Duration = Duration::from_secs(4);
/// Pieces that wait for a client to read them.
const QUEUED: usize = 8;
/// Records of the log that are looked at at once.
const BATCH: usize = 1_000;

/// The media type of JSON lines.
pub const MEDIA_TYPE: &str = "application/x-ndjson";

/// How exports read the log, and which are under way.
#[derive(Clone, Debug)]
pub struct Exports {
    log: SubscriptionConfig,
    places: Places,
    turns: Arc<Semaphore>,
}

impl Exports {
    /// Exports from this log.
    #[must_use]
    pub fn new(log: SubscriptionConfig) -> Self {
        let log = SubscriptionConfig { max_batch: BATCH, ..log };
        Self { log, places: Places::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    async fn open(&self, index: Option<Index>, shown: &HashMap<PartitionId, i64>) -> Result<Events, Problem> {
        let reason = match timeout(OPENING, Events::open(&self.log, index, shown, &self.turns)).await {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(error)) => error.to_string(),
            Err(elapsed) => elapsed.to_string(),
        };
        tracing::warn!(reason, "the log cannot be read for an export");
        Err(Problem::unavailable("the log cannot be read at the moment", RETRY_AFTER))
    }
}

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account, Quota::Exports => export;
    }
}

/// Everything that is held about the caller, as JSON lines: what the vault holds but for secrets, every event about
/// them or by them and of their posts, and last a manifest. Without a manifest it was cut off.
#[utoipa::path(get, path = "/v1/me/export", tag = "accounts",
    responses((status = 200, content_type = "application/x-ndjson", body = String,
            description = "One JSON object a line; `kind` says what it is.")))]
pub async fn export(caller: Verified, identity: Shared) -> Result<HttpResponse, Problem> {
    let account_id = caller.actor.id;
    let account =
        identity.account(account_id)?.ok_or_else(|| Problem::not_found("the token's subject has no account"))?;
    let place = identity.exports.places.take(account_id)?;
    let (held, key) = identity.held(account_id).await?;
    let index = Index::of(&identity.vault, account_id).await?;
    let shown = identity.logs.shown_ends(TO_THE_END).await.map_err(stale)?;
    // What another types at a post that was handed over is not the former owner's.
    identity.settle_copies(account_id).await?;
    let events = identity.exports.open(index, &shown).await?;
    let ((sender, pieces), whole) = (mpsc::channel(QUEUED), Arc::new(AtomicBool::new(false)));
    let (selection, lines) = (Selection::of(account_id), Lines::new(sender, PATIENCE));
    let export = Export { vault: identity.vault.clone(), events, selection, key, lines };
    let written = Arc::clone(&whole);
    place.hold(async move {
        if let Err(error) = export.write(account_id, account.email_verified, held, &written).await {
            tracing::info!(reason = %error, "an export was cut off");
        }
    });
    report(Note::Exported, Some(account_id), caller.session);
    identity.noted_of(account_id, Note::Exported).await;
    let name = format!("attachment; filename=\"inklog-{account_id}.ndjson\"");
    let mut response = HttpResponse::Ok();
    let response = response.content_type(MEDIA_TYPE).insert_header((CONTENT_DISPOSITION, name));
    Ok(unkept(response.streaming(body(pieces, whole))))
}

/// What was written, and where it is not the whole, an error: the connection ends without the last chunk then.
fn body(pieces: mpsc::Receiver<Bytes>, whole: Arc<AtomicBool>) -> impl Stream<Item = Result<Bytes, CutOff>> {
    let end = async move { if whole.load(Ordering::Acquire) { None } else { Some(Err(CutOff)) } };
    ReceiverStream::new(pieces).map(Ok).chain(futures::stream::once(end).filter_map(std::future::ready))
}

/// An export under way.
struct Export {
    vault: Vault,
    events: Events,
    selection: Selection,
    key: Option<DataKey>,
    lines: Lines,
}

/// What was sent is not all.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the export was cut off")]
struct CutOff;

impl Export {
    async fn write(
        mut self,
        account_id: Uuid,
        email_verified: bool,
        held: Held,
        whole: &AtomicBool,
    ) -> anyhow::Result<()> {
        self.lines.held(&held, email_verified).await?;
        self.working_copies(account_id).await?;
        self.events().await?;
        let mut ends: Vec<(PartitionId, i64)> = self.events.ends.into_iter().collect();
        ends.sort_unstable();
        self.lines.manifest(account_id, &ends).await?;
        whole.store(true, Ordering::Release);
        Ok(())
    }

    /// Some at a time: there is one for each post that the account edits.
    async fn working_copies(&mut self, account_id: Uuid) -> anyhow::Result<()> {
        let mut after = Uuid::nil();
        loop {
            let copies = self.vault.working_copies_after(account_id, after).await?;
            let Some(last) = copies.last() else { return Ok(()) };
            after = last.post_id;
            for copy in &copies {
                self.lines.working_copy(copy).await?;
            }
        }
    }

    async fn events(&mut self) -> anyhow::Result<()> {
        while let Some((partition, entries)) = self.events.next().await? {
            for entry in entries {
                if let Ok(event) = entry.event
                    && self.selection.takes(&event)
                {
                    let event = self.selection.opened(Arc::unwrap_or_clone(event), self.key.as_ref());
                    self.lines.event(&partition, entry.offset, &event).await?;
                }
            }
        }
        Ok(())
    }
}

impl Identity {
    async fn held(&self, account_id: Uuid) -> Result<(Held, Option<DataKey>), Problem> {
        let key = self.vault.data_key(&self.key_ring, account_id).await?;
        Ok((self.vault.held(account_id).await?, key))
    }
}

#[cfg(test)]
mod tests;
