//! Which replica is asked: the less busy of two that are drawn, of those that are ready and do well.

use std::sync::Arc;
use std::time::Instant;

use http::uri::Authority;
use parking_lot::RwLock;

use super::replica::{Readiness, Replica};

/// The replicas of an upstream, as they are known now.
#[derive(Debug, Default)]
pub(crate) struct Choice(RwLock<Arc<[Arc<Replica>]>>);

impl Choice {
    /// All of them.
    pub(crate) fn all(&self) -> Arc<[Arc<Replica>]> {
        Arc::clone(&self.0.read())
    }

    /// Takes these instead. Who stays keeps what is known of it; who goes finishes what it has.
    pub(crate) fn replace(&self, authorities: Vec<Authority>) {
        let known = self.all();
        let keep = |authority: Authority| {
            let known = known.iter().find(|replica| replica.authority == authority);
            known.map_or_else(|| Arc::new(Replica::new(authority)), Arc::clone)
        };
        *self.0.write() = authorities.into_iter().map(keep).collect();
    }

    /// The one to ask now, if possible none of those that were `tried`. Where none seems well, any is: a check that
    /// errs must not close the door.
    pub(crate) fn pick(&self, now: Instant, tried: &[Authority]) -> Option<Arc<Replica>> {
        let all = self.all();
        let fresh = |replica: &&Arc<Replica>| !tried.contains(&replica.authority);
        let well = |replica: &&Arc<Replica>| !replica.is_ejected(now);
        let ready = |replica: &&Arc<Replica>| replica.readiness() == Readiness::Ready;
        let possible = |replica: &&Arc<Replica>| replica.readiness() != Readiness::Unready;
        let candidates = [
            all.iter().filter(fresh).filter(well).filter(ready).collect::<Vec<_>>(),
            all.iter().filter(fresh).filter(well).filter(possible).collect(),
            all.iter().filter(fresh).collect(),
            all.iter().collect(),
        ];
        let candidates = candidates.iter().find(|candidates| !candidates.is_empty())?;
        let (one, other) = two(candidates);
        Some(Arc::clone(if one.load() <= other.load() { one } else { other }))
    }
}

/// Two different ones, where there are two.
fn two<'a>(candidates: &[&'a Arc<Replica>]) -> (&'a Arc<Replica>, &'a Arc<Replica>) {
    let one = rand::random_range(0..candidates.len());
    if candidates.len() == 1 {
        return (candidates[0], candidates[0]);
    }
    let other = (one + rand::random_range(1..candidates.len())) % candidates.len();
    (candidates[one], candidates[other])
}

#[cfg(test)]
mod tests;
