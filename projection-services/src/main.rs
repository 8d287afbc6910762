//! `projection-services`: runs projectors, and does what an operator needs done about them.

use std::process::ExitCode;

use projection_services::cli::Cli;
use service_kit::{config, telemetry};

fn main() -> anyhow::Result<ExitCode> {
    let cli: Cli = config::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(async {
        telemetry::init("projection-services", &cli.log)?;
        cli.run().await
    });
    // What is done is done; the threads of idle clients would be waited for, for tens of milliseconds.
    runtime.shutdown_background();
    outcome
}
