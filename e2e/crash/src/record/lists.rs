use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use redis::AsyncCommands as _;
use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};

use super::Ends;
use crate::site::Site;

async fn connect(site: &Site) -> anyhow::Result<MultiplexedConnection> {
    let client = redis::Client::open(site.stack.redis.redis_url.expose().as_str())?;
    client.get_multiplexed_async_connection().await.context("connecting to Redis")
}

fn key(site: &Site, name: &str) -> String {
    format!("{}:lists:{name}", site.prefix)
}

/// How far a projector has read that writes to Redis.
pub(super) async fn positions(site: &Site, projector: &str) -> anyhow::Result<Ends> {
    let key = format!("{}:{projector}:positions", site.prefix);
    let stored: HashMap<String, String> = connect(site).await?.hgetall(key).await?;
    let mut positions = Ends::new();
    for (place, json) in stored {
        let (context, partition) = place.split_once('/').context("a position is of a context and a partition")?;
        let position: Value = serde_json::from_str(&json)?;
        let next = position["next_offset"].as_i64().context("a position has an offset")?;
        positions.insert((context.to_owned(), partition.parse()?), next);
    }
    Ok(positions)
}

/// Every list, entry by entry.
pub(super) async fn rows(site: &Site) -> anyhow::Result<BTreeMap<String, Vec<Value>>> {
    let mut redis = connect(site).await?;
    let posts: HashMap<String, String> = redis.hgetall(key(site, "posts")).await?;
    let posts: Result<Vec<Value>, _> = posts.values().map(|json| serde_json::from_str(json)).collect();
    let newest = sorted(&mut redis, &key(site, "newest")).await?;
    let newest = newest.into_iter().map(|(id, at)| json!({"post_id": id, "at": at})).collect();
    let tags = sorted(&mut redis, &key(site, "tags")).await?;
    let tags = tags.into_iter().map(|(tag, posts)| json!({"tag": tag, "posts": posts})).collect();
    let prefix = key(site, "tag:");
    let mut tagged = Vec::new();
    let keys: Vec<String> = redis.keys(format!("{prefix}*")).await?;
    for key in keys {
        let tag = key.strip_prefix(&prefix).unwrap_or_default().to_owned();
        let entries = sorted(&mut redis, &key).await?;
        tagged.extend(entries.into_iter().map(|(id, at)| json!({"tag": tag, "post_id": id, "at": at})));
    }
    let mut all_parked = Vec::new();
    for projector in ["lists", "feeds"] {
        let parked: HashMap<String, String> = redis.hgetall(format!("{}:{projector}:parked", site.prefix)).await?;
        let parked = parked.into_iter();
        all_parked.extend(parked.map(|(place, json)| json!({"projector": projector, "place": place, "event": json})));
    }
    Ok(BTreeMap::from([
        ("lists.posts".to_owned(), posts?),
        ("lists.newest".to_owned(), newest),
        ("lists.tags".to_owned(), tags),
        ("lists.tag".to_owned(), tagged),
        ("parked_events".to_owned(), all_parked),
    ]))
}

/// A sorted set; its scores are whole numbers.
async fn sorted(redis: &mut MultiplexedConnection, key: &str) -> anyhow::Result<Vec<(String, i64)>> {
    let entries: Vec<(String, f64)> = redis.zrange_withscores(key, 0, -1).await?;
    Ok(entries.into_iter().map(|(member, score)| (member, score as i64)).collect())
}
