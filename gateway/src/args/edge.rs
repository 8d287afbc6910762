use std::time::Duration;

use clap::Args;
use service_kit::config::duration;

/// What is taken from clients, and how long they may take.
#[derive(Args, Clone, Debug)]
pub struct EdgeArgs {
    /// Connections at a time; more wait until one ends. One address has a sixteenth of them, if it is no trusted proxy.
    #[arg(long, env = "INKLOG_CONNECTIONS", value_name = "N", default_value_t = 20_000,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections: u32,
    /// How long a connection may take to send the head of a request, and be idle before it.
    #[arg(long, env = "INKLOG_HEAD_TIMEOUT", value_name = "DURATION", default_value = "30s",
          value_parser = duration)]
    pub head_timeout: Duration,
    /// A client whose body makes no progress for so long is answered 408.
    #[arg(long, env = "INKLOG_BODY_TIMEOUT", value_name = "DURATION", default_value = "15s",
          value_parser = duration)]
    pub body_timeout: Duration,
    /// A client that takes nothing of its answer for so long is dropped, and then one that takes under 4 KiB a second.
    #[arg(long, env = "INKLOG_TAKE_TIMEOUT", value_name = "DURATION", default_value = "30s",
          value_parser = duration)]
    pub take_timeout: Duration,
    /// How long an answer to a read or a write may take to begin. Uploads, lists of commands and exports have four
    /// times as long.
    #[arg(long, env = "INKLOG_ANSWER_TIMEOUT", value_name = "DURATION", default_value = "15s",
          value_parser = duration)]
    pub answer_timeout: Duration,
    /// How long requests under way have to finish once the end was requested.
    #[arg(long, env = "INKLOG_DRAIN", value_name = "DURATION", default_value = "20s",
          value_parser = duration)]
    pub drain: Duration,
    /// The largest picture or file that may be brought, in bytes.
    #[arg(long, env = "INKLOG_MEDIA_MAX_BYTES", value_name = "N", default_value_t = 20 * 1024 * 1024)]
    pub media_max_bytes: u64,
}
