use std::time::Duration;

use serde::Serialize;

/// The exit status of a rebuild that is done, and had to leave out events that cannot be handled: `EX_DATAERR`.
pub const LEFT_OUT: u8 = 65;

/// What a rebuild did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The views that were rebuilt.
    pub views: Vec<String>,
    /// Events read.
    pub events: u64,
    /// Rows written.
    pub rows: u64,
    /// Events that are parked, and so not in the rows: found now, or known to the live projector.
    pub parked: u64,
    /// How long it took, from opening the log to the swap.
    pub seconds: f64,
    /// Rows per second.
    pub rows_per_second: f64,
    /// Whether the rows were compared with the live ones and found equal.
    pub verified: bool,
    /// Whether they are live now.
    pub swapped: bool,
    /// A plain COPY of the same rows into tables without any index, for comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<Copied>,
    /// Our rows per second by those of COPY.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
}

/// A measured COPY.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Copied {
    /// Rows copied.
    pub rows: u64,
    /// How long COPY took to take them; reading them is not counted.
    pub seconds: f64,
    /// Rows per second.
    pub rows_per_second: f64,
}

/// What several rebuilds did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reports {
    /// What was asked for.
    pub view: String,
    /// All events read.
    pub events: u64,
    /// All rows written.
    pub rows: u64,
    /// All events that are parked, and so not in the rows.
    pub parked: u64,
    /// From beginning to end; stores are rebuilt at the same time.
    pub seconds: f64,
    /// Rows per second over all.
    pub rows_per_second: f64,
    /// Each by itself.
    pub rebuilds: Vec<Report>,
}

impl Reports {
    /// Sums up.
    #[must_use]
    pub fn of(view: &str, rebuilds: Vec<Report>, took: Duration) -> Self {
        let seconds = took.as_secs_f64();
        let rows = rebuilds.iter().map(|report| report.rows).sum();
        Self {
            view: view.to_owned(),
            events: rebuilds.iter().map(|report| report.events).sum(),
            rows,
            parked: rebuilds.iter().map(|report| report.parked).sum(),
            seconds,
            rows_per_second: per_second(rows, seconds),
            rebuilds,
        }
    }

    /// What the command exits with: 0, or [`LEFT_OUT`].
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.parked == 0 { 0 } else { LEFT_OUT }
    }

    /// For people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let all =
            format!("{}: {} rows, {:.2} s, {:.0} rows/s", self.view, self.rows, self.seconds, self.rows_per_second);
        self.rebuilds.iter().map(Report::line).chain((self.rebuilds.len() > 1).then_some(all)).collect()
    }
}

impl Report {
    /// With a COPY of the same rows to compare with.
    #[must_use]
    pub fn beside(self, copy: Copied) -> Self {
        let ratio = (copy.rows > 0).then(|| self.rows_per_second / copy.rows_per_second);
        Self { ratio, copy: Some(copy), ..self }
    }

    fn line(&self) -> String {
        let mut line = format!(
            "{}: {} events, {} rows, {:.2} s, {:.0} rows/s",
            self.views.join(", "),
            self.events,
            self.rows,
            self.seconds,
            self.rows_per_second
        );
        if let (Some(copy), Some(ratio)) = (&self.copy, self.ratio) {
            line += &format!("; plain COPY of the same rows {:.0} rows/s, ratio {ratio:.2}", copy.rows_per_second);
        }
        if self.verified {
            line += "; equal to the live rows";
        }
        if self.parked > 0 {
            line += &format!("; WITHOUT {} parked events (see `parked list`)", self.parked);
        }
        line + if self.swapped { "; swapped in" } else { "; not swapped in" }
    }
}

/// Rows by seconds; 0 for no rows, however short it took.
pub(super) fn per_second(rows: u64, seconds: f64) -> f64 {
    rows as f64 / seconds.max(1e-6)
}
