//! The audit: what happened to the security of accounts becomes events of the context `security`.
//!
//! What has its reason in a transaction of the vault is written down there and then, and is in the log once, whatever
//! crashes: the note's id is the command's. What has its reason in an event of `accounts` is written down right after
//! it, under an id that is made of that event's; should we die in between, the event itself is all that says it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::security::{Note, Security};
use domain::{Actor, Digest};
use event_log::record::CommandRef;
use event_log::{EventLog, Outcome, Request};
use futures::StreamExt as _;
use parking_lot::Mutex;
use service_kit::Problem;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use uuid::Uuid;

use super::Identity;
use super::vault::Vault;
use super::vault::notes::Waiting;

/// Between looks when there was nothing to send.
const PAUSE: Duration = Duration::from_millis(500);
/// Between looks when something is away.
const LONG_PAUSE: Duration = Duration::from_secs(5);
/// For one note.
const DEADLINE: Duration = Duration::from_secs(5);
/// Accounts whose notes are on their way at once.
const AT_ONCE: usize = 32;
/// Failed log-ins that are being written down at once; further ones are counted only.
const FAILURES_AT_ONCE: usize = 16;
/// Failed log-ins to accounts that are not there: so many are noted in a minute, by each process.
const UNKNOWN_A_MINUTE: u32 = 60;
const MINUTE: Duration = Duration::from_secs(60);

/// Sends notes for as long as the process lives.
pub async fn run(vault: Vault, log: Arc<EventLog<Security>>) {
    loop {
        match send(&vault, &log).await {
            Ok(0) => tokio::time::sleep(PAUSE).await,
            Ok(_) => {}
            // What failed has said so.
            Err(_) => tokio::time::sleep(LONG_PAUSE).await,
        }
    }
}

/// Sends what waits; how many notes are in the log by that.
async fn send(vault: &Vault, log: &EventLog<Security>) -> Result<usize, Problem> {
    let taken = vault.take_notes().await?;
    // Those of one account one after the other, as they happened.
    let mut accounts: HashMap<Uuid, Vec<Waiting>> = HashMap::new();
    let count = taken.len();
    taken.into_iter().for_each(|waiting| accounts.entry(waiting.account_id).or_default().push(waiting));
    let sending = futures::stream::iter(accounts.into_values()).map(|notes| send_of_one(log, notes));
    let sent: Vec<Uuid> = sending.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.concat();
    vault.notes_sent(&sent).await?;
    if sent.len() < count {
        tracing::info!(left = count - sent.len(), "notes about security were not taken; they will be sent again");
        return Err(Problem::moving(1));
    }
    Ok(sent.len())
}

/// The ids of those that are in the log by that.
async fn send_of_one(log: &EventLog<Security>, notes: Vec<Waiting>) -> Vec<Uuid> {
    let mut sent = Vec::with_capacity(notes.len());
    for waiting in notes {
        match send_one(log, &waiting).await {
            Some(id) => sent.push(id),
            None => break,
        }
    }
    sent
}

/// The note's id, if it is in the log.
async fn send_one(log: &EventLog<Security>, waiting: &Waiting) -> Option<Uuid> {
    let Some(note) = waiting.note() else {
        tracing::warn!(note_id = %waiting.note_id, "a note of a kind that this version does not know");
        return None;
    };
    let id = waiting.note_id;
    let digest = Digest::of_all([waiting.account_id.to_string(), format!("{note:?}")]).short();
    let command = CommandRef { id, digest, correlation_id: id, traceparent: None };
    let aggregate_id = waiting.account_id.to_string();
    let request = Request { aggregate_id, command, expected: None, actor: Actor::new(waiting.actor_id), body: note };
    match log.execute(request, Instant::now() + DEADLINE).await {
        Ok(Outcome::Accepted(_)) => Some(id),
        Ok(Outcome::Refused(_) | Outcome::Moved | Outcome::Overloaded) | Err(_) => None,
    }
}

/// Keeps failed log-ins from flooding the log.
#[derive(Clone, Debug)]
pub struct Failures {
    at_once: Arc<Semaphore>,
    /// When the minute began, and how many of unknown accounts were noted in it.
    unknown: Arc<Mutex<(Instant, u32)>>,
}

impl Default for Failures {
    fn default() -> Self {
        Self { at_once: Arc::new(Semaphore::new(FAILURES_AT_ONCE)), unknown: Arc::new(Mutex::new((Instant::now(), 0))) }
    }
}

impl Failures {
    /// Whether one more of an account that is not there is noted.
    fn takes_unknown(&self, now: Instant) -> bool {
        let mut unknown = self.unknown.lock();
        if now.duration_since(unknown.0) >= MINUTE {
            *unknown = (now, 0);
        }
        unknown.1 += 1;
        unknown.1 <= UNKNOWN_A_MINUTE
    }

    /// Has a failed log-in written down, to this account or to none that is there. No caller waits for it, so how long
    /// an answer takes does not tell which.
    pub(super) fn note(&self, vault: &Vault, account_id: Option<Uuid>) {
        if account_id.is_none() && !self.takes_unknown(Instant::now()) {
            return;
        }
        let Ok(permit) = Arc::clone(&self.at_once).try_acquire_owned() else { return };
        let (vault, account_id) = (vault.clone(), account_id.unwrap_or_default());
        tokio::spawn(async move {
            // The vault has said what is wrong with it.
            let _ = vault.note(Uuid::now_v7(), account_id, account_id, Note::LogInFailed).await;
            drop(permit);
        });
    }
}

impl Identity {
    /// Writes down what an event of `accounts` is the reason for: the account's `version`th.
    pub(crate) async fn noted(&self, account_id: Uuid, version: u64, actor_id: Uuid, note: Note) {
        let note_id = Uuid::new_v5(&account_id, format!("note/{version}").as_bytes());
        self.note_or_say(note_id, account_id, actor_id, note).await;
    }

    /// Writes down what has no other trace than this.
    pub(super) async fn noted_of(&self, account_id: Uuid, note: Note) {
        self.note_or_say(Uuid::now_v7(), account_id, account_id, note).await;
    }

    async fn note_or_say(&self, note_id: Uuid, account_id: Uuid, actor_id: Uuid, note: Note) {
        if let Err(problem) = self.vault.note(note_id, account_id, actor_id, note).await {
            tracing::warn!(%problem, %account_id, ?note, "this could not be noted");
        }
    }
}

#[cfg(test)]
mod tests;
