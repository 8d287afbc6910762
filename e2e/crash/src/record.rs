//! What is left when the clients have gone: the topics, the tables, the lists. Read by plain clients, which share no
//! code with the services.

mod avro;
mod layout;
mod lists;
mod sealed;
mod tables;
mod topics;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::Context;
use checker::history::{Call, Partition};
use serde_json::Value;
use service_kit::times;

use crate::site::Site;

/// How long the projectors may take to read to the end.
const CATCH_UP: Duration = Duration::from_secs(60);

/// The lists are looked at once a second: after so long they are not whole any more, or are filled again, if Redis
/// lost a key.
const LOOK: Duration = Duration::from_secs(3);

/// How long it may take until all are forgotten who are to be, and have waited for something that was away.
const FORGETTING: Duration = Duration::from_secs(60);

/// How long after its time something that happens by itself may take, however it went before.
const BY_ITSELF_MS: i64 = 8_000;

/// By context and partition, the offset that is next.
type Ends = BTreeMap<(String, i32), i64>;

/// A topic with the events of a context.
#[derive(Clone, Debug)]
struct Topic {
    context: String,
    name: String,
    /// Those that are ours.
    partitions: i32,
}

/// Waits until all has happened that clients had planned: what happens by itself while the rest is recorded would be in
/// the rows and not in the log.
pub async fn all_has_come(calls: &[Call]) {
    // What else has a time to come, such as a preview link, makes nothing happen when that comes.
    let field = |call: &Call| match call.kind.as_str() {
        "posts.schedule" => Some("release_at"),
        "posts.expire" => Some("expires_at"),
        _ => None,
    };
    let planned = calls.iter().filter_map(|call| call.arguments.get(field(call)?)?.as_i64());
    let until = planned.max().map_or(0, |latest| latest + BY_ITSELF_MS);
    let left_ms = u64::try_from(until - times::now().0).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(left_ms)).await;
}

/// Waits until every projector has read to the end of the log.
///
/// # Errors
/// One does not in time.
pub async fn caught_up(site: &Site) -> anyhow::Result<()> {
    tokio::time::sleep(LOOK).await;
    let ends = topics::ends(site, &layout::of(site).await?.present).await?;
    let until = Instant::now() + CATCH_UP;
    loop {
        let mut behind = Vec::new();
        for projector in ["lists", "feeds"] {
            behind.extend(self::behind(projector, &ends, &lists::positions(site, projector).await?));
        }
        for projector in ["content", "account-index-2"] {
            behind.extend(self::behind(projector, &ends, &tables::positions(site, projector).await?));
        }
        if behind.is_empty() {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < until, "projectors do not read to the end: {behind:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Where a projector is behind, in the contexts of which it reads: those of its positions.
fn behind(projector: &str, ends: &Ends, positions: &Ends) -> Vec<String> {
    if positions.is_empty() {
        return vec![format!("{projector} has read nothing yet")];
    }
    let contexts: BTreeSet<&str> = positions.keys().map(|(context, _)| context.as_str()).collect();
    let is_behind = |((context, partition), end): (&(String, i32), &i64)| {
        let at = positions.get(&(context.clone(), *partition)).copied().unwrap_or(0);
        (at < *end).then(|| format!("{projector} is at {at} of {end} in {context}/{partition}"))
    };
    ends.iter().filter(|((context, _), _)| contexts.contains(context.as_str())).filter_map(is_behind).collect()
}

/// Waits until all are forgotten who are to be: what was begun is finished by the instances that are there.
///
/// # Errors
/// A person is not forgotten in time.
pub async fn forgotten(site: &Site) -> anyhow::Result<()> {
    let until = Instant::now() + FORGETTING;
    loop {
        let left = tables::to_be_forgotten(site).await?;
        if left == 0 {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < until, "{left} people are to be forgotten and are not");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Every record of every topic that a context is in, and of every topic that one was in before.
///
/// # Errors
/// The broker or the registry does not answer.
pub async fn log(site: &Site) -> anyhow::Result<(Vec<Partition>, Vec<Partition>)> {
    let (mut all, mut former) = (Vec::new(), Vec::new());
    let layout = layout::of(site).await?;
    for (topics, partitions) in [(&layout.present, &mut all), (&layout.former, &mut former)] {
        for topic in topics {
            let read = topics::read(site, topic).await;
            partitions.extend(read.with_context(|| format!("reading {}", topic.name))?);
        }
    }
    Ok((all, former))
}

/// Every row of every read model.
///
/// # Errors
/// Postgres or Redis does not answer.
pub async fn views(site: &Site) -> anyhow::Result<BTreeMap<String, Vec<Value>>> {
    let mut views = tables::rows(site).await?;
    for (name, rows) in lists::rows(site).await? {
        views.entry(name).or_default().extend(rows);
    }
    Ok(views)
}
