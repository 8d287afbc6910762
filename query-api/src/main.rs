//! `query-api`: answers readers over HTTP until SIGTERM.

use query_api::Args;
use service_kit::{Shutdown, config, server, telemetry};

// One thread: it accepts connections and listens to announcements; the HTTP workers have threads of their own.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let args: Args = config::parse();
    telemetry::init("query-api", &args.log)?;
    let shutdown = Shutdown::on_signals()?;
    let listeners = server::bind(args.http.listen, args.http.metrics_listen)?;
    query_api::serve(args, listeners, shutdown).await?;
    tracing::info!("closed");
    Ok(())
}
