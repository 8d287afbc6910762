//! The projectors in Redis, with their positions there too: `lists`, what is listed, newest first and by tag; and
//! `feeds`, what is new of those whom a reader follows. They need no Postgres, and when Redis was emptied they fill it
//! again from the log by themselves.

mod change;
mod commit;
mod feed_bounds;
mod feed_change;
mod keys;
mod set;
mod store;

pub use feed_bounds::FeedBounds;
pub use keys::Keys;
pub use set::{Followed, Listed, Set};
pub use store::RedisStore;

use std::collections::BTreeSet;

use crate::content::positions::announcements;
use crate::log::Positions;
use crate::parked::ParkedEntry;
use crate::projector::{Committed, Failed, Projector};
use crate::work::{Held, Located, Work, aggregate};
use commit::Commit;

/// The contexts that the lists are made of.
pub const CONTEXTS: &[&str] = Listed::CONTEXTS;
/// The projector's name.
pub const LIVE: &str = Listed::LIVE;

/// The projector of the lists that everyone is shown.
pub type Lists = InRedis<Listed>;
/// The projector of feeds.
pub type Feeds = InRedis<Followed>;

/// A projector in Redis.
#[derive(Debug)]
pub struct InRedis<S> {
    set: S,
    store: RedisStore,
    keys: Keys,
    announces: bool,
    /// From which rank on the tags' lists are looked at next.
    next_look: u64,
    /// Whether it was looked into if Redis may evict them.
    asked_of_eviction: bool,
}

impl Lists {
    /// The live one: below `<prefix>:lists:`.
    #[must_use]
    pub fn live(store: RedisStore, prefix: &str) -> Self {
        Self::live_of(Listed, store, prefix)
    }
}

impl<S: Set> InRedis<S> {
    /// The live one of a set.
    #[must_use]
    pub fn live_of(set: S, store: RedisStore, prefix: &str) -> Self {
        Self { set, store, keys: S::live(prefix), announces: true, next_look: 0, asked_of_eviction: false }
    }

    /// One that fills keys beside the live ones.
    #[must_use]
    pub fn beside(set: S, store: RedisStore, keys: Keys) -> Self {
        Self { set, store, keys, announces: false, next_look: 0, asked_of_eviction: false }
    }

    /// Warns of a Redis that may evict the lists: they are filled again then, but memory that is short stays short.
    async fn warn_of_eviction(&mut self) {
        if std::mem::replace(&mut self.asked_of_eviction, true) {
            return;
        }
        match self.store.evicts_by().await {
            Ok(Some(policy)) => tracing::warn!(
                policy,
                "Redis evicts keys when its memory is full; the lists need maxmemory-policy noeviction"
            ),
            Ok(None) => {}
            Err(error) => tracing::info!(%error, "whether Redis evicts keys is not known"),
        }
    }

    /// Its keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Its connection.
    pub fn store(&mut self) -> &mut RedisStore {
        &mut self.store
    }

    /// The aggregates of a work that have parked events.
    async fn parked_of<'a>(&mut self, work: &'a Work) -> Result<Vec<&'a [u8]>, Failed> {
        let keys: BTreeSet<&[u8]> = work.runs().flat_map(|run| run.entries.iter().map(aggregate)).collect();
        let keys: Vec<&[u8]> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(keys);
        }
        self.store.parked_keys(&self.keys, &keys).await
    }

    async fn is_next(&mut self, work: &Work) -> Result<bool, Failed> {
        let at = self.store.positions(&self.keys).await?;
        let next = |partition| at.get(partition).map_or(0, |at| at.next_offset);
        Ok(work.runs().all(|run| next(&run.partition) == run.from.next_offset))
    }

    /// Applies one event that was parked, and takes it off the list, at once. `false`: it was not there any more.
    ///
    /// # Errors
    /// It still cannot be handled, or Redis is not available.
    pub async fn replay(&mut self, event: Located<'_>, parked: &ParkedEntry) -> Result<bool, Failed> {
        let generation = self.store.generation(&self.keys).await?;
        let (written, poison) = self.set.fold(&mut self.store, &self.keys, &[event]).await?;
        if !poison.is_empty() {
            // What another instance has applied meanwhile is no successor any more.
            let still = self.store.is_parked(&self.keys, parked).await?;
            return if still { Err(Failed::Poisoned(poison)) } else { Ok(false) };
        }
        for before in Commit::before_replayed(&generation, &written, parked) {
            if !self.store.commit(&self.keys, &before).await? {
                return Ok(false);
            }
        }
        self.store.commit(&self.keys, &Commit::replayed((&self.keys, &generation), &written, parked)).await
    }
}

impl<S: Set> Projector for InRedis<S> {
    fn name(&self) -> &str {
        S::LIVE
    }

    async fn resume(&mut self) -> Result<Positions, Failed> {
        if self.store.begin_anew_unless_whole(&self.keys).await? {
            tracing::warn!(
                projector = S::LIVE,
                "the lists in Redis are not whole (a key was evicted or deleted, or they are of an older version): \
                 they are filled from the log again"
            );
        }
        self.warn_of_eviction().await;
        self.store.positions(&self.keys).await
    }

    /// Of lists that are not whole: nowhere. So they are begun anew.
    async fn positions(&mut self) -> Result<Positions, Failed> {
        match self.store.look(&self.keys, self.next_look).await? {
            Some(next) => self.next_look = next,
            None => return Ok(Positions::new()),
        }
        self.store.positions(&self.keys).await
    }

    async fn commit(&mut self, work: &Work) -> Result<Committed, Failed> {
        let generation = self.store.generation(&self.keys).await?;
        let waiting = self.parked_of(work).await?;
        let sorted = work.sort(held(S::CONTEXTS, &waiting));
        let (written, found) = self.set.fold(&mut self.store, &self.keys, &sorted.apply).await?;
        let mut poison = sorted.poison;
        poison.extend(found);
        if !poison.is_empty() {
            // The script would notice that another instance has gone on, but it is not asked about what is not written.
            return Err(if self.is_next(work).await? { Failed::Poisoned(poison) } else { Failed::Moved });
        }
        for before in Commit::before(&generation, work, &written) {
            if !self.store.commit(&self.keys, &before).await? {
                return Err(Failed::Moved);
            }
        }
        let parked: Vec<ParkedEntry> = sorted.park.iter().map(ParkedEntry::of).collect();
        let announcements = if self.announces { announcements(S::LIVE, work) } else { Vec::new() };
        let commit = Commit::of((&self.keys, &generation), work, &written, (&parked, &waiting), &announcements);
        if self.store.commit(&self.keys, &commit).await? {
            Ok(Committed { applied: sorted.apply.len(), parked: parked.len() })
        } else {
            Err(Failed::Moved)
        }
    }
}

/// Whatever of an aggregate is parked was read before what is read now: everything now has to wait.
fn held(contexts: &[&str], keys: &[&[u8]]) -> Held {
    let mut held = Held::default();
    for key in keys {
        contexts.iter().for_each(|context| held.hold(context, key, i64::MIN));
    }
    held
}
