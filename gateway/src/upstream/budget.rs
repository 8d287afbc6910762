//! How many requests may be tried again: a share of all. When a service is down, trying again makes it no better.

use std::sync::atomic::{AtomicI64, Ordering};

/// What a retry costs; each request brings a tenth.
const RETRY: i64 = 10;
/// What can be saved up.
const MOST: i64 = 20 * RETRY;

/// A token bucket that requests fill and retries empty.
#[derive(Debug)]
pub(crate) struct Budget(AtomicI64);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicI64::new(MOST))
    }
}

impl Budget {
    /// A request that is tried for the first time.
    pub(crate) fn deposit(&self) {
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |saved| (saved < MOST).then_some(saved + 1));
    }

    /// Whether one may be tried again.
    pub(crate) fn withdraw(&self) -> bool {
        let take = |saved: i64| (saved >= RETRY).then_some(saved - RETRY);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_in_ten_is_tried_again() {
        let budget = Budget::default();
        assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 20, "what was saved up");
        let retried = (0..1_000).filter(|_| {
            budget.deposit();
            budget.withdraw()
        });
        assert_eq!(retried.count(), 100);
    }
}
