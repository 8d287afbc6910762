//! How long things took, as a distribution.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Steps that a distribution must not have: where they would be, in milliseconds, and how wide. 20 and 100 ms are what
/// retries, polls and delayed acknowledgements of the libraries underneath last.
const STEPS: [(f64, f64); 2] = [(20.0, 2.0), (100.0, 5.0)];

/// A distribution of durations, kept in microseconds with three digits.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u64>);

/// The same as text, between processes: microseconds and how often.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Recorded(Vec<(u64, u64)>);

impl Latencies {
    pub(crate) fn new() -> Self {
        Self(Histogram::new_with_bounds(1, 120_000_000, 3).expect("the bounds are in order"))
    }

    pub(crate) fn record(&mut self, took: Duration) {
        self.record_micros(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn record_micros(&mut self, micros: u64) {
        self.0.saturating_record(micros.max(1));
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// A percentile, in milliseconds.
    pub(crate) fn percentile(&self, percentile: f64) -> f64 {
        self.0.value_at_percentile(percentile) as f64 / 1e3
    }

    pub(crate) fn max(&self) -> f64 {
        self.0.max() as f64 / 1e3
    }

    /// The part of all that took at least `from` and less than `to` milliseconds.
    pub(crate) fn share(&self, from: f64, to: f64) -> f64 {
        let (from, to) = ((from * 1e3) as u64, (to * 1e3) as u64);
        self.0.count_between(from, to.saturating_sub(1).max(from)) as f64 / (self.count() as f64).max(1.0)
    }

    /// The worst step, in percent of all: by how much more took about 20 (or 100) ms than took a little less or more.
    pub(crate) fn steps(&self) -> f64 {
        let excess = |(at, width): (f64, f64)| {
            let here = self.share(at - width, at + width);
            let before = self.share(at - 3.0 * width, at - width);
            let after = self.share(at + width, at + 3.0 * width);
            here - before.max(after)
        };
        STEPS.map(excess).into_iter().fold(0.0, f64::max) * 100.0
    }

    /// A line of percentiles.
    pub(crate) fn line(&self) -> String {
        let [p50, p99, p999] = [50.0, 99.0, 99.9].map(|percentile| self.percentile(percentile));
        format!("p50 {p50:.3}  p99 {p99:.3}  p99.9 {p999:.3}  max {:.3} ms", self.max())
    }

    /// A picture: how many percent took how long.
    pub(crate) fn picture(&self) -> Vec<String> {
        const EDGES: [f64; 20] = [
            0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 14.0, 18.0, 22.0, 26.0, 40.0, 60.0, 85.0, 95.0, 105.0,
            115.0,
        ];
        let ends = EDGES[1..].iter().copied().chain([120_000.0]);
        let bar = |(from, to): (&f64, f64)| {
            let percent = self.share(*from, to) * 100.0;
            let line = || format!("{from:>8} ms {percent:>8.3} % {}", "#".repeat((percent / 2.0).ceil() as usize));
            (percent > 0.0).then(line)
        };
        EDGES.iter().zip(ends).filter_map(bar).collect()
    }

    pub(crate) fn recorded(&self) -> Recorded {
        Recorded(self.0.iter_recorded().map(|value| (value.value_iterated_to(), value.count_at_value())).collect())
    }
}

impl From<Recorded> for Latencies {
    fn from(Recorded(recorded): Recorded) -> Self {
        let mut latencies = Self::new();
        for (micros, count) in recorded {
            latencies.0.saturating_record_n(micros, count);
        }
        latencies
    }
}

/// The middle of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests;
