//! More partitions for a context, by hand.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use event_log::KnownLogs;
use event_log::kafka::repartition::{Report, repartition};
use event_log::registry::Registry;

use crate::cli::RepartitionArgs;
use crate::identity::vault::Vault;

/// How long the broker is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Copies a context into a topic with more partitions, and says what was done.
///
/// # Errors
/// See [`repartition`].
pub async fn run(args: &RepartitionArgs) -> anyhow::Result<ExitCode> {
    let RepartitionArgs { context, wanted, broker, postgres } = args;
    let config = broker.current(PATIENCE).await?;
    let registry = Registry::new(&broker.kafka.registry_url)?;
    let known: Arc<dyn KnownLogs> = Arc::new(Vault::new(postgres)?);
    match repartition(&config, &registry, &known, context, *wanted).await? {
        Some(report) => say(&report),
        None => println!("{context} has {wanted} partitions already, in {}", config.topic(context)),
    }
    Ok(ExitCode::SUCCESS)
}

fn say(report: &Report) {
    let Report { from, to, partitions, events, aggregates, void, copied_in, sealed_for, left_over } = report;
    println!("{to}: {partitions} partitions, {events} events of {aggregates} aggregates, the same as in {from}");
    println!("left out: {void} records that do not count");
    let per_second = *events as f64 / copied_in.as_secs_f64().max(f64::EPSILON);
    println!("copied in {:.1} s: {per_second:.0} events/s", copied_in.as_secs_f64());
    println!("no commands for {:.1} s", sealed_for.as_secs_f64());
    for topic in left_over {
        println!("{topic} is what an attempt left that did not come to its end: delete it");
    }
    println!("now: start the services again, stop the projectors, `projection-services rebuild all --new-log`");
}
