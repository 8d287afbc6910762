//! The components that the system stands on: where they are (`dev/stack env` says it), and how to break them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context;
use clap::Args;
use service_kit::config::{KafkaArgs, PostgresArgs, RedisArgs};
use tokio::process::Command;

/// How often a component is waited for.
const STARTS: u32 = 3;

/// The components' addresses.
#[derive(Args, Clone, Debug)]
pub struct Stack {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub kafka: KafkaArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub postgres: PostgresArgs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap takes a doc comment here for the command's own")]
    pub redis: RedisArgs,
    /// The brokers' listeners that want a proxy: `proxy=listener` of each broker, separated by commas; links by
    /// semicolons. The stack has them with `INKLOG_KAFKA_PROXIES=4`.
    #[arg(long, env = "INKLOG_KAFKA_LINKS", value_name = "LINKS", default_value = "", value_parser = kafka_links)]
    pub kafka_links: KafkaLinks,
    /// The ways from each broker to each other one: `from>to:proxy=listener,…`, separated by semicolons. Where there
    /// are some, brokers are started after the proxies.
    #[arg(long, env = "INKLOG_KAFKA_INNER_LINKS", value_name = "LINKS", default_value = "", value_parser = inner_links)]
    pub inner_links: InnerLinks,
    /// Replicas of each partition.
    #[arg(long, env = "INKLOG_REPLICATION", value_name = "N", default_value_t = 1)]
    pub replication: u16,
    /// The folder with our programs as they were in another version: the last instance of each is of that one.
    #[arg(long, env = "INKLOG_PREVIOUS_BIN_DIR", value_name = "FOLDER")]
    pub previous: Option<PathBuf>,
    /// PEM file with the Ed25519 public key that access tokens are checked against.
    #[arg(long, env = "INKLOG_TOKEN_PUBLIC_KEY_FILE", value_name = "FILE")]
    pub token_public_key_file: PathBuf,
    /// PEM file with the Ed25519 private key that signs them.
    #[arg(long, env = "INKLOG_TOKEN_PRIVATE_KEY_FILE", value_name = "FILE")]
    pub token_private_key_file: PathBuf,
    /// File with the keys that wrap people's data keys.
    #[arg(long, env = "INKLOG_KEY_RING_FILE", value_name = "FILE")]
    pub key_ring_file: PathBuf,
    /// File with the key of the HMACs that stand for e-mail addresses.
    #[arg(long, env = "INKLOG_EMAIL_KEY_FILE", value_name = "FILE")]
    pub email_key_file: PathBuf,
    /// The folder of pictures and files, `file:///…`; each seed has one below it. It is a disk of its own where the
    /// stack has such.
    #[arg(long, env = "INKLOG_MEDIA_STORE", value_name = "URL", value_parser = folder)]
    pub media: PathBuf,
    /// The program that controls the components.
    #[arg(long, value_name = "FILE", default_value = "dev/stack")]
    pub control: PathBuf,
}

/// The names of so many brokers, as `dev/stack` knows them.
#[must_use]
pub fn broker_names(count: u16) -> Vec<String> {
    let name = |number| if number == 1 { "kafka".to_owned() } else { format!("kafka-{number}") };
    (1..=count).map(name).collect()
}

/// Whether a component is one of the brokers.
#[must_use]
pub fn is_broker(component: &str) -> bool {
    component.starts_with("kafka")
}

/// For each link, where its proxies have to listen, and for what, one of each broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KafkaLinks(pub Vec<Ways>);

/// Where proxies have to listen, and for what.
type Ways = Vec<(SocketAddr, SocketAddr)>;

/// The ways from a broker to another one, both by number from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InnerLinks(pub Vec<(usize, usize, Ways)>);

/// `proxy=listener,…`
fn ways(text: &str) -> Option<Ways> {
    let pair = |pair: &str| {
        let (proxy, listener) = pair.split_once('=')?;
        Some((proxy.parse().ok()?, listener.parse().ok()?))
    };
    text.split(',').map(pair).collect()
}

/// What stands between semicolons.
fn separated<T>(text: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(';').filter(|part| !part.is_empty()).map(one).collect()
}

fn folder(url: &str) -> Result<PathBuf, String> {
    url.strip_prefix("file://").map(PathBuf::from).ok_or_else(|| "is not file:///…".into())
}

fn kafka_links(text: &str) -> Result<KafkaLinks, String> {
    separated(text, ways).map(KafkaLinks).ok_or_else(|| "is not proxy=listener,…;…".into())
}

fn inner_links(text: &str) -> Result<InnerLinks, String> {
    let broker = |number: &str| number.parse::<usize>().ok()?.checked_sub(1);
    let link = |link: &str| {
        let ((from, to), rest) = link.split_once(':').and_then(|(ends, rest)| Some((ends.split_once('>')?, rest)))?;
        Some((broker(from)?, broker(to)?, ways(rest)?))
    };
    separated(text, link).map(InnerLinks).ok_or_else(|| "is not from>to:proxy=listener,…;…".into())
}

impl Stack {
    /// The names of the brokers, as `dev/stack` knows them.
    #[must_use]
    pub fn brokers(&self) -> Vec<String> {
        broker_names(self.replication)
    }

    /// Starts all components.
    ///
    /// # Errors
    /// One does not answer.
    pub async fn up(&self) -> anyhow::Result<()> {
        testkit::command::output(Command::new(&self.control).arg("up")).await.map(drop)
    }

    /// Has `dev/stack` do something with a component.
    ///
    /// # Errors
    /// It cannot; the error says what it said.
    pub async fn control(&self, verb: &str, component: &str) -> anyhow::Result<()> {
        testkit::command::output(Command::new(&self.control).args([verb, component])).await.map(drop)
    }

    /// Starts a component and waits until it answers; on a machine that does much else that may take more than the
    /// minute that `dev/stack` waits.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn start(&self, component: &str) -> anyhow::Result<()> {
        let mut started = self.control("start", component).await;
        for _ in 1..STARTS {
            if started.is_ok() {
                break;
            }
            started = self.control("start", component).await;
        }
        started
    }

    /// Where the schema registry listens.
    ///
    /// # Errors
    /// Its address names no IP address.
    pub fn registry_address(&self) -> anyhow::Result<SocketAddr> {
        address_in(&self.kafka.registry_url).context("reading INKLOG_REGISTRY_URL")
    }

    /// Where Postgres listens.
    ///
    /// # Errors
    /// Its address names no IP address.
    pub fn postgres_address(&self) -> anyhow::Result<SocketAddr> {
        address_in(self.postgres.database_url.expose()).context("reading INKLOG_DATABASE_URL")
    }

    /// Where Redis listens.
    ///
    /// # Errors
    /// Its address names no IP address.
    pub fn redis_address(&self) -> anyhow::Result<SocketAddr> {
        address_in(self.redis.redis_url.expose()).context("reading INKLOG_REDIS_URL")
    }
}

/// `scheme://user:password@127.0.0.1:5432/database`.
fn address_in(url: &str) -> anyhow::Result<SocketAddr> {
    let (_, rest) = url.split_once("://").context("no scheme")?;
    let place = rest.split('/').next().unwrap_or_default();
    let host = place.rsplit('@').next().unwrap_or_default();
    SocketAddr::from_str(host).context("a local stack is named by IP address and port")
}

/// The same URL, by another way.
#[must_use]
pub fn by_way_of(url: &str, upstream: SocketAddr, proxy: SocketAddr) -> String {
    url.replacen(&upstream.to_string(), &proxy.to_string(), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_the_stack_prints_them() {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let links = kafka_links("127.0.0.1:2=127.0.0.1:1,127.0.0.1:4=127.0.0.1:3;127.0.0.1:6=127.0.0.1:5").unwrap();
        let first = vec![(address(2), address(1)), (address(4), address(3))];
        assert_eq!(links, KafkaLinks(vec![first, vec![(address(6), address(5))]]));
        assert_eq!(kafka_links(""), Ok(KafkaLinks::default()));
        assert!(kafka_links("localhost=1").is_err());
    }

    #[test]
    fn ways_between_brokers_are_read_as_the_stack_prints_them() {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let links = inner_links("1>2:127.0.0.1:2=127.0.0.1:1;2>1:127.0.0.1:4=127.0.0.1:3").unwrap();
        let (there, back) = (vec![(address(2), address(1))], vec![(address(4), address(3))]);
        assert_eq!(links, InnerLinks(vec![(0, 1, there), (1, 0, back)]));
        assert_eq!(inner_links(""), Ok(InnerLinks::default()));
        assert!(inner_links("0>1:127.0.0.1:2=127.0.0.1:1").is_err(), "brokers are counted from 1");
    }

    #[test]
    fn a_url_is_led_by_way_of_a_proxy() {
        let url = "postgres://inklog:inklog@127.0.0.1:15432/inklog";
        let (upstream, proxy) = (address_in(url).unwrap(), SocketAddr::from(([127, 0, 0, 1], 9)));
        assert_eq!(by_way_of(url, upstream, proxy), "postgres://inklog:inklog@127.0.0.1:9/inklog");
        assert_eq!(address_in("redis://127.0.0.1:16379").unwrap().port(), 16379);
        assert_eq!(address_in("http://127.0.0.1:18081/apis/ccompat/v7").unwrap().port(), 18081);
    }
}
