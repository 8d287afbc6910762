//! `gateway`: stands between the world and the services until SIGTERM.

use gateway::{Args, Gateway};
use service_kit::{Shutdown, config, telemetry};
use tokio::runtime::Builder;

fn main() -> anyhow::Result<()> {
    let args: Args = config::parse();
    telemetry::init("gateway", &args.log)?;
    let workers = usize::from(args.http.http_workers);
    Builder::new_multi_thread().worker_threads(workers).enable_all().build()?.block_on(run(args))
}

async fn run(args: Args) -> anyhow::Result<()> {
    let shutdown = Shutdown::on_signals()?;
    let gateway = Gateway::bind(args, shutdown).await?;
    gateway.run().await?;
    tracing::info!("closed");
    Ok(())
}
