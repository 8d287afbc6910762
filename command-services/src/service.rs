//! Putting a process together.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Context as _;
use event_log::KnownLogs;
use event_log::codec::Codec;
use event_log::kafka::KafkaConfig;
use event_log::partition::Limits;
use event_log::registry::Registry;
use service_kit::auth::RevokedSessions;
use service_kit::health::Health;
use service_kit::quota::Quotas;
use service_kit::server::Listeners;
use service_kit::{Route, Shutdown, routes, server};
use tokio::runtime::Handle;

use crate::SERVICES;
use crate::args::ServiceArgs;
use crate::bus::{Bus, Forwarder};
use crate::catch_up::CatchUp;
use crate::commands::Deadline;
use crate::identity::revoked_sessions;
use crate::identity::vault::Vault;
use crate::logs::{Log, Logs};
use crate::moved::Moved;
use crate::openapi;
use crate::part::{Forget, Opener, Part, Process};
use crate::services::{self, Parts};

/// How long the broker is waited for at the start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much longer than a command has the command bus may take to end: one whose peer died was seen to end never (crash
/// lab, seed 9202).
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// Runs these services until `shutdown` is requested.
///
/// # Errors
/// An address is taken, or the log cannot be used.
pub async fn run(services: &[Parts], args: ServiceArgs, shutdown: Shutdown) -> anyhow::Result<()> {
    // Not passed over: all callers would be of one network.
    anyhow::ensure!(
        std::env::var_os("INKLOG_PROXIES").is_none(),
        "INKLOG_PROXIES is no more: say in INKLOG_TRUSTED_PROXIES which addresses the proxies have"
    );
    let http = server::bind(args.http.listen, args.http.metrics_listen)?;
    let grpc = tokio::net::TcpListener::bind(args.grpc_listen)
        .await
        .with_context(|| format!("listening on {} (INKLOG_GRPC_LISTEN)", args.grpc_listen))?;
    if args.bus_secret.is_none() && !args.grpc_listen.ip().is_loopback() {
        // A caller that reaches this address speaks for any actor.
        anyhow::bail!("INKLOG_BUS_SECRET is needed where INKLOG_GRPC_LISTEN is not a loopback address");
    }
    let parts: Vec<Part> = services.iter().flat_map(|(_, parts)| *parts).copied().collect();
    let health = Health::new(shutdown.clone());
    let kafka = args.broker.current(PATIENCE).await?;
    let logs = services::open(opener(&args, &kafka), services);
    logs.members().for_each(|log| check(&health, log));
    let mut process = start(&args, &kafka, &logs, &parts)?;
    let moved = Moved::watch(&mut process, &shutdown);

    // Forwarded commands are answered for as long as this instance may lead anything, which begins while it connects.
    let bus_shutdown = Shutdown::new();
    let bus = logs.members().fold(Bus::new(args.bus_secret.clone()), |bus, log| bus.with(log.context(), log.clone()));
    let bus = tokio::spawn(bus.serve(grpc, bus_shutdown.clone(), args.command_deadline + LAST_ANSWERS));
    let codec = Codec::new(Registry::new(&args.broker.kafka.registry_url)?);
    let known: Arc<dyn KnownLogs> = Arc::new(process.vault.clone());
    logs.connect(&kafka, &codec, &known).await?;

    answer(http, &process, health, parts.iter().flat_map(|part| (part.routes)()).collect(), shutdown).await?;
    process.end_background();
    logs.close().await?;
    bus_shutdown.request();
    bus.await?.context("answering forwarded commands")?;
    moved.explain()?;
    tracing::info!("closed");
    Ok(())
}

/// What opens the logs of this process.
fn opener(args: &ServiceArgs, kafka: &KafkaConfig) -> Opener {
    Opener {
        service: None,
        kafka: kafka.clone(),
        address: args.grpc_advertise.clone().unwrap_or_else(|| format!("http://{}", args.grpc_listen)),
        limits: Limits { waiting: args.max_waiting, ..Limits::default() },
        forwarder: Arc::new(Forwarder::new(Handle::current(), args.bus_secret.clone())),
    }
}

/// Starts the parts, and what every process does.
fn start(args: &ServiceArgs, kafka: &KafkaConfig, logs: &Logs, parts: &[Part]) -> anyhow::Result<Process> {
    let (vault, revoked) = (Vault::new(&args.postgres)?, RevokedSessions::default());
    let forgets: Vec<Forget> = SERVICES.iter().flat_map(|(_, parts)| *parts).filter_map(|part| part.forget).collect();
    let mut process = Process::new(args.clone(), kafka.clone(), logs.clone(), vault.clone(), revoked.clone(), forgets);
    process.spawn(async move { revoked_sessions::follow(vault, revoked).await });
    parts.iter().try_for_each(|part| (part.start)(&mut process))?;
    Ok(process)
}

/// Answers HTTP until `shutdown` is requested.
async fn answer(
    http: Listeners,
    process: &Process,
    health: Health,
    routes: Vec<Route>,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    let args = &process.args;
    let (verifier, revoked) = (web::Data::new(args.token.verifier()), web::Data::new(process.revoked.clone()));
    let (deadline, proxies) = (Deadline(args.command_deadline), args.trusted_proxies.clone());
    let quotas = Quotas::new(args.quota_factor, args.quota_exempt.iter().copied());
    let (gate, data) = (CatchUp::of(process.logs.clone()).gate(), process.data());
    let answering = server::serve(http, args.http.http_workers, shutdown, move |config| {
        config.app_data(verifier.clone()).app_data(revoked.clone()).app_data(deadline).app_data(proxies.clone());
        config.app_data(gate.clone()).app_data(quotas.clone());
        health.configure(config);
        openapi::configure(config);
        data(config);
        routes::configure(&routes, config);
    });
    Ok(answering.await?)
}

/// Makes a log's readiness that of the process.
fn check(health: &Health, log: &Arc<dyn Log>) {
    let seen = Arc::downgrade(log);
    health.check(&format!("log of {}", log.context()), move || {
        let unready = seen.upgrade().map(|log| log.unready());
        async move {
            match unready {
                Some(unready) if unready.is_empty() => Ok(()),
                Some(unready) => {
                    let partition = |(number, why)| format!("partition {number}: {why}");
                    Err(unready.into_iter().map(partition).collect::<Vec<_>>().join("; "))
                }
                None => Err("closing".to_owned()),
            }
        }
    });
}
