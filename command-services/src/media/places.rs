//! How many pictures and files are received at once. A body may come slowly, so one account has half of the places at
//! most: others go on bringing theirs.

use std::collections::HashMap;

use parking_lot::Mutex;
use service_kit::Problem;
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

/// So many are received at once by a process; each holds two files, as it came and as it is kept, and 6 MiB at most.
const AT_ONCE: usize = 8;
/// So many of one account.
const OF_AN_ACCOUNT: usize = AT_ONCE / 2;

/// The places of a process.
#[derive(Debug)]
pub(super) struct Places {
    free: Semaphore,
    taken: Mutex<HashMap<Uuid, usize>>,
}

/// One of them, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    places: &'a Places,
    account_id: Uuid,
    _permit: SemaphorePermit<'a>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self { free: Semaphore::new(AT_ONCE), taken: Mutex::default() }
    }

    /// A place for what an account brings.
    ///
    /// # Errors
    /// 503: all are taken, or half of them by this account.
    pub(super) fn take(&self, account_id: Uuid) -> Result<Place<'_>, Problem> {
        let permit = self.free.try_acquire().map_err(|_| Problem::overloaded(2))?;
        let mut taken = self.taken.lock();
        let of_account = taken.entry(account_id).or_default();
        if *of_account == OF_AN_ACCOUNT {
            return Err(Problem::overloaded(2));
        }
        *of_account += 1;
        Ok(Place { places: self, account_id, _permit: permit })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock();
        if let Some(of_account) = taken.get_mut(&self.account_id) {
            *of_account -= 1;
            if *of_account == 0 {
                taken.remove(&self.account_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_leaves_half_of_the_places_to_others() {
        let (places, ada, bob) = (Places::new(), Uuid::from_u128(1), Uuid::from_u128(2));
        let mut of_ada: Vec<_> = (0..OF_AN_ACCOUNT).map(|_| places.take(ada).unwrap()).collect();
        assert!(places.take(ada).is_err());
        let of_bob: Vec<_> = (0..OF_AN_ACCOUNT).map(|_| places.take(bob).unwrap()).collect();
        assert!(places.take(Uuid::from_u128(3)).is_err(), "all are taken");
        of_ada.pop();
        assert!(places.take(ada).is_ok());
        drop((of_ada, of_bob));
        assert!(places.taken.lock().is_empty());
    }
}
