//! Where the replicas of an upstream are: named one by one, or looked up.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use futures::future::join_all;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{ResolverBuilder, TokioResolver};
use http::uri::Authority;

/// A look-up that takes longer has failed.
const DEADLINE: Duration = Duration::from_secs(3);
/// What is looked up is remembered by the name server, and here no longer than until the next look.
const REMEMBERED: Duration = Duration::from_secs(1);
/// More replicas of one entry are not asked.
const MOST: usize = 256;

/// An entry: what is to be asked for replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replicas(Vec<Source>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// One replica. Its host may be a name, which is looked up when connecting.
    One(Authority),
    /// One for each address of a name.
    Addresses { host: String, port: u16 },
    /// One for each SRV record.
    Services(String),
}

impl FromStr for Replicas {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sources: Vec<_> = text.split(',').map(str::trim).map(source).collect::<Result<_, _>>()?;
        Ok(Self(sources))
    }
}

fn source(text: &str) -> Result<Source, String> {
    let wrong = || format!("`{text}` is none of http://host:port, dns:host:port and srv:_service._proto.name");
    let authority = |text: &str| text.parse::<Authority>().ok().filter(|found| !found.host().is_empty());
    if let Some(rest) = text.strip_prefix("http://") {
        let one = authority(rest.trim_end_matches('/')).filter(|found| !found.as_str().contains('@'));
        return one.map(Source::One).ok_or_else(wrong);
    }
    if let Some(rest) = text.strip_prefix("dns:") {
        let found = authority(rest).ok_or_else(wrong)?;
        let port = found.port_u16().ok_or_else(wrong)?;
        return Ok(Source::Addresses { host: found.host().to_owned(), port });
    }
    let name = text.strip_prefix("srv:").filter(|name| !name.is_empty() && !name.contains([':', '/']));
    name.map(|name| Source::Services(name.to_owned())).ok_or_else(wrong)
}

/// Looks entries up. What was found before stays where a look-up fails: a name server that is away closes no door.
pub(crate) struct Lookup {
    /// None where nothing has to be looked up.
    resolver: Option<TokioResolver>,
    known: Vec<(Source, Vec<Authority>)>,
}

impl Lookup {
    /// Of one entry, by the system's name servers.
    ///
    /// # Errors
    /// The system's configuration of DNS cannot be read.
    pub(crate) fn new(Replicas(sources): Replicas) -> anyhow::Result<Self> {
        let looks = sources.iter().any(|source| !matches!(source, Source::One(_)));
        Ok(Self::by(looks.then(system).transpose()?, sources))
    }

    fn by(resolver: Option<TokioResolver>, sources: Vec<Source>) -> Self {
        let known = sources.into_iter().map(|source| match source {
            Source::One(authority) => (Source::One(authority.clone()), vec![authority]),
            other => (other, Vec::new()),
        });
        Self { resolver, known: known.collect() }
    }

    /// Whether a later look may find others.
    pub(crate) fn may_change(&self) -> bool {
        self.resolver.is_some()
    }

    /// The replicas, as far as they are known now.
    pub(crate) async fn look(&mut self) -> Vec<Authority> {
        if let Some(resolver) = &self.resolver {
            let asked = self.known.iter().map(|(source, _)| find(resolver, source));
            let answers = join_all(asked).await;
            for (known, found) in self.known.iter_mut().zip(answers) {
                match found {
                    Ok(None) => {}
                    Ok(Some(found)) => known.1 = found,
                    Err(error) => {
                        tracing::warn!(name = %known.0, error = format!("{error:#}"), "a name could not be looked up");
                    }
                }
            }
        }
        let mut all: Vec<Authority> = self.known.iter().flat_map(|(_, found)| found.iter().cloned()).collect();
        all.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        all.dedup();
        all.truncate(MOST);
        all
    }
}

fn system() -> anyhow::Result<TokioResolver> {
    tuned(TokioResolver::builder_tokio().context("reading the system's configuration of DNS")?)
}

fn tuned(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> anyhow::Result<TokioResolver> {
    let options = builder.options_mut();
    options.positive_max_ttl = Some(REMEMBERED);
    options.negative_max_ttl = Some(REMEMBERED);
    options.timeout = DEADLINE / 2;
    options.attempts = 1;
    builder.build().context("preparing for DNS")
}

/// `None` where there is nothing to look up.
async fn find(resolver: &TokioResolver, source: &Source) -> anyhow::Result<Option<Vec<Authority>>> {
    let looking = async {
        match source {
            Source::One(_) => Ok(None),
            Source::Addresses { host, port } => addresses(resolver, host, *port).await.map(Some),
            Source::Services(name) => services(resolver, name).await.map(Some),
        }
    };
    tokio::time::timeout(DEADLINE, looking).await.context("no answer in time")?
}

async fn addresses(resolver: &TokioResolver, host: &str, port: u16) -> anyhow::Result<Vec<Authority>> {
    let found = resolver.lookup_ip(host).await?;
    some(found.iter().map(|address| std::net::SocketAddr::new(address, port).to_string()))
}

async fn services(resolver: &TokioResolver, name: &str) -> anyhow::Result<Vec<Authority>> {
    let found = resolver.srv_lookup(name).await?;
    let records = found.answers().iter().filter_map(|record| match &record.data {
        RData::SRV(srv) => Some(format!("{}:{}", srv.target.to_ascii().trim_end_matches('.'), srv.port)),
        _ => None,
    });
    some(records)
}

/// Those that can be asked. Where there are none, the look-up has failed: a service without any is rarer than a name
/// server that knows of none.
fn some(found: impl Iterator<Item = String>) -> anyhow::Result<Vec<Authority>> {
    let readable = |text: String| text.parse::<Authority>().ok().filter(|authority| !authority.host().is_empty());
    let all: Vec<Authority> = found.filter_map(readable).collect();
    anyhow::ensure!(!all.is_empty(), "the answer has no addresses");
    Ok(all)
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(authority) => write!(f, "http://{authority}"),
            Self::Addresses { host, port } => write!(f, "dns:{host}:{port}"),
            Self::Services(name) => write!(f, "srv:{name}"),
        }
    }
}

#[cfg(test)]
mod tests;
