//! How an instance ends its part: it goes on leading until its successor leads.

use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use domain::Decider;

use super::EventLog;
use crate::partition::Partition;

/// How long a leader that closes goes on for others to take over. Kafka's client library lets a member of a group join
/// anew only a second after it last did; one that joined just now hears of its new partitions so late.
pub(crate) const HAND_OVER: Duration = Duration::from_secs(2);
/// How long a leader that no other succeeded may take to finish what is pending.
const RELEASE_PATIENCE: Duration = Duration::from_millis(500);
/// How often to look whether others lead.
const LOOK: Duration = Duration::from_millis(1);
/// How often to ask whether there is an instance to wait for.
const ASK: Duration = Duration::from_millis(50);

impl<C: Decider> EventLog<C> {
    /// Stops taking part: hands the partitions over and stops reading. Blocks meanwhile.
    pub fn close(&self) {
        if let Some(transport) = self.transport.get() {
            transport.close();
        }
    }

    /// The group gives the partitions to others. This instance goes on leading until another's term is read, also when
    /// it closes: the other may take a moment, and until then no instance but this one could answer.
    pub fn revoked(&self, partitions: &[i32]) {
        for partition in partitions {
            self.slot(*partition).assignment.lock().assigned = false;
        }
    }

    /// The last step of closing, when the group knows that this instance leaves: decides on until others' terms are
    /// read in all partitions, for at most `patience`, and no longer than it `has_successor`. What it still leads
    /// then, it drains: it takes nothing more and finishes what is pending. Blocks; what is read must
    /// be fed from elsewhere meanwhile.
    pub fn hand_over(&self, has_successor: impl Fn() -> bool, patience: Duration) {
        let all: Vec<i32> = (0..self.partitions()).collect();
        self.revoked(&all);
        let began = Instant::now();
        let until = began + patience;
        while self.leads_any() && Instant::now() < until && has_successor() {
            let ask_again = until.min(Instant::now() + ASK);
            while self.leads_any() && Instant::now() < ask_again {
                std::thread::sleep(LOOK);
            }
        }
        let (waited_ms, still_leading) = (began.elapsed().as_millis(), self.leads_any());
        tracing::info!(context = C::NAME, waited_ms, still_leading, "draining");
        self.drain(&all);
    }

    /// Whether commands are taken here for any partition.
    fn leads_any(&self) -> bool {
        self.slots.iter().any(|slot| slot.takes_commands.load(Ordering::Acquire))
    }

    fn drain(&self, partitions: &[i32]) {
        let until = Instant::now() + RELEASE_PATIENCE;
        let mut releases = Vec::new();
        for partition in partitions {
            let (sender, receiver) = sync_channel(1);
            self.slot(*partition).assignment.lock().released = Some(sender);
            self.on(*partition, Partition::drain);
            releases.push(receiver);
        }
        for release in releases {
            // Late is no harm: the next leader's term settles what is still pending.
            let _ = release.recv_timeout(until.saturating_duration_since(Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests;
