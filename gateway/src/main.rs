//! `gateway`: stands between the world and the services until SIGTERM.

use gateway::{Args, Gateway};
use service_kit::{Shutdown, config, telemetry};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Args = config::parse();
    telemetry::init("gateway", &args.log)?;
    let shutdown = Shutdown::on_signals()?;
    let gateway = Gateway::bind(args, shutdown).await?;
    gateway.run().await?;
    tracing::info!("closed");
    Ok(())
}
