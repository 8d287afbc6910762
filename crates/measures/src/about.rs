//! What is told of a metric.

/// A metric, as documents and `/metrics` tell it.
#[derive(Debug)]
pub struct About {
    /// Its name in Prometheus.
    pub name: &'static str,
    /// What kind it is of.
    pub kind: Kind,
    /// What is counted or measured: `seconds`, `commands`.
    pub unit: &'static str,
    /// What it means.
    pub help: &'static str,
    /// Its labels, in the order in which their values are given.
    pub labels: &'static [Label],
}

/// What kind of metric it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How values are spread, by these upper bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// Its name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// A label of a metric.
#[derive(Debug)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// The values that it can have, where they are few and known here: `a|b`. Else what they are, in words.
    pub values: &'static str,
}

impl Label {
    /// The values, where they are known here.
    #[must_use]
    pub fn known(&self) -> Option<Vec<&'static str>> {
        let is_value = |value: &str| !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let values: Vec<_> = self.values.split('|').collect();
        values.iter().all(|value| is_value(value)).then_some(values)
    }
}
