//! Every metric that a process of inklog exports. A metric is told once, in the file of its layer, with its labels,
//! its unit and what it means: `docs/metrics.md` and the descriptions in `/metrics` are made from that, and nothing
//! else can be counted, for `clippy.toml` bans the macros that invent names and labels where they are used.
//!
//! Labels keep to sets that do not grow with use: no ids, no names of people, nothing that a stranger can invent.
//!
//! Reading order: [`Measure`] is what the files of the layers declare; [`http`], [`commands`], [`log`], [`identity`],
//! [`projections`], [`queries`], [`media`] and [`gateway`] are these.

mod about;
pub mod commands;
mod declaring;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod log;
pub mod media;
pub mod projections;
pub mod queries;

pub use about::{About, Kind, Label};
pub use declaring::{Count, Level, Measure, Spread};
/// A value of a label.
pub use metrics::SharedString as Value;
/// Kept where something is counted all the time.
pub use metrics::{Counter, Gauge, Histogram};

/// What the metrics of a layer are called in the documents, and all of them.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// What they are about.
    pub title: &'static str,
    /// Which programs have them.
    pub programs: &'static [&'static str],
    /// All of them.
    pub all: &'static [&'static dyn Declared],
}

/// A metric, whatever kind it is of.
pub trait Declared: Sync {
    /// What is told of it.
    fn about(&self) -> &About;

    /// Tells the recorder of this process what it means. A counter whose labels have few known values is there from the
    /// start: one that first appears when something has gone wrong has not grown by Prometheus' reckoning.
    fn describe(&self);
}

impl std::fmt::Debug for dyn Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.about().name)
    }
}

/// All layers, in the order of the documents.
pub const LAYERS: [Layer; 8] = [
    http::LAYER,
    commands::LAYER,
    log::LAYER,
    identity::LAYER,
    projections::LAYER,
    queries::LAYER,
    media::LAYER,
    gateway::LAYER,
];

/// Describes the metrics of a program; to be called once, when its recorder is installed.
pub fn describe(program: &str) {
    LAYERS
        .iter()
        .filter(|layer| layer.programs.contains(&program))
        .flat_map(|layer| layer.all)
        .for_each(|declared| declared.describe());
}

/// The histograms of all layers with the upper bounds of their buckets.
pub fn buckets() -> impl Iterator<Item = (&'static str, &'static [f64])> {
    let all = LAYERS.iter().flat_map(|layer| layer.all);
    all.map(|declared| declared.about()).filter_map(|about| match about.kind {
        Kind::Histogram(buckets) => Some((about.name, buckets)),
        Kind::Counter | Kind::Gauge => None,
    })
}

#[cfg(test)]
mod tests;
