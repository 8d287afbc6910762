//! What a log says, whatever its partitions and stamps are: two logs with the same digest have the same events of the
//! same aggregates, each aggregate's in the same order.

use std::collections::HashMap;
use std::fmt::{Display, Formatter};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rdkafka::message::{Headers as _, Message};

use crate::codec::header;

/// Sixteen bytes for each aggregate: names and stories by their hashes, which are compared within one process.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Digest {
    events: u64,
    stories: HashMap<u64, u64>,
}

impl Digest {
    /// Adds the next event of an aggregate, in all that a copy leaves as it is. Not its time: where the broker stamps
    /// records, that is when the copy was appended. When it occurred is in its bytes.
    pub(super) fn add(&mut self, message: &impl Message) {
        let key = message.key().unwrap_or_default();
        let story = self.stories.entry(hashed(key)).or_default();
        let mut hasher = DefaultHasher::new();
        (*story, key, message.payload()).hash(&mut hasher);
        for header in message.headers().into_iter().flat_map(|headers| headers.iter()) {
            if ![header::TERM, header::SEQ].contains(&header.key) {
                (header.key, header.value).hash(&mut hasher);
            }
        }
        *story = hasher.finish();
        self.events += 1;
    }

    pub(super) fn events(&self) -> u64 {
        self.events
    }

    pub(super) fn aggregates(&self) -> usize {
        self.stories.len()
    }
}

fn hashed(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Display for Digest {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let sum = self.stories.iter().fold(0_u64, |sum, (key, story)| sum.wrapping_add(key ^ story));
        write!(f, "{} events of {} aggregates, {sum:016x}", self.events, self.stories.len())
    }
}

#[cfg(test)]
mod tests;
