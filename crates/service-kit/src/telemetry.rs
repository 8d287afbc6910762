//! Logs and metrics. Logs are JSON lines on stderr, or plain text when a person looks on; metrics are rendered by the
//! health routes in Prometheus' format.

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::LogArgs;

/// Upper bounds in seconds: from what one command takes when nothing is in its way to the longest deadline.
const BUCKETS: [f64; 15] = [0.0005, 0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logs and metrics for the whole process; every metric carries `service_name`. Call it once, from `main`.
///
/// # Errors
/// It was called before.
pub fn init(service_name: &'static str, args: &LogArgs) -> anyhow::Result<()> {
    start_logs(&args.log)?;
    start_metrics(service_name)?;
    tracing::info!(service = service_name, version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), "starting");
    Ok(())
}

/// Everything measured so far, in Prometheus' text format; empty before [`init`].
#[must_use]
pub fn render() -> String {
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// What is not logged unless the configuration names it. The HTTP library takes a request that it cannot read, which
/// any stranger can send, for an error of ours.
const QUIET: &str = "actix_http=off";

fn filter(configured: &str) -> anyhow::Result<EnvFilter> {
    // Of two directives for one target the last holds.
    EnvFilter::try_new(format!("{QUIET},{configured}")).context("reading INKLOG_LOG")
}

fn start_logs(configured: &str) -> anyhow::Result<()> {
    let logs = tracing_subscriber::fmt().with_env_filter(filter(configured)?).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        logs.compact().try_init()
    } else {
        logs.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    started.map_err(anyhow::Error::from_boxed).context("starting the log")
}

fn start_metrics(service_name: &'static str) -> anyhow::Result<()> {
    let handle = PrometheusBuilder::new()
        .add_global_label("service", service_name)
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)?
        .install_recorder()
        .context("starting metrics")?;
    let upkeep = METRICS.get_or_init(|| handle);
    // Histograms keep every sample until they are drained; a process that is not scraped must not grow.
    std::thread::Builder::new().name("metrics-upkeep".into()).stack_size(128 * 1024).spawn(|| {
        loop {
            std::thread::sleep(Duration::from_secs(5));
            upkeep.run_upkeep();
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
