//! How many pictures and files are received at once. A body may come slowly, so half of the places are for accounts
//! that have none, and some for networks that have few; and while all are taken, a body must come faster than else to
//! keep its place. So however slow the bodies of a few, others go on bringing theirs.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use service_kit::Problem;
use service_kit::network::Network;
use service_kit::problem::Kind;
use uuid::Uuid;

/// So many are received at once by a process; each holds two files, as it came and as it is kept, and 6 MiB at most.
const AT_ONCE: usize = 8;
/// So many of them are left to accounts that have none.
const FOR_OTHERS: usize = AT_ONCE / 2;
/// So many of them one network has at most.
const OF_NETWORK: usize = AT_ONCE - 2;
/// When a caller may try again, in seconds.
const RETRY_AFTER: u32 = 2;

/// The least rate of a body, in bytes a second.
const LEAST: u32 = 16 * 1024;
/// The same while others find no place.
const LEAST_WHILE_WANTED: u32 = 64 * 1024;
/// For so long after one found none.
const WANTED: Duration = Duration::from_secs(10);

/// The places of a process.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    of_accounts: HashMap<Uuid, usize>,
    of_networks: HashMap<Network, usize>,
    /// When the last caller found none free.
    wanted_at: Option<Instant>,
}

/// One of them, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    places: &'a Places,
    account_id: Uuid,
    network: Network,
}

impl Places {
    /// A place for what an account brings.
    ///
    /// # Errors
    /// 429: the account, or the network, has some, and the rest is for others; 503: all are taken.
    pub(super) fn take(&self, account_id: Uuid, network: Network) -> Result<Place<'_>, Problem> {
        let mut taken = self.0.lock();
        let free = AT_ONCE.saturating_sub(taken.of_accounts.values().sum());
        let of_account = taken.of_accounts.get(&account_id).copied().unwrap_or(0);
        let of_network = taken.of_networks.get(&network).copied().unwrap_or(0);
        if of_account > 0 && free <= FOR_OTHERS {
            return Err(its_own_share("account", of_account));
        }
        if of_network >= OF_NETWORK {
            return Err(its_own_share("network", of_network));
        }
        if free == 0 {
            taken.wanted_at = Some(Instant::now());
            return Err(Problem::overloaded(RETRY_AFTER));
        }
        taken.of_accounts.insert(account_id, of_account + 1);
        taken.of_networks.insert(network.clone(), of_network + 1);
        Ok(Place { places: self, account_id, network })
    }
}

impl Place<'_> {
    /// How many bytes a second a body must bring to keep it.
    pub(super) fn least_rate(&self) -> u32 {
        let wanted_at = self.places.0.lock().wanted_at;
        if wanted_at.is_some_and(|at| at.elapsed() < WANTED) { LEAST_WHILE_WANTED } else { LEAST }
    }
}

fn its_own_share(whose: &str, taken: usize) -> Problem {
    let detail = format!(
        "of this {whose} {taken} are received here at the moment, and what room is left is for others; bring further \
         ones when those are done"
    );
    Problem::new(&Kind::QUOTA_EXCEEDED, detail)
        .with("violated-policies", vec![format!("uploads-at-once-per-{whose}")])
        .retry_after(RETRY_AFTER)
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock();
        one_less(&mut taken.of_accounts, &self.account_id);
        one_less(&mut taken.of_networks, &self.network);
    }
}

fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests;
