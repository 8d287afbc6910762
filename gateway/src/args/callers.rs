use clap::Args;
use service_kit::network::TrustedProxies;

use crate::cors::Origins;

/// Who may ask, from where, and how often.
#[derive(Args, Clone, Debug)]
pub struct CallerArgs {
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
}
