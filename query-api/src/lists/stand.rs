use std::collections::HashMap;

use serde::Deserialize;
use uuid::Uuid;

use crate::progress::Known;

/// How far a set of lists was written, and how large its keys were left.
#[derive(Debug)]
pub(super) struct Stand {
    pub(super) positions: HashMap<String, String>,
    pub(super) sizes: HashMap<String, String>,
    pub(super) parked: u64,
}

/// What the projector keeps per partition; the rest of it does not matter here.
#[derive(Deserialize)]
struct Position {
    log_id: Option<Uuid>,
    next_offset: i64,
}

impl Stand {
    /// Whether all of it is as the writer of these very positions left it, and nothing waits to be folded. `found` are
    /// keys, as the sizes name them, and how large they are.
    pub(super) fn is_whole(&self, found: &[(&str, u64)]) -> bool {
        let noted = |name: &str| self.sizes.get(name).and_then(|size| size.parse::<u64>().ok());
        let read: Option<i64> = self.positions.values().map(|json| parse(json).map(|at| at.next_offset)).sum();
        noted("at") == read.map(i64::unsigned_abs)
            && found.iter().all(|(name, size)| noted(name) == Some(*size))
            && noted("parked") == Some(0)
            && self.parked == 0
    }

    /// Whether it is as far as `known` in these contexts.
    pub(super) fn has_reached(&self, known: &Known, contexts: &[&str]) -> bool {
        contexts.iter().all(|context| known.reached_by(context, |partition| self.position(context, partition)))
    }

    fn position(&self, context: &str, partition: i32) -> Option<(Option<Uuid>, i64)> {
        let position = parse(self.positions.get(&format!("{context}/{partition}"))?)?;
        Some((position.log_id, position.next_offset))
    }
}

fn parse(position: &str) -> Option<Position> {
    serde_json::from_str(position).ok()
}
