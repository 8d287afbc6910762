//! What a connection has under way, and whether its client takes it. Over HTTP/2 a client that takes nothing blocks no
//! writing: hyper waits for its window without a limit, and asks the body for nothing meanwhile. So whoever serves the
//! connection looks here, and ends it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// The exchanges of one connection. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Exchanges(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    next: u64,
    /// Those under way: since when each waits for the client to take a piece of the answer, if it does.
    under_way: BTreeMap<u64, Option<Instant>>,
    /// When the last one ended.
    idle_since: Instant,
}

/// A request, until its answer was handed over to the last piece, or given up.
#[derive(Debug)]
pub(crate) struct Exchange {
    all: Exchanges,
    number: u64,
}

/// Why a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing is asked for.
    Idle,
    /// A piece of an answer is not taken.
    Untaken,
}

impl Exchanges {
    /// Of a connection that begins now.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State { next: 0, under_way: BTreeMap::new(), idle_since: Instant::now() })))
    }

    /// A request that begins now.
    pub(crate) fn begin(&self) -> Exchange {
        let mut state = self.0.lock();
        state.next += 1;
        let number = state.next;
        state.under_way.insert(number, None);
        Exchange { all: self.clone(), number }
    }

    /// Waits until the connection is to end: it is idle for so long, or a piece is not taken for so long.
    pub(crate) async fn over(&self, idle: Duration, patience: Duration) -> End {
        loop {
            let now = Instant::now();
            let next = self.0.lock().next_end(idle, patience);
            match next {
                Some((at, end)) if at <= now => return end,
                // What begins meanwhile ends no earlier than that.
                next => {
                    let soon = now + idle.min(patience);
                    tokio::time::sleep_until(next.map_or(soon, |(at, _)| at.min(soon)).into()).await;
                }
            }
        }
    }
}

impl State {
    /// When the connection is to end, if nothing happens any more.
    fn next_end(&self, idle: Duration, patience: Duration) -> Option<(Instant, End)> {
        if self.under_way.is_empty() {
            return Some((self.idle_since + idle, End::Idle));
        }
        self.under_way.values().flatten().min().map(|since| (*since + patience, End::Untaken))
    }
}

impl Exchange {
    /// A piece was handed over: the client is to take it.
    pub(super) fn handed(&self) {
        self.all.0.lock().under_way.insert(self.number, Some(Instant::now()));
    }

    /// The next piece is asked for. Says how long the client took for the last one.
    pub(super) fn asked(&self) -> Duration {
        let since = self.all.0.lock().under_way.insert(self.number, None).flatten();
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let mut state = self.all.0.lock();
        state.under_way.remove(&self.number);
        state.idle_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_millis(200);
    const PATIENCE: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn a_connection_without_requests_ends_and_one_with_some_does_not() {
        let (began, all) = (Instant::now(), Exchanges::new());
        let exchange = all.begin();
        assert!(tokio::time::timeout(3 * IDLE, all.over(IDLE, PATIENCE)).await.is_err(), "the service is waited for");
        drop(exchange);
        assert_eq!(all.over(IDLE, PATIENCE).await, End::Idle);
        assert!(began.elapsed() >= 4 * IDLE);
    }

    #[tokio::test]
    async fn a_piece_that_is_not_taken_ends_it_whatever_else_is_taken() {
        let all = Exchanges::new();
        let (taken, untaken) = (all.begin(), all.begin());
        untaken.handed();
        let taking = async {
            loop {
                taken.handed();
                tokio::time::sleep(PATIENCE / 4).await;
                assert!(taken.asked() >= PATIENCE / 4);
            }
        };
        tokio::select! {
            end = all.over(IDLE, PATIENCE) => assert_eq!(end, End::Untaken),
            () = taking => {}
        }
    }
}
