//! Putting a process together.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context as _;
use domain::accounts::Accounts;
use domain::following::Following;
use domain::posts::Posts;
use domain::security::Security;
use domain::{CONTEXTS, Decider};
use event_log::codec::Codec;
use event_log::partition::Limits;
use event_log::registry::Registry;
use event_log::subscription::SubscriptionConfig;
use event_log::{EventLog, Forward, kafka};
use service_kit::auth::RevokedSessions;
use service_kit::health::Health;
use service_kit::{Shutdown, routes, server};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::beginning::{self, Beginning};
use crate::bus::{Bus, Forwarder};
use crate::cli::ServiceArgs;
use crate::commanding::Deadline;
use crate::identity::exporting::Exports;
use crate::identity::throttling::Proxies;
use crate::identity::vault::Vault;
use crate::identity::{Identity, ended, noting, sweeping};
use crate::{accounts, following, identity, openapi, posts};

/// How much longer than a command has the command bus may take to end: one whose peer died was seen to end never (crash lab,
/// seed 9202).
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// A service: a deployable that owns some contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Owns `accounts`, `following` and `security`.
    Identity,
    /// Owns `posts`.
    Publishing,
    /// All in one process.
    All,
}

/// How long the broker and the registry are waited for at the start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a service until `shutdown` is requested.
///
/// # Errors
/// An address is taken, or the log cannot be used.
pub async fn run(service: Service, args: ServiceArgs, shutdown: Shutdown) -> anyhow::Result<()> {
    let http = server::bind(args.http.listen)?;
    let grpc = tokio::net::TcpListener::bind(args.grpc_listen)
        .await
        .with_context(|| format!("listening on {} (INKLOG_GRPC_LISTEN)", args.grpc_listen))?;
    if args.bus_secret.is_none() && !args.grpc_listen.ip().is_loopback() {
        // Whoever reaches this address speaks for any actor.
        anyhow::bail!("INKLOG_BUS_SECRET is needed where INKLOG_GRPC_LISTEN is not a loopback address");
    }
    let address = args.grpc_advertise.clone().unwrap_or_else(|| format!("http://{}", args.grpc_listen));
    let health = Health::new(shutdown.clone());
    let codec = Codec::new(Registry::new(&args.broker.kafka.registry_url)?);
    let forward = Arc::new(Forwarder::new(Handle::current(), args.bus_secret.clone()));

    let has = |part: Service| service == part || service == Service::All;
    let accounts_log = has(Service::Identity).then(|| open::<Accounts>(&args, &address, &forward, &health));
    let following_log = has(Service::Identity).then(|| open::<Following>(&args, &address, &forward, &health));
    let security_log = has(Service::Identity).then(|| open::<Security>(&args, &address, &forward, &health));
    let posts_log = has(Service::Publishing).then(|| open::<Posts>(&args, &address, &forward, &health));
    let (ended, vault) = (RevokedSessions::default(), Vault::new(&args.postgres)?);
    let mut background = vec![tokio::spawn(ended::follow(vault.clone(), ended.clone()))];
    let people = accounts_log.clone().zip(following_log.clone());
    let people = people.map(|logs| self::people(logs, &args, &vault, &ended, &mut background)).transpose()?;
    background.extend(security_log.iter().map(|log| tokio::spawn(noting::run(vault.clone(), Arc::clone(log)))));

    let mut bus = Bus::new(args.bus_secret.clone());
    bus = accounts_log.iter().fold(bus, Bus::with);
    bus = following_log.iter().fold(bus, Bus::with);
    bus = security_log.iter().fold(bus, Bus::with);
    bus = posts_log.iter().fold(bus, Bus::with);
    // Forwarded commands are answered for as long as this instance may own anything, which begins while it connects.
    let bus_shutdown = Shutdown::new();
    let bus = tokio::spawn(bus.serve(grpc, bus_shutdown.clone(), args.command_deadline + LAST_ANSWERS));
    // Most of it is waiting for answers. Of several that fail the same one is always named.
    let connected = tokio::join!(
        connect(&accounts_log, &args, &codec, "identity"),
        connect(&following_log, &args, &codec, "identity"),
        connect(&security_log, &args, &codec, "identity"),
        connect(&posts_log, &args, &codec, "publishing"),
    );
    connected.0.and(connected.1).and(connected.2).and(connected.3)?;

    let verifier = web::Data::new(args.token.verifier());
    let (deadline, proxies) = (Deadline(args.command_deadline), Proxies(args.identity.proxies));
    let (accounts, following, posts) = (accounts_log.clone(), following_log.clone(), posts_log.clone());
    let logs = [
        accounts_log.as_ref().map(beginning::behind),
        following_log.as_ref().map(beginning::behind),
        security_log.as_ref().map(beginning::behind),
        posts_log.as_ref().map(beginning::behind),
    ];
    let gate = beginning::gate(Beginning::of(logs.into_iter().flatten().collect()));
    let (routes, ended) = (Routes { accounts, following, posts, people }, web::Data::new(ended));
    let answering = server::serve(http, args.http.http_workers, shutdown, move |config| {
        config.app_data(verifier.clone()).app_data(ended.clone()).app_data(deadline).app_data(proxies);
        config.app_data(gate.clone());
        health.configure(config);
        openapi::configure(config);
        routes.configure(config);
    });
    answering.await?;
    background.iter().for_each(JoinHandle::abort);
    tokio::try_join!(close(accounts_log), close(following_log), close(security_log), close(posts_log))?;
    bus_shutdown.request();
    bus.await?.context("answering forwarded commands")?;
    tracing::info!("closed");
    Ok(())
}

/// The routes of those parts that this process has.
#[derive(Clone)]
struct Routes {
    accounts: Option<Arc<EventLog<Accounts>>>,
    following: Option<Arc<EventLog<Following>>>,
    posts: Option<Arc<EventLog<Posts>>>,
    people: Option<Arc<Identity>>,
}

impl Routes {
    fn configure(&self, config: &mut web::ServiceConfig) {
        // Paths are tried in this order: what is asked most comes first.
        if let Some(log) = &self.posts {
            config.app_data(web::Data::new(Arc::clone(log)));
            routes::configure(&posts::routes(), config);
        }
        if let Some(log) = &self.accounts {
            config.app_data(web::Data::new(Arc::clone(log)));
        }
        if let Some(log) = &self.following {
            config.app_data(web::Data::new(Arc::clone(log)));
        }
        if let Some(people) = &self.people {
            config.app_data(web::Data::from(Arc::clone(people)));
            routes::configure(&[accounts::routes(), following::routes(), identity::routes()].concat(), config);
        }
    }
}

/// What people log in with, and what goes on beside it.
fn people(
    logs: (Arc<EventLog<Accounts>>, Arc<EventLog<Following>>),
    args: &ServiceArgs,
    vault: &Vault,
    ended: &RevokedSessions,
    background: &mut Vec<JoinHandle<()>>,
) -> anyhow::Result<Arc<Identity>> {
    let identity = args.identity.identity(logs, vault.clone(), ended.clone(), &args.token.names, exports(args))?;
    let identity = Arc::new(identity);
    background.push(tokio::spawn(sweeping::sweep(Arc::clone(&identity))));
    match args.identity.mailer() {
        Some(mailer) => background.push(tokio::spawn(mailer.run(vault.clone()))),
        None => tracing::warn!("INKLOG_MAIL is not set: letters wait in the vault"),
    }
    Ok(identity)
}

fn exports(args: &ServiceArgs) -> Exports {
    let kafka = &args.broker.kafka;
    Exports::new(SubscriptionConfig {
        brokers: kafka.kafka_brokers.clone(),
        registry_url: kafka.registry_url.clone(),
        topic_prefix: kafka.topic_prefix.clone(),
        contexts: CONTEXTS.iter().map(ToString::to_string).collect(),
        partitions: kafka.partitions,
        max_batch: 1,
    })
}

fn open<C: Decider>(args: &ServiceArgs, address: &str, forward: &Arc<Forwarder>, health: &Health) -> Arc<EventLog<C>> {
    let limits = Limits { waiting: args.max_waiting, ..Limits::default() };
    let forward = Arc::clone(forward) as Arc<dyn Forward<C>>;
    let log = EventLog::new(args.broker.kafka.partitions, address, limits, forward);
    let seen = Arc::downgrade(&log);
    health.check(&format!("log of {}", C::NAME), move || {
        let unready = seen.upgrade().map(|log| log.unready());
        async move {
            match unready {
                Some(unready) if unready.is_empty() => Ok(()),
                Some(unready) => Err(format!("partitions {unready:?} are not read to the end yet, or have no leader")),
                None => Err("closing".to_owned()),
            }
        }
    });
    log
}

async fn connect<C: Decider>(
    log: &Option<Arc<EventLog<C>>>,
    args: &ServiceArgs,
    codec: &Codec,
    service: &str,
) -> anyhow::Result<()> {
    let Some(log) = log else { return Ok(()) };
    let config = args.broker.config();
    kafka::connect(log, &config, codec, service, PATIENCE)
        .await
        .with_context(|| format!("opening the log of {}", C::NAME))
}

async fn close<C: Decider>(log: Option<Arc<EventLog<C>>>) -> anyhow::Result<()> {
    let Some(log) = log else { return Ok(()) };
    // Handing the partitions over blocks on their owners' threads.
    tokio::task::spawn_blocking(move || log.close()).await.context("closing the log")
}
