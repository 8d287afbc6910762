//! How far the read models have come, and waiting until they have come far enough. Every query is answered from what
//! the projector `content` wrote, or from Redis where that is no older; so there is one set of positions to know.

mod announcement;
mod known;
mod listening;
mod parked;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use service_kit::problem::Kind;
use service_kit::{PositionToken, Problem};
use tokio::sync::watch;

use crate::database::Database;
use crate::freshness::{Demand, Freshness};
pub(crate) use known::{Known, Verdict};
pub(crate) use parked::Parked;

/// The positions of the projector, as announced.
pub(crate) struct Progress {
    database: Database,
    patience: Duration,
    known: watch::Sender<Known>,
    parked: watch::Sender<Arc<Parked>>,
    /// Whether announcements arrive.
    hearing: AtomicBool,
}

impl Progress {
    /// Knows nothing until [`Progress::follow`] runs.
    pub(crate) fn new(database: Database, patience: Duration) -> Self {
        let (known, parked) = (watch::Sender::new(Known::default()), watch::Sender::new(Arc::default()));
        Self { database, patience, known, parked, hearing: AtomicBool::new(false) }
    }

    /// What is parked. To be asked after waiting and before anything is looked up: what is replayed meanwhile may not
    /// be in what was looked up.
    ///
    /// # Errors
    /// 503 if announcements do not arrive, and Postgres does not say it either.
    pub(crate) async fn parked(&self) -> Result<Arc<Parked>, Problem> {
        if self.hearing.load(Ordering::Acquire) {
            return Ok(Arc::clone(&self.parked.borrow()));
        }
        self.database.run(Parked::read(self.database.pool())).await.map(Arc::new)
    }

    /// Waits, up to the bound and no longer than the reader, until the read models are as fresh as demanded.
    ///
    /// # Errors
    /// `foreign-position`; `behind`, where the demand does not do with less.
    pub(crate) async fn wait(&self, demand: &Demand) -> Result<Freshness, Problem> {
        let Some(token) = &demand.position else { return Ok(Freshness::Fresh) };
        let (began, patience) = (Instant::now(), demand.waits.map_or(self.patience, |waits| waits.min(self.patience)));
        let verdict = self.verdict(token, patience).await?;
        let outcome = match verdict {
            Verdict::Passed => Ok(Freshness::Fresh),
            Verdict::Foreign => Err(foreign(token)),
            Verdict::NotYet if demand.stale_ok => Ok(Freshness::Stale),
            Verdict::NotYet => Err(behind(patience)),
        };
        measures::queries::WAIT.with([verdict.name()]).record(began.elapsed());
        outcome
    }

    async fn verdict(&self, token: &PositionToken, patience: Duration) -> Result<Verdict, Problem> {
        let may_lack = self.known.borrow().may_lack(token);
        if may_lack {
            let read = self.database.run(Known::read(self.database.pool())).await?;
            self.known.send_modify(|known| known.complete(read));
        }
        let verdict = tokio::time::timeout(patience, self.settled(token)).await.unwrap_or(Verdict::NotYet);
        if verdict == Verdict::Passed || self.hearing.load(Ordering::Acquire) {
            return Ok(verdict);
        }
        // No announcement would have told us: what we know is checked against the table itself, once.
        self.reread().await?;
        Ok(self.known.borrow().judge(token))
    }

    /// Ends when the token is passed, or is seen to be of another log while announcements arrive.
    async fn settled(&self, token: &PositionToken) -> Verdict {
        let mut changes = self.known.subscribe();
        loop {
            let verdict = changes.borrow_and_update().judge(token);
            if verdict != Verdict::NotYet {
                return verdict;
            }
            if changes.changed().await.is_err() {
                return Verdict::NotYet;
            }
        }
    }

    async fn reread(&self) -> Result<(), Problem> {
        let known = self.database.run(Known::read(self.database.pool())).await?;
        self.known.send_replace(known);
        Ok(())
    }
}

fn foreign(token: &PositionToken) -> Problem {
    let detail = "the position is of another log than what is read here: none, one that was replaced since, or one \
                  that this is still to be rebuilt from. Where a log was copied to have more partitions, what was \
                  written is there, now or soon; where it was begun anew, it may not exist any more: read again \
                  without the position";
    Problem::new(&Kind::FOREIGN_POSITION, detail).with("log_id", token.log_id.to_string())
}

fn behind(patience: Duration) -> Problem {
    let detail = format!("the read model did not come as far as the position within {} ms", patience.as_millis());
    Problem::new(&Kind::BEHIND, detail).retry_after(1)
}

#[cfg(test)]
mod tests;
