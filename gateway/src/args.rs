//! What can be set.

mod edge;
mod upstreams;

pub use edge::EdgeArgs;
pub use upstreams::UpstreamArgs;

use clap::Parser;
use service_kit::auth::TokenNames;
use service_kit::auth::{JwksSource, PublicKey};
use service_kit::config::{HttpArgs, LogArgs, RedisArgs};
use service_kit::network::TrustedProxies;

use crate::cors::Origins;

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
    /// PEM file with an Ed25519 public key that access tokens are checked against, whatever else is published.
    #[arg(long, env = "INKLOG_TOKEN_PUBLIC_KEY_FILE", value_name = "FILE")]
    pub token_public_key_file: Option<PublicKey>,
    /// The published keys that access tokens are checked against: a JWKS, as a file or as an http or https address.
    /// Without any key the services alone judge tokens.
    #[arg(long, env = "INKLOG_TOKEN_JWKS", value_name = "FILE|URL")]
    pub token_jwks: Option<JwksSource>,
    /// What tokens say of whence and whither they are.
    #[command(flatten)]
    pub names: TokenNames,
    /// Addresses and networks of proxies before the gateway, as `10.0.0.0/8,2001:db8::7`: what they say of the caller's
    /// address, scheme and host is believed.
    #[arg(long, env = "INKLOG_TRUSTED_PROXIES", value_name = "NETWORKS", default_value = "")]
    pub trusted_proxies: TrustedProxies,
    /// Origins whose pages may ask, as `https://blog.example,https://app.example`; `*` is all of them, nothing is none.
    #[arg(long, env = "INKLOG_CORS_ORIGINS", value_name = "ORIGINS", default_value = "")]
    pub cors_origins: Origins,
    /// How many times as much as by default one address and one account may ask for; 0: nothing is counted.
    #[arg(long, env = "INKLOG_RATE_FACTOR", value_name = "N", default_value_t = 1)]
    pub rate_factor: u32,
    /// What to log.
    #[command(flatten)]
    pub log: LogArgs,
}
