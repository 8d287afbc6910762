//! How large a batch is, and for how long it is waited for.

use std::time::Duration;

use parking_lot::Mutex;

use crate::codec::Wire;

/// A batch is not larger than this, far below what the client library keeps: were its queue full, the append would
/// count as failed, and what waits would come again in the next term, as much as before.
pub(super) const BATCH_BYTES: usize = 16 << 20;
const BATCH_RECORDS: usize = 50_000;
/// A batch that has not landed after so long may never land, whatever the client library says: it was seen to wait for
/// good after the broker had come back (crash lab, seed 5002), and it waits for the answers of a connection that a
/// firewall has forgotten. Another producer begins a new term then, which says what became of the batch, and has twice
/// the time: where the broker is slow and not gone, one of them succeeds.
pub(super) const LANDS_WITHIN: Duration = Duration::from_secs(4);
/// No batch has longer than this.
pub(super) const LANDS_WITHIN_AT_MOST: Duration = Duration::from_secs(32);

/// For how long a batch is waited for: twice as long as the one before that did not land.
pub(super) struct Patience(Mutex<Duration>);

impl Default for Patience {
    fn default() -> Self {
        Self(Mutex::new(LANDS_WITHIN))
    }
}

impl Patience {
    pub(super) fn now(&self) -> Duration {
        *self.0.lock()
    }

    pub(super) fn landed(&self) {
        *self.0.lock() = LANDS_WITHIN;
    }

    pub(super) fn waited_in_vain(&self) {
        let mut patience = self.0.lock();
        *patience = (*patience * 2).min(LANDS_WITHIN_AT_MOST);
    }
}

/// How many of these records make a batch.
pub(super) fn fitting(gathered: &[(i32, Wire)]) -> usize {
    let mut bytes = 0;
    let fits = gathered.iter().take_while(|(_, wire)| {
        bytes += wire.bytes();
        bytes <= BATCH_BYTES
    });
    fits.count().clamp(1, BATCH_RECORDS)
}
