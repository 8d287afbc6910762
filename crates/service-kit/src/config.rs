//! Configuration: one small group of arguments per concern, each settable by a flag or by its environment variable.
//! A command line flattens the groups it needs. Those of access tokens and their keys are in [`crate::auth`].

mod reading;
mod secret;

pub use reading::{EXIT_USAGE, parse};
pub use secret::Secret;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::Args;

/// Where to listen for HTTP; the default port is the binary's.
#[derive(Args, Clone, Debug)]
pub struct HttpArgs<const PORT: u16> {
    /// Address and port to answer HTTP on.
    #[arg(long, env = "INKLOG_LISTEN", value_name = "ADDRESS", default_value_t = local(PORT))]
    pub listen: SocketAddr,
    /// Address and port to answer `/metrics` and `/log` on, for operators only; without it nothing answers there.
    #[arg(long, env = "INKLOG_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// Threads that answer HTTP.
    #[arg(long, env = "INKLOG_HTTP_WORKERS", value_name = "N", default_value_t = 2,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub http_workers: u16,
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// What to log.
#[derive(Args, Clone, Debug)]
pub struct LogArgs {
    /// What to log: a level, or a filter such as `info,sqlx=warn`. While it runs, `/log` changes it.
    #[arg(long, env = "INKLOG_LOG", value_name = "FILTER", default_value = "info,librdkafka=error,actix_server=warn",
          value_parser = log_filter)]
    pub log: String,
}

fn log_filter(filter: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(filter) {
        Ok(_) => Ok(filter.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Where the log is.
#[derive(Args, Clone, Debug)]
pub struct KafkaArgs {
    /// Kafka brokers to begin with: `host:port,…`.
    #[arg(long, env = "INKLOG_KAFKA_BROKERS", value_name = "HOSTS", default_value = "127.0.0.1:19092")]
    pub kafka_brokers: String,
    /// Schema registry (Confluent API).
    #[arg(long, env = "INKLOG_REGISTRY_URL", value_name = "URL", value_parser = http_url,
          default_value = "http://127.0.0.1:18081/apis/ccompat/v7")]
    pub registry_url: String,
    /// Topics are called `<prefix>.<context>.v1`.
    #[arg(long, env = "INKLOG_TOPIC_PREFIX", value_name = "PREFIX", default_value = "inklog",
          value_parser = topic_prefix)]
    pub topic_prefix: String,
    /// Partitions of each topic as it was created. What was repartitioned since is known by the log.
    #[arg(long, env = "INKLOG_PARTITIONS", value_name = "N", default_value_t = 2,
          value_parser = clap::value_parser!(i32).range(1..=1024))]
    pub partitions: i32,
}

fn topic_prefix(prefix: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !prefix.is_empty() && prefix.len() <= 100 && prefix.chars().all(fine) {
        Ok(prefix.to_owned())
    } else {
        Err("must have 1 to 100 letters, digits, '.', '_' or '-'".into())
    }
}

fn http_url(url: &str) -> Result<String, String> {
    if url.starts_with("http://") || url.starts_with("https://") {
        Ok(url.trim_end_matches('/').to_owned())
    } else {
        Err("is not an http or https address".into())
    }
}

/// Where Postgres is.
#[derive(Args, Clone, Debug)]
pub struct PostgresArgs {
    /// Postgres: `postgres://user:password@host:port/database`.
    #[arg(long, env = "INKLOG_DATABASE_URL", value_name = "URL", hide_env_values = true, hide_default_value = true,
          default_value = "postgres://inklog:inklog@127.0.0.1:15432/inklog", value_parser = postgres_url)]
    pub database_url: Secret<String>,
}

fn postgres_url(url: &str) -> Result<Secret<String>, String> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Secret::new(url.to_owned()))
    } else {
        Err("is not a postgres:// address".into())
    }
}

/// Where Redis is.
#[derive(Args, Clone, Debug)]
pub struct RedisArgs {
    /// Redis: `redis://:password@host:port/database`.
    #[arg(long, env = "INKLOG_REDIS_URL", value_name = "URL", hide_env_values = true, hide_default_value = true,
          default_value = "redis://127.0.0.1:16379", value_parser = redis_url)]
    pub redis_url: Secret<String>,
    /// Every key begins with `<prefix>:`.
    #[arg(long, env = "INKLOG_REDIS_PREFIX", value_name = "PREFIX", default_value = "inklog",
          value_parser = topic_prefix)]
    pub redis_prefix: String,
}

fn redis_url(url: &str) -> Result<Secret<String>, String> {
    if url.starts_with("redis://") || url.starts_with("rediss://") || url.starts_with("unix://") {
        Ok(Secret::new(url.to_owned()))
    } else {
        Err("is not a redis:// address".into())
    }
}

/// Reads a duration such as `250ms`, `30s`, `10m`, `1h` or `7d`: a `value_parser` for durations.
///
/// # Errors
/// The text is none, or is zero or longer than a year.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "is not a duration such as 250ms, 30s, 10m, 1h or 7d".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    match number.checked_mul(millis) {
        Some(millis) if (1..=365 * 86_400_000).contains(&millis) => Ok(Duration::from_millis(millis)),
        Some(_) | None => Err("must be more than nothing and at most 365d".into()),
    }
}

#[cfg(test)]
mod tests;
