//! Counts reads beside the answers: who reads waits for nothing, and a Postgres or Redis that is away harms no answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use service_kit::Shutdown;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::keys::{AFTERWARDS, Keys, over_at};
use super::store;
use super::visitor::{Visitor, is_a_reader};
use crate::database::Database;

/// Between two times that what was gathered is written.
const PAUSE: Duration = Duration::from_secs(2);
/// Readers who wait to be counted, at most: some megabytes. Beyond that they are not counted, which a metric says.
const WAITING: usize = 50_000;
/// So many are written by one transaction.
const AT_ONCE: usize = 5_000;
/// So often in a row visits are deleted, before what was gathered is written again.
const DELETIONS: usize = 20;

/// What is to be counted.
pub(crate) struct Counter {
    keys: Keys,
    waiting: Mutex<Waiting>,
}

/// Readers, and what they read.
type Waiting = HashMap<(Date, Visitor), Uuid>;

impl Counter {
    pub(crate) fn new(keys: Keys) -> Self {
        Self { keys, waiting: Mutex::default() }
    }

    /// Counts a reader of a post that everyone may read, if the request is of one.
    pub(crate) fn read(&self, request: &HttpRequest, post_id: Uuid) {
        self.read_on(OffsetDateTime::now_utc().date(), request, post_id);
    }

    fn read_on(&self, day: Date, request: &HttpRequest, post_id: Uuid) {
        let outcome = if !is_a_reader(request) {
            "no_person"
        } else if self.add((day, Visitor::of(request, post_id)), post_id) {
            "taken"
        } else {
            "lost"
        };
        measures::queries::READS.with([outcome]).increment(1);
    }

    /// Whether there was room, or it waits already.
    fn add(&self, reader: (Date, Visitor), post_id: Uuid) -> bool {
        let mut waiting = self.waiting();
        if waiting.len() >= WAITING {
            return waiting.contains_key(&reader);
        }
        waiting.insert(reader, post_id);
        true
    }

    /// Writes what was gathered, again and again, until the shutdown is requested. What is gathered after that is to be
    /// written when no request is answered any more.
    pub(crate) async fn keep_writing(&self, database: &Database, shutdown: &Shutdown) {
        let mut forgotten = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = shutdown.requested() => return,
            }
            let now = OffsetDateTime::now_utc();
            self.write(database, now).await;
            let before = (now - AFTERWARDS).date();
            if forgotten != Some(before) && forget(database, before).await {
                forgotten = Some(before);
            }
        }
    }

    /// Writes what was gathered last.
    pub(crate) async fn finish(&self, database: &Database) {
        self.write(database, OffsetDateTime::now_utc()).await;
    }

    /// Writes what was gathered so far, and keeps what cannot be written, as far as there is room. What is of a day
    /// that is over is lost: its key is gone, and by another one who was counted would be so twice.
    async fn write(&self, database: &Database, now: OffsetDateTime) {
        let gathered = std::mem::take(&mut *self.waiting());
        let mut days: HashMap<Date, Vec<(Visitor, Uuid)>> = HashMap::new();
        for ((day, visitor), post_id) in gathered {
            days.entry(day).or_default().push((visitor, post_id));
        }
        for (day, reads) in days {
            if over_at(day).is_none_or(|over| over <= now) {
                lose(reads.len());
            } else {
                self.write_day(database, (day, &reads), now).await;
            }
        }
    }

    async fn write_day(&self, database: &Database, (day, reads): (Date, &[(Visitor, Uuid)]), now: OffsetDateTime) {
        let mut key = self.keys.of(day, now).await;
        for some in reads.chunks(AT_ONCE) {
            let counted = match &key {
                Some(key) => store::count(database, day, key, some).await.is_ok(),
                None => false,
            };
            if !counted {
                // Where one was in vain, so would be the next, each after its deadline.
                key = None;
                self.put_back(day, some);
            }
        }
    }

    fn put_back(&self, day: Date, reads: &[(Visitor, Uuid)]) {
        lose(reads.iter().filter(|(visitor, post_id)| !self.add((day, *visitor), *post_id)).count());
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether all are forgotten who were counted before that day.
async fn forget(database: &Database, before: Date) -> bool {
    for _ in 0..DELETIONS {
        match store::forget(database, before).await {
            Ok(true) => {}
            Ok(false) => return true,
            Err(_) => return false,
        }
    }
    false
}

fn lose(reads: usize) {
    measures::queries::READS.with(["lost"]).increment(reads as u64);
}

#[cfg(test)]
mod tests;
