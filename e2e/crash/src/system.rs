//! The system under attack: two instances of each of our programs, and a proxy on every link between two components.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::Mutex;

use crate::process::{Environment, Instance, Tier, free_address};
use crate::proxy::{Mode, Proxy};
use crate::quorum::Quorum;
use crate::site::Site;
use crate::stack::by_way_of;

/// Instances of each program.
pub const INSTANCES: usize = 2;
/// How long a process may take until it is ready, if nothing is broken.
const READY: Duration = Duration::from_secs(60);

/// A link between two components: from an instance of ours to something it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// From an instance of a program to the brokers.
    Kafka(Tier, usize),
    /// From an instance of a program to the schema registry.
    Registry(Tier, usize),
    /// From an instance of a program to Postgres.
    Postgres(Tier, usize),
    /// From an instance of a program to Redis.
    Redis(Tier, usize),
    /// From the other instances to the command bus of this one.
    Bus(usize),
}

impl Link {
    /// Every link that there is.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let of = |instance| {
            [
                Self::Kafka(Tier::Commands, instance),
                Self::Kafka(Tier::Projections, instance),
                Self::Registry(Tier::Commands, instance),
                Self::Registry(Tier::Projections, instance),
                Self::Postgres(Tier::Commands, instance),
                Self::Postgres(Tier::Projections, instance),
                Self::Postgres(Tier::Queries, instance),
                Self::Redis(Tier::Projections, instance),
                Self::Redis(Tier::Queries, instance),
                Self::Bus(instance),
            ]
        };
        (0..INSTANCES).flat_map(of).collect()
    }

    /// The two ends, whichever instance it is: `command-services to Kafka`.
    #[must_use]
    pub fn ends(self) -> String {
        match self {
            Self::Kafka(tier, _) => format!("{} to Kafka", tier.program()),
            Self::Registry(tier, _) => format!("{} to the registry", tier.program()),
            Self::Postgres(tier, _) => format!("{} to Postgres", tier.program()),
            Self::Redis(tier, _) => format!("{} to Redis", tier.program()),
            Self::Bus(_) => "command bus".to_owned(),
        }
    }

    /// The instance whose link it is.
    #[must_use]
    pub fn instance(self) -> usize {
        match self {
            Self::Kafka(_, instance)
            | Self::Registry(_, instance)
            | Self::Postgres(_, instance)
            | Self::Redis(_, instance)
            | Self::Bus(instance) => instance,
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.ends(), self.instance())
    }
}

/// The running system.
#[derive(Debug)]
pub struct System {
    /// Where it runs.
    pub site: Site,
    /// The ways between brokers, if there are several.
    pub quorum: Arc<Quorum>,
    instances: BTreeMap<(Tier, usize), Mutex<Instance>>,
    addresses: BTreeMap<(Tier, usize), SocketAddr>,
    links: BTreeMap<Link, Vec<Proxy>>,
}

impl System {
    /// Starts everything and waits until it is ready.
    ///
    /// # Errors
    /// Something does not start.
    pub async fn start(site: Site, quorum: Arc<Quorum>) -> anyhow::Result<Self> {
        let (instances, addresses, links) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut system = Self { site, quorum, instances, addresses, links };
        let buses = [free_address()?, free_address()?];
        system.lay_links(&buses).await?;
        for tier in Tier::ALL {
            for number in 0..INSTANCES {
                let address = free_address()?;
                let log = system.site.folder.join(format!("{}-{number}.log", tier.program()));
                let environment = system.environment(tier, number, &buses)?;
                let previous = system.site.stack.previous.clone().filter(|_| number + 1 == INSTANCES);
                let mut instance = Instance::new(tier, address, environment, &log, previous.as_deref());
                instance.start()?;
                system.addresses.insert((tier, number), address);
                system.instances.insert((tier, number), Mutex::new(instance));
            }
        }
        system.ready(READY).await?;
        Ok(system)
    }

    async fn lay_links(&mut self, buses: &[SocketAddr; INSTANCES]) -> anyhow::Result<()> {
        let stack = &self.site.stack;
        let (registry, postgres, redis) =
            (stack.registry_address()?, stack.postgres_address()?, stack.redis_address()?);
        let mut kafka = stack.kafka_links.0.clone().into_iter();
        for link in Link::all() {
            let ways = match link {
                Link::Kafka(..) => {
                    kafka.next().context("the stack has too few INKLOG_KAFKA_PROXIES: four are needed")?
                }
                Link::Registry(..) => vec![(free_address()?, registry)],
                Link::Postgres(..) => vec![(free_address()?, postgres)],
                Link::Redis(..) => vec![(free_address()?, redis)],
                Link::Bus(instance) => vec![(free_address()?, buses[instance])],
            };
            let mut proxies = Vec::new();
            for (listen, upstream) in ways {
                let proxy = Proxy::open(listen, upstream).await;
                proxies.push(proxy.with_context(|| format!("a proxy for {link} at {listen}"))?);
            }
            self.links.insert(link, proxies);
        }
        Ok(())
    }

    /// What an instance is told: it reaches everything by way of its own proxies.
    fn environment(&self, tier: Tier, number: usize, buses: &[SocketAddr; INSTANCES]) -> anyhow::Result<Environment> {
        let way = |link: Link| self.links.get(&link).and_then(|proxies| proxies.first()).map(|proxy| proxy.address);
        let stack = &self.site.stack;
        let (registry, postgres, redis) =
            (stack.registry_address()?, stack.postgres_address()?, stack.redis_address()?);
        let led = |url: &str, link, upstream| {
            way(link).map_or_else(|| url.to_owned(), |proxy| by_way_of(url, upstream, proxy))
        };
        let mut environment = self.site.environment()?;
        for (name, value) in &mut environment {
            match name.as_str() {
                "INKLOG_KAFKA_BROKERS" => {
                    let proxies = self.links.get(&Link::Kafka(tier, number)).into_iter().flatten();
                    let brokers: Vec<String> = proxies.map(|proxy| proxy.address.to_string()).collect();
                    *value = brokers.join(",");
                }
                "INKLOG_REGISTRY_URL" => *value = led(value, Link::Registry(tier, number), registry),
                "INKLOG_DATABASE_URL" => *value = led(value, Link::Postgres(tier, number), postgres),
                "INKLOG_REDIS_URL" => *value = led(value, Link::Redis(tier, number), redis),
                _ => {}
            }
        }
        if tier == Tier::Commands {
            let advertised = way(Link::Bus(number)).context("a bus has a proxy")?;
            environment.push(("INKLOG_GRPC_LISTEN".into(), buses[number].to_string()));
            environment.push(("INKLOG_GRPC_ADVERTISE".into(), format!("http://{advertised}")));
        }
        Ok(environment)
    }

    /// An instance.
    #[must_use]
    pub fn instance(&self, tier: Tier, number: usize) -> &Mutex<Instance> {
        self.instances.get(&(tier, number)).expect("there are as many instances of each program")
    }

    /// Where the instances of a program answer.
    #[must_use]
    pub fn addresses(&self, tier: Tier) -> Vec<SocketAddr> {
        (0..INSTANCES).map(|number| self.addresses[&(tier, number)]).collect()
    }

    /// Breaks or mends a link.
    pub fn set(&self, link: Link, mode: Mode) {
        for proxy in self.links.get(&link).into_iter().flatten() {
            proxy.set(mode);
        }
    }

    /// Breaks or mends the way to one of several brokers.
    pub fn set_one(&self, link: Link, broker: usize, mode: Mode) {
        if let Some(proxy) = self.links.get(&link).and_then(|proxies| proxies.get(broker)) {
            proxy.set(mode);
        }
    }

    /// Has a link forget the connections that there are.
    pub fn forget(&self, link: Link) {
        self.links.get(&link).into_iter().flatten().for_each(Proxy::forget);
    }

    /// Waits until every instance is ready.
    ///
    /// # Errors
    /// One is not by then, or has died without being told to.
    pub async fn ready(&self, patience: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + patience;
        for ((tier, number), instance) in &self.instances {
            let mut instance = instance.lock().await;
            while !instance.is_ready().await {
                let name = format!("{} [{number}]", tier.program());
                if let Some(status) = instance.has_died() {
                    anyhow::bail!("{name} has ended by itself with {status}");
                }
                anyhow::ensure!(Instant::now() < until, "{name} is not ready");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    }

    /// Does what an upgrade asks for when it has come to its end, where an earlier version runs beside today's: its
    /// instances are replaced, and what they may have written into rows as they knew them is made anew.
    ///
    /// # Errors
    /// An instance does not end or start, or a view cannot be rebuilt.
    pub async fn upgrade(&self) -> anyhow::Result<()> {
        if self.site.stack.previous.is_none() {
            return Ok(());
        }
        for instance in self.instances.values() {
            instance.lock().await.upgrade().await?;
        }
        self.ready(READY).await?;
        self.site.run(None, "projection-services", &["rebuild", "all", "--retry-parked"]).await
    }

    /// Ends all that write to the log, so that no more happens; with what was wrong about it.
    pub async fn end_writers(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for number in 0..INSTANCES {
            let mut instance = self.instance(Tier::Commands, number).lock().await;
            problems.extend(instance.end().await.err().map(|error| format!("{error:#}")));
        }
        problems
    }

    /// Ends every instance that was not ended before, and gives the site back, with what was wrong about it.
    pub async fn end(mut self) -> (Site, Vec<String>) {
        let mut problems = Vec::new();
        for instance in self.instances.values_mut().map(Mutex::get_mut).filter(|instance| instance.is_started()) {
            problems.extend(instance.end().await.err().map(|error| format!("{error:#}")));
        }
        (self.site, problems)
    }
}
