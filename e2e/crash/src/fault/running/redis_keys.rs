//! What Redis loses.

use anyhow::Context as _;
use redis::AsyncCommands as _;
use redis::aio::MultiplexedConnection;

use crate::fault::Loss;
use crate::system::System;

async fn connect(system: &System) -> anyhow::Result<MultiplexedConnection> {
    let client = redis::Client::open(system.site.stack.redis.redis_url.expose().as_str())?;
    client.get_multiplexed_async_connection().await.context("connecting to Redis")
}

/// As an operator who types FLUSHALL does.
pub(super) async fn empty(system: &System) -> anyhow::Result<()> {
    redis::cmd("FLUSHALL").query_async::<()>(&mut connect(system).await?).await.context("emptying Redis")
}

/// As an operator who types DEL does, or Redis itself where it may evict: the others go on being read and written.
pub(super) async fn lose(system: &System, loss: Loss) -> anyhow::Result<()> {
    let mut redis = connect(system).await?;
    let mut keys: Vec<String> = redis.keys(format!("{}:*", system.site.prefix)).await.context("listing the keys")?;
    keys.sort_unstable();
    if let Loss::One(place) = loss
        && !keys.is_empty()
    {
        keys = vec![keys.swap_remove(place % keys.len())];
    }
    for key in keys {
        redis.del::<_, ()>(&key).await.with_context(|| format!("deleting {key}"))?;
    }
    Ok(())
}
