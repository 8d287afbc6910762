//! What is logged, and how that is changed while the process runs.

use std::sync::OnceLock;

use anyhow::Context as _;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tracing_subscriber::reload::{Handle, Layer};
use tracing_subscriber::{EnvFilter, Registry};

/// What is not logged unless the configuration names it. The HTTP library takes a request that it cannot read, which
/// any stranger can send, for an error of ours.
const QUIET: &str = "actix_http=off";

static FILTER: OnceLock<Changeable> = OnceLock::new();

struct Changeable {
    configured: String,
    current: Mutex<String>,
    handle: Handle<EnvFilter, Registry>,
}

/// What a process logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFilter {
    /// A level, or a filter such as `info,sqlx=warn`.
    pub filter: String,
}

impl LogFilter {
    /// What is logged now; `None` where no log was started.
    #[must_use]
    pub fn current() -> Option<Self> {
        FILTER.get().map(|known| Self { filter: known.current.lock().clone() })
    }

    /// What the configuration says.
    #[must_use]
    pub fn configured() -> Option<Self> {
        FILTER.get().map(|known| Self { filter: known.configured.clone() })
    }

    /// From now on this is logged, until the process ends or the next change.
    ///
    /// # Errors
    /// It is no filter, or no log was started.
    pub fn apply(&self) -> Result<(), String> {
        let filter = read(&self.filter).map_err(|error| format!("{error:#}"))?;
        let known = FILTER.get().ok_or("no log was started")?;
        // Before it takes effect: what is asked for may leave this line out.
        tracing::warn!(filter = self.filter, "what is logged was changed");
        known.handle.reload(filter).map_err(|error| error.to_string())?;
        known.current.lock().clone_from(&self.filter);
        Ok(())
    }
}

pub(super) fn read(configured: &str) -> anyhow::Result<EnvFilter> {
    // Of two directives for one target the last holds.
    EnvFilter::try_new(format!("{QUIET},{configured}")).context("reading INKLOG_LOG")
}

/// The filter of the process, which [`LogFilter::apply`] changes.
pub(super) fn changeable(configured: &str) -> anyhow::Result<Layer<EnvFilter, Registry>> {
    let (layer, handle) = Layer::new(read(configured)?);
    let current = Mutex::new(configured.to_owned());
    FILTER.get_or_init(|| Changeable { configured: configured.to_owned(), current, handle });
    Ok(layer)
}

/// A filter that is changed although no log is written by it.
#[cfg(test)]
pub(crate) fn started(configured: &str) {
    let layer = changeable(configured).unwrap();
    // What is changed must live on.
    std::mem::forget(layer);
}
