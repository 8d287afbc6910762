//! Logs and metrics. Logs are JSON lines on stderr, or plain text when a person looks on; metrics are rendered at the
//! operator's address in Prometheus' format.

mod filter;
mod process;
mod repeats;

pub use filter::LogFilter;
#[cfg(test)]
pub(crate) use filter::started;

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use sqlx::PgPool;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::LogArgs;
use repeats::Repeats;

/// How often lines that were held back are told of.
const TELL: Duration = Duration::from_secs(1);
/// Histograms keep every sample until they are drained; a process that is not scraped must not grow. So often they are,
/// in [`TELL`]s.
const DRAIN_EVERY: u32 = 5;

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

type Look = Box<dyn Fn() + Send>;

/// What is looked at whenever metrics are asked for.
static LOOKS: Mutex<Vec<Look>> = Mutex::new(Vec::new());

/// Starts logs and metrics for the whole process; every metric carries `service_name`. Call it once, from `main`.
///
/// # Errors
/// It was called before.
pub fn init(service_name: &'static str, args: &LogArgs) -> anyhow::Result<()> {
    let repeats = Repeats::default();
    start_logs(&args.log, repeats.clone())?;
    start_metrics(service_name)?;
    look_after(repeats)?;
    tracing::info!(service = service_name, version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), "starting");
    Ok(())
}

/// Everything measured so far, in Prometheus' text format; empty before [`init`].
#[must_use]
pub fn render() -> String {
    LOOKS.lock().iter().for_each(|look| look());
    METRICS.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Counts a pool's connections whenever metrics are asked for, for as long as the process lives. In a process without
/// metrics it does nothing.
pub fn watch_pool(name: &'static str, pool: &PgPool) {
    if METRICS.get().is_none() {
        return;
    }
    let pool = pool.clone();
    watch(move || {
        let (all, idle) = (pool.size(), u32::try_from(pool.num_idle()).unwrap_or(u32::MAX));
        measures::http::POOL.with([name, "idle"]).set(f64::from(idle));
        measures::http::POOL.with([name, "used"]).set(f64::from(all.saturating_sub(idle)));
        measures::http::POOL_MOST.with([name]).set(f64::from(pool.options().get_max_connections()));
    });
}

fn watch(look: impl Fn() + Send + 'static) {
    LOOKS.lock().push(Box::new(look));
}

fn start_logs(configured: &str, repeats: Repeats) -> anyhow::Result<()> {
    let logs = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let logs = if std::io::stderr().is_terminal() {
        logs.compact().with_filter(repeats).boxed()
    } else {
        logs.json().flatten_event(true).with_current_span(true).with_span_list(false).with_filter(repeats).boxed()
    };
    let started = tracing_subscriber::registry().with(filter::changeable(configured)?).with(logs).try_init();
    started.context("starting the log")
}

fn start_metrics(service_name: &'static str) -> anyhow::Result<()> {
    let mut builder = PrometheusBuilder::new().add_global_label("service", service_name);
    for (name, buckets) in measures::buckets() {
        builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets)?;
    }
    let handle = builder.install_recorder().context("starting metrics")?;
    METRICS.get_or_init(|| handle);
    measures::describe(service_name);
    measures::http::BUILD.with([env!("CARGO_PKG_VERSION")]).set(1.0);
    watch(process::look());
    Ok(())
}

fn look_after(repeats: Repeats) -> anyhow::Result<()> {
    let look_after = move || {
        for round in 1_u32.. {
            std::thread::sleep(TELL);
            repeats.tell();
            if let Some(metrics) = METRICS.get().filter(|_| round % DRAIN_EVERY == 0) {
                metrics.run_upkeep();
            }
        }
    };
    std::thread::Builder::new().name("telemetry".into()).stack_size(256 * 1024).spawn(look_after)?;
    Ok(())
}

#[cfg(test)]
mod tests;
