//! `projection-services`: runs projectors, and does what an operator needs done about them.

use projection_services::cli::Cli;
use service_kit::{config, telemetry};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let cli: Cli = config::parse();
    telemetry::init("projection-services", &cli.log)?;
    cli.run().await
}
