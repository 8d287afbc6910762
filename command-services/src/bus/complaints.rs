//! What is said of peers that take no commands: not of each command, of which there may be thousands a second.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Between complaints about one peer.
const PAUSE: Duration = Duration::from_secs(60);

/// When each peer was last complained about, by its address.
#[derive(Default)]
pub(super) struct Complaints(Mutex<HashMap<String, Instant>>);

impl Complaints {
    /// Whether it is time to complain about the peer. The answer counts as the complaint.
    pub(super) fn is_due(&self, address: &str, now: Instant) -> bool {
        let mut last = self.0.lock();
        let due = last.get(address).is_none_or(|at| now.saturating_duration_since(*at) >= PAUSE);
        if due {
            last.insert(address.to_owned(), now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_peer_is_complained_about_once_a_minute() {
        let (complaints, now) = (Complaints::default(), Instant::now());
        assert!(complaints.is_due("a", now) && complaints.is_due("b", now));
        assert!(!complaints.is_due("a", now + PAUSE / 2));
        assert!(complaints.is_due("a", now + PAUSE) && !complaints.is_due("a", now + PAUSE));
    }
}
