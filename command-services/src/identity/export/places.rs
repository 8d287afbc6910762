//! The places of exports under way. There are few, and each is held for as long as its client reads: who reads as
//! slowly as is allowed holds one for hours. Where all are taken, the one that has been held longest is therefore given
//! to who comes next, once it has been held for longer than the export of a usual reader takes.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use service_kit::Problem;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use uuid::Uuid;

/// Exports that are under way in one process. Each has a consumer, with 8 MiB of records at most.
const MOST: usize = 12;
/// For so long a place is its export's own.
const OWN: Duration = Duration::from_secs(60);
/// How long a client has to wait that comes at a bad time, in seconds.
pub(super) const RETRY_AFTER: u32 = 10;

/// The places, and who holds them.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Arc<Mutex<Vec<Held>>>);

/// A place that is held.
#[derive(Debug)]
struct Held {
    /// Tells it from those before it.
    id: Uuid,
    account_id: Uuid,
    since: Instant,
    /// How to cut the export off; nothing as long as it has not begun to write.
    writing: Option<AbortHandle>,
}

/// A place among the exports under way; given up when dropped.
pub(super) struct Place {
    id: Uuid,
    places: Places,
}

impl Places {
    /// Takes a place for the export of an account.
    ///
    /// # Errors
    /// There is none, or one of this account is under way.
    pub(super) fn take(&self, account_id: Uuid) -> Result<Place, Problem> {
        let mut held = self.0.lock();
        if held.iter().any(|held| held.account_id == account_id) {
            return Err(Problem::unavailable("an export of this account is under way", RETRY_AFTER));
        }
        if held.len() >= MOST {
            cut_longest(&mut held).ok_or_else(|| Problem::overloaded(RETRY_AFTER))?;
        }
        let id = Uuid::new_v4();
        held.push(Held { id, account_id, since: Instant::now(), writing: None });
        Ok(Place { id, places: self.clone() })
    }
}

/// Cuts the export off that has held its place longest; nothing if none has for long.
fn cut_longest(held: &mut Vec<Held>) -> Option<()> {
    // They are in the order in which they were taken.
    let longest = held.iter().position(|held| held.since.elapsed() >= OWN && held.writing.is_some())?;
    let Held { account_id, since, writing, .. } = held.remove(longest);
    writing?.abort();
    measures::identity::EXPORTS_CUT_OFF.increment();
    tracing::info!(%account_id, seconds = since.elapsed().as_secs(), "an export was cut off for another's");
    Some(())
}

impl Place {
    /// Has the export write in this place, which is given up when it is done, or cut off.
    pub(super) fn hold(self, writing: impl Future<Output = ()> + Send + 'static) {
        let (id, places) = (self.id, self.places.clone());
        let task = tokio::spawn(async move {
            writing.await;
            drop(self);
        });
        if let Some(held) = places.0.lock().iter_mut().find(|held| held.id == id) {
            held.writing = Some(task.abort_handle());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.0.lock().retain(|held| held.id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    /// An export whose client reads nothing: it ends only if it is cut off, which is told.
    fn begin(places: &Places) -> oneshot::Receiver<()> {
        let (alive, ended) = oneshot::channel();
        places.take(Uuid::new_v4()).unwrap().hold(async move {
            std::future::pending::<()>().await;
            drop(alive);
        });
        ended
    }

    fn as_if_held_for(places: &Places, number: usize, time: Duration) {
        let held = &mut places.0.lock()[number];
        held.since = held.since.checked_sub(time).expect("the machine has run for longer");
    }

    #[test]
    fn a_place_is_given_back() {
        let places = Places::default();
        let ids: Vec<Uuid> = (0..=MOST as u128).map(Uuid::from_u128).collect();
        let first = places.take(ids[0]).unwrap();
        assert!(places.take(ids[0]).is_err(), "one of an account");
        let others: Vec<Place> = ids[1..MOST].iter().map(|id| places.take(*id).unwrap()).collect();
        assert!(places.take(ids[MOST]).is_err(), "so many");
        drop(first);
        assert!(places.take(ids[0]).is_ok());
        drop(others);
    }

    #[tokio::test]
    async fn where_all_are_taken_the_longest_held_is_cut_off() {
        let places = Places::default();
        let mut exports: Vec<_> = (0..MOST).map(|_| begin(&places)).collect();
        assert!(places.take(Uuid::new_v4()).is_err(), "none has been held for long");
        as_if_held_for(&places, 3, OWN);
        let next = places.take(Uuid::new_v4()).unwrap();
        assert!(exports.remove(3).await.is_err(), "it is cut off");
        assert_eq!(places.0.lock().len(), MOST);
        assert!(exports.iter_mut().all(|export| export.try_recv() == Err(oneshot::error::TryRecvError::Empty)));
        assert!(places.take(Uuid::new_v4()).is_err(), "one place is given once");
        drop(next);
        assert!(places.take(Uuid::new_v4()).is_ok());
    }

    #[tokio::test]
    async fn an_export_that_has_yet_to_begin_is_not_cut_off_and_an_account_has_one() {
        let places = Places::default();
        let account_id = Uuid::new_v4();
        let opening = places.take(account_id).unwrap();
        assert!(places.take(account_id).is_err());
        let _others: Vec<_> = (1..MOST).map(|_| begin(&places)).collect();
        as_if_held_for(&places, 0, OWN);
        assert!(places.take(Uuid::new_v4()).is_err());
        drop(opening);
        assert!(places.take(account_id).is_ok());
    }
}
