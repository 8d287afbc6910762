//! Which topic a context is in. At first that is `<prefix>.<context>.v1`; one that was repartitioned goes on in
//! another, with another number of partitions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Where the contexts are that were repartitioned. Clones share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout(Arc<BTreeMap<String, Place>>);

/// The topic of a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) topic: String,
    pub(super) partitions: i32,
}

/// A record of the topic `<prefix>.versions`, as JSON: from here on the context is in another topic. It counts only if
/// `from` is where the context is at this place in the topic: of two that repartition at once, the first counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Switched {
    pub(super) context: String,
    pub(super) from: String,
    pub(super) to: String,
    /// The partitions of `to`.
    pub(super) partitions: i32,
}

impl Layout {
    pub(super) fn place(&self, context: &str) -> Option<&Place> {
        self.0.get(context)
    }

    pub(super) fn partitions_in(&self, topic: &str) -> Option<i32> {
        self.0.values().find(|place| place.topic == topic).map(|place| place.partitions)
    }

    /// The same with this context in another topic.
    pub(super) fn with(&self, context: String, place: Place) -> Self {
        let mut places = BTreeMap::clone(&self.0);
        places.insert(context, place);
        Self(Arc::new(places))
    }
}
