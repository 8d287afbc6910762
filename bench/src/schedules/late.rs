//! How late what was due was carried out, by the log.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context as _;
use service_kit::times;
use testkit::Log;
use testkit::log::Seen;

use super::planned::Plan;
use crate::latency::Latencies;
use crate::site::Site;

/// How late each was.
pub(super) struct Late {
    /// Posts that were released.
    pub(super) released: Latencies,
    /// Files that were swept.
    pub(super) swept: Latencies,
}

/// Reads it from the topics.
///
/// # Errors
/// Something was carried out too early.
pub(super) async fn read(site: &Site, plan: &Plan, grace_ms: i64) -> anyhow::Result<Late> {
    let environment = site.environment()?;
    let brokers = environment.iter().find(|(name, _)| name == "INKLOG_KAFKA_BROKERS");
    let (_, brokers) = brokers.context("the environment names the brokers")?;
    let (posts, media) =
        (Log::read(brokers, &site.topic("posts")).await, Log::read(brokers, &site.topic("media")).await);
    let due = plan.posts.iter().zip(0..).map(|(id, place)| (id.to_string(), plan.at(place).0)).collect();
    let released = of(&posts, "inklog.posts.Published", &due)?;
    let brought = media.events().filter(|event| event.kind() == "inklog.media.Uploaded");
    let due = brought.map(|event| Ok((event.key.clone(), happened(event)? + grace_ms)));
    let swept = of(&media, "inklog.media.Swept", &due.collect::<anyhow::Result<_>>()?)?;
    Ok(Late { released, swept })
}

/// How late events of this kind happened, of those aggregates for which it is known when they were due.
fn of(log: &Log, kind: &str, due: &HashMap<String, i64>) -> anyhow::Result<Latencies> {
    let mut late = Latencies::new();
    for event in log.events().filter(|event| event.kind() == kind) {
        if let Some(due) = due.get(&event.key) {
            let by_ms = happened(event)? - due;
            anyhow::ensure!(by_ms >= 0, "{kind} of {} came {} ms early", event.key, -by_ms);
            late.record(Duration::from_millis(u64::try_from(by_ms)?));
        }
    }
    Ok(late)
}

fn happened(event: &Seen) -> anyhow::Result<i64> {
    Ok(times::parse(event.header("ce_time"))?.0)
}
