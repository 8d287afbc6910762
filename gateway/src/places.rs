//! Places of which one network has a share at most: whoever takes all of that leaves the rest to others.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use service_kit::network::Network;

/// So many places. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    all: usize,
    share: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<Network, usize>,
}

/// A place, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    network: Network,
}

impl Places {
    /// One network has at most `share` of them.
    pub(crate) fn new(all: usize, share: usize) -> Self {
        Self(Arc::new(Inner { all, share, taken: Mutex::default() }))
    }

    /// One for this network; `None` where all are taken, or all that it may have.
    pub(crate) fn take(&self, network: &Network) -> Option<Place> {
        let mut taken = self.0.taken.lock();
        let by_it = taken.by.get(network).copied().unwrap_or_default();
        if taken.all >= self.0.all || by_it >= self.0.share {
            return None;
        }
        taken.all += 1;
        taken.by.insert(network.clone(), by_it + 1);
        Some(Place { places: self.clone(), network: network.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.taken.lock();
        taken.all -= 1;
        let Some(by_it) = taken.by.get_mut(&self.network) else { return };
        *by_it -= 1;
        if *by_it == 0 {
            taken.by.remove(&self.network);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_has_its_share_and_others_the_rest() {
        let (places, [one, two, three]) = (Places::new(3, 2), ["a", "b", "c"].map(|name| Network(name.into())));
        let mut taken: Vec<Place> = (0..5).filter_map(|_| places.take(&one)).collect();
        assert_eq!(taken.len(), 2);
        taken.extend(places.take(&two));
        assert!(taken.len() == 3 && places.take(&three).is_none(), "all are taken");
        taken.remove(0);
        assert!(places.take(&one).is_some());
        drop(taken);
        assert!(places.0.taken.lock().by.is_empty(), "who has none is forgotten");
    }
}
