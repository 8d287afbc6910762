//! Counts reads beside the answers: who reads waits for nothing, and a Postgres that is away harms no answer.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use service_kit::Shutdown;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::store;
use super::visitor::{Visitor, is_a_reader};
use crate::database::Database;

/// Between two times that what was gathered is written.
const PAUSE: Duration = Duration::from_secs(2);
/// Readers who wait to be counted, at most: some megabytes. Beyond that they are not counted, which a metric says.
const WAITING: usize = 50_000;
/// So many are written by one transaction.
const AT_ONCE: usize = 5_000;
/// For so long after its end a day is still counted: for what was gathered before, and clocks that differ.
const AFTERWARDS: time::Duration = time::Duration::minutes(15);

/// What is to be counted.
#[derive(Default)]
pub(crate) struct Counter {
    waiting: Mutex<HashMap<(Date, Visitor), Uuid>>,
}

impl Counter {
    /// Counts a reader of a post that everyone may read, if the request is of one.
    pub(crate) fn read(&self, request: &HttpRequest, post_id: Uuid) {
        self.read_on(OffsetDateTime::now_utc().date(), request, post_id);
    }

    fn read_on(&self, day: Date, request: &HttpRequest, post_id: Uuid) {
        let reader = (day, Visitor::of(request, post_id));
        // Whether it is a person takes longer to say, and who is here was one.
        if self.waiting().contains_key(&reader) {
            return;
        }
        let outcome = match is_a_reader(request) {
            false => "no_person",
            true if self.add(reader, post_id) => "taken",
            true => "lost",
        };
        measures::queries::READS.with([outcome]).increment(1);
    }

    /// Whether there was room.
    fn add(&self, reader: (Date, Visitor), post_id: Uuid) -> bool {
        let mut waiting = self.waiting();
        let has_room = waiting.len() < WAITING;
        if has_room {
            waiting.insert(reader, post_id);
        }
        has_room
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
            let today = OffsetDateTime::now_utc();
            if self.write(database, today.date()).await {
                // A day that was over has got a key anew.
                forgotten = None;
            }
            let before = (today - AFTERWARDS).date();
            if forgotten != Some(before) && store::forget(database, before).await.unwrap_or(false) {
                forgotten = Some(before);
            }
        }
    }

    /// Writes what was gathered so far, and keeps what cannot be written, as far as there is room. Whether some was of
    /// a day that is over.
    async fn write(&self, database: &Database, today: Date) -> bool {
        let mut days: HashMap<Date, Vec<(Visitor, Uuid)>> = HashMap::new();
        for ((day, visitor), post_id) in std::mem::take(&mut *self.waiting()) {
            days.entry(day).or_default().push((visitor, post_id));
        }
        let mut away = false;
        for (day, reads) in &days {
            for some in reads.chunks(AT_ONCE) {
                // Where one was in vain, so would be the next, each after its deadline.
                away = away || store::count(database, *day, some).await.is_err();
                if away {
                    self.put_back(*day, some);
                }
            }
        }
        days.keys().any(|day| *day < today)
    }

    /// Writes what was gathered last.
    pub(crate) async fn finish(&self, database: &Database) {
        self.write(database, OffsetDateTime::now_utc().date()).await;
    }

    fn put_back(&self, day: Date, reads: &[(Visitor, Uuid)]) {
        let lost = reads.iter().filter(|(visitor, post_id)| !self.add((day, *visitor), *post_id)).count();
        measures::queries::READS.with(["lost"]).increment(lost as u64);
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<(Date, Visitor), Uuid>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
