use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};

/// So many are told apart, in about 16 bytes each. With more, every key may be known, and costs a look into the table.
const MOST: usize = 1 << 20;

/// The keys that a table may have rows of, by their hashes.
#[derive(Debug, Default)]
pub(super) struct Known {
    hashes: HashSet<u64>,
    hasher: RandomState,
    any: bool,
}

impl Known {
    /// Whether there may be a row of this key. `false` is certain.
    pub(super) fn may_be<K: Hash>(&self, key: &K) -> bool {
        self.any || self.hashes.contains(&self.hasher.hash_one(key))
    }

    /// There may be one now.
    pub(super) fn add<K: Hash>(&mut self, key: &K) {
        if self.hashes.len() == MOST {
            self.add_any();
        }
        if !self.any {
            self.hashes.insert(self.hasher.hash_one(key));
        }
    }

    /// There may be one of any key now.
    pub(super) fn add_any(&mut self) {
        *self = Self { any: true, ..Self::default() };
    }
}

#[cfg(test)]
mod tests;
