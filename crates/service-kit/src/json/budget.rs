use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::Problem;
use crate::network::Network;

/// What the bodies of all requests under way may hold together, and those from one network: register one for all
/// workers as `app_data`. Without it a few thousand callers that wait for a busy partition, each with a long text,
/// would be gigabytes. Bytes are charged as they arrive: what a caller only announces costs no other caller anything.
#[derive(Clone, Debug)]
pub struct BodyBudget {
    most: usize,
    most_from_one: usize,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    bytes: usize,
    /// Only networks that hold anything: no more entries than there are requests.
    by_network: HashMap<Network, usize>,
}

impl BodyBudget {
    /// A budget of `most` bytes, of which the requests from one network may hold `most_from_one`, and never more than
    /// half of what the others leave.
    #[must_use]
    pub fn new(most: usize, most_from_one: usize) -> Self {
        Self { most, most_from_one, held: Arc::default() }
    }

    /// The share of a body from this network, of which nothing has arrived.
    pub(super) fn share(&self, network: Network) -> Share {
        Share { budget: self.clone(), network, bytes: Cell::new(0) }
    }

    fn charge(&self, network: &Network, bytes: usize) -> Result<(), &'static str> {
        let mut held = self.held.lock();
        let before = held.by_network.get(network).copied().unwrap_or(0);
        let theirs = before + bytes;
        if theirs > self.most_from_one {
            return Err("network");
        }
        // Half of what the others leave: however many networks hold what they can, another finds something left.
        if theirs > (self.most - (held.bytes - before)) / 2 {
            return Err("all");
        }
        held.bytes += bytes;
        held.by_network.insert(network.clone(), theirs);
        show(held.bytes);
        Ok(())
    }

    fn give_back(&self, network: &Network, bytes: usize) {
        let mut held = self.held.lock();
        held.bytes -= bytes;
        let theirs = held.by_network.get(network).copied().unwrap_or(0) - bytes;
        if theirs == 0 {
            held.by_network.remove(network);
        } else {
            held.by_network.insert(network.clone(), theirs);
        }
        show(held.bytes);
    }
}

#[allow(clippy::cast_precision_loss, reason = "far fewer bytes than a float counts exactly")]
fn show(bytes: usize) {
    measures::http::BODY_BYTES.set(bytes as f64);
}

/// What a body holds of the budget, until it is dropped with its request.
pub(super) struct Share {
    budget: BodyBudget,
    network: Network,
    bytes: Cell<usize>,
}

impl Share {
    /// Takes what has arrived.
    ///
    /// # Errors
    /// 503: too much is under way.
    pub(super) fn grow(&self, bytes: usize) -> Result<(), Problem> {
        if let Err(whose) = self.budget.charge(&self.network, bytes) {
            measures::http::BODIES_REFUSED.with([whose]).increment(1);
            return Err(Problem::overloaded(1));
        }
        self.bytes.set(self.bytes.get() + bytes);
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.give_back(&self.network, self.bytes.get());
    }
}
