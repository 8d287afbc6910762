//! Which topic each context is in (docs/topics.md): those that got more partitions went on in another one.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::Value;

use super::{Topic, topics};
use crate::site::Site;

/// Where contexts are, and where they were.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) present: Vec<Topic>,
    pub(super) former: Vec<Topic>,
}

pub(super) async fn of(site: &Site) -> anyhow::Result<Layout> {
    let mut layout = Layout::default();
    let mut present: BTreeMap<String, Topic> = BTreeMap::new();
    let (brokers, prefix) = (site.stack.kafka.kafka_brokers.clone(), site.prefix.clone());
    let names = tokio::task::spawn_blocking(move || testkit::topics::all(&brokers, &prefix)).await??;
    let first = |name: &String| {
        let context = name.strip_prefix(&format!("{}.", site.prefix))?.strip_suffix(".v1")?.to_owned();
        Some((context.clone(), Topic { context, name: name.clone(), partitions: site.stack.kafka.partitions }))
    };
    present.extend(names.iter().filter_map(first));
    let versions = format!("{}.versions", site.prefix);
    if names.contains(&versions) {
        for record in topics::values(site, &versions).await? {
            let switch: Value = serde_json::from_slice(&record).context("reading where the contexts are")?;
            let text = |name: &str| switch[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
            let topic = present.get_mut(&text("context")?).context("a context that has no topic")?;
            // Of two attempts at once the first counts.
            if topic.name == text("from")? {
                let partitions = switch["partitions"].as_i64().context("no partitions")?.try_into()?;
                let next = Topic { context: topic.context.clone(), name: text("to")?, partitions };
                layout.former.push(std::mem::replace(topic, next));
            }
        }
    }
    layout.present = present.into_values().collect();
    Ok(layout)
}
