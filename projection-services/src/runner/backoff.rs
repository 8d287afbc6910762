use std::time::Duration;

use service_kit::Shutdown;
use tokio::time::timeout;

/// Pauses that double from the shortest to the longest.
#[derive(Clone, Debug)]
pub struct Backoff {
    shortest: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// From the shortest to the longest.
    #[must_use]
    pub fn new((shortest, longest): (Duration, Duration)) -> Self {
        Self { shortest, longest, next: shortest }
    }

    /// How long to pause now.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause
    }

    /// All is well again.
    pub fn reset(&mut self) {
        self.next = self.shortest;
    }
}

/// Sleeps, but not past the time to stop.
pub(super) async fn pause(pause: Duration, stop: &Shutdown) {
    let _ = timeout(pause, stop.requested()).await;
}
