//! What was measured, for people and for machines.

use std::path::Path;

use serde::Serialize;

/// One figure, beside its reference and its goal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) ours: f64,
    pub(crate) reference: Option<f64>,
    pub(crate) reference_name: Option<String>,
    /// Ours by the reference's.
    pub(crate) ratio: Option<f64>,
    pub(crate) unit: &'static str,
    pub(crate) goal: Option<String>,
    pub(crate) met: Option<bool>,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, ours: f64, unit: &'static str) -> Self {
        let name = name.into();
        Self { name, ours, reference: None, reference_name: None, ratio: None, unit, goal: None, met: None }
    }

    pub(crate) fn beside(mut self, name: &str, reference: f64) -> Self {
        self.reference = Some(reference);
        self.reference_name = Some(name.to_owned());
        self.ratio = (reference > 0.0).then(|| self.ours / reference);
        self
    }

    /// The goal is to be at least so many times the reference.
    pub(crate) fn at_least_times(self, times: f64) -> Self {
        let met = self.ratio.is_some_and(|ratio| ratio >= times);
        self.goal(format!("≥ {times} × reference"), met)
    }

    /// The goal is to be at most so much.
    pub(crate) fn at_most(self, most: f64) -> Self {
        let (met, goal) = (self.ours <= most, format!("≤ {most} {}", self.unit));
        self.goal(goal, met)
    }

    /// The goal is to be at most a part of the reference.
    pub(crate) fn at_most_times(self, times: f64) -> Self {
        let met = self.ratio.is_some_and(|ratio| ratio <= times);
        self.goal(format!("≤ {times} × reference"), met)
    }

    /// The goal is to be at most so much above the reference.
    pub(crate) fn at_most_above(self, more: f64) -> Self {
        let met = self.reference.is_some_and(|reference| self.ours <= reference + more);
        let goal = format!("≤ reference + {more} {}", self.unit);
        self.goal(goal, met)
    }

    pub(crate) fn goal(mut self, goal: String, met: bool) -> Self {
        (self.goal, self.met) = (Some(goal), Some(met));
        self
    }
}

/// Writes the figures as one JSON list.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(figures: &[Figure], path: &Path) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, serde_json::to_string_pretty(figures)? + "\n")?)
}
