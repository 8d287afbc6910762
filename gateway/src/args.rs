//! What can be set.

mod callers;
mod edge;
mod tokens;
mod upstreams;

pub use callers::CallerArgs;
pub use edge::EdgeArgs;
pub use tokens::TokenArgs;
pub use upstreams::UpstreamArgs;

use clap::Parser;
use service_kit::config::{HttpArgs, LogArgs, RedisArgs};

/// The public door: routes requests to the services.
#[derive(Clone, Debug, Parser)]
#[command(name = "gateway", version)]
pub struct Args {
    /// Where to listen.
    #[command(flatten)]
    pub http: HttpArgs<8080>,
    /// Where the services are.
    #[command(flatten)]
    pub upstreams: UpstreamArgs,
    /// What is taken from clients.
    #[command(flatten)]
    pub edge: EdgeArgs,
    /// Where requests are counted, for all gateways together.
    #[command(flatten)]
    pub redis: RedisArgs,
    /// By which keys tokens are judged.
    #[command(flatten)]
    pub tokens: TokenArgs,
    /// Who may ask.
    #[command(flatten)]
    pub callers: CallerArgs,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}
