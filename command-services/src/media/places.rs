//! How many pictures and files are received at once. A body may come slowly, so half of the places are for accounts
//! that have none: however slow the bodies of a few, others go on bringing theirs, one at a time each.

use std::collections::HashMap;

use parking_lot::Mutex;
use service_kit::Problem;
use service_kit::problem::Kind;
use uuid::Uuid;

/// So many are received at once by a process; each holds two files, as it came and as it is kept, and 6 MiB at most.
const AT_ONCE: usize = 8;
/// So many of them are left to accounts that have none.
const FOR_OTHERS: usize = AT_ONCE / 2;
/// When a caller may try again, in seconds.
const RETRY_AFTER: u32 = 2;

/// The places of a process.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<Uuid, usize>>);

/// One of them, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    places: &'a Places,
    account_id: Uuid,
}

impl Places {
    /// A place for what an account brings.
    ///
    /// # Errors
    /// 429: the account has one, and the rest is for others; 503: all are taken.
    pub(super) fn take(&self, account_id: Uuid) -> Result<Place<'_>, Problem> {
        let mut taken = self.0.lock();
        let free = AT_ONCE.saturating_sub(taken.values().sum());
        let of_account = taken.get(&account_id).copied().unwrap_or(0);
        if of_account > 0 && free <= FOR_OTHERS {
            return Err(its_own_share(of_account));
        }
        if free == 0 {
            return Err(Problem::overloaded(RETRY_AFTER));
        }
        taken.insert(account_id, of_account + 1);
        Ok(Place { places: self, account_id })
    }
}

fn its_own_share(of_account: usize) -> Problem {
    let detail = format!(
        "of this account {of_account} are received here at the moment, and what room is left is for others; bring \
         further ones when those are done"
    );
    Problem::new(&Kind::QUOTA_EXCEEDED, detail)
        .with("violated-policies", vec!["uploads-at-once-per-account".to_owned()])
        .retry_after(RETRY_AFTER)
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock();
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

    fn refused(places: &Places, account: u128) -> String {
        places.take(Uuid::from_u128(account)).unwrap_err().details().kind.clone()
    }

    /// Two accounts held all places between them.
    #[test]
    fn a_few_accounts_leave_places_to_others() {
        let places = Places::default();
        let most_of = |account| std::iter::from_fn(|| places.take(Uuid::from_u128(account)).ok()).collect::<Vec<_>>();
        let mut of_ada = most_of(1);
        assert_eq!(of_ada.len(), AT_ONCE - FOR_OTHERS, "alone it has as many as may be");
        assert_eq!(refused(&places, 1), "urn:inklog:problem:quota-exceeded");
        let others: Vec<_> = (2..6).map(most_of).collect();
        assert!(others.iter().all(|places| places.len() == 1), "each has one");
        assert_eq!(refused(&places, 6), "urn:inklog:problem:overloaded");
        assert_eq!(refused(&places, 1), "urn:inklog:problem:quota-exceeded");
        of_ada.pop();
        assert_eq!(refused(&places, 1), "urn:inklog:problem:quota-exceeded", "it is for others");
        let of_frank = places.take(Uuid::from_u128(6)).unwrap();
        drop((of_ada, others, of_frank));
        assert!(places.0.lock().is_empty());
    }
}
