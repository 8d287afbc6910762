//! Comparing rebuilt lists with the live ones, page by page.

use std::collections::HashMap;

use redis::AsyncCommands;

use super::compare_feeds;
use crate::lists::{Followed, Keys, Listed, RedisStore, Set};
use crate::projector::Failed;

/// Members per page.
const PAGE: isize = 5_000;

/// A set of which a rebuilt one can be compared with the live one.
pub trait Compared: Set {
    /// The first thing that differs, if anything does.
    fn compare(
        store: &mut RedisStore,
        live: &Keys,
        new: &Keys,
    ) -> impl Future<Output = Result<Option<String>, Failed>> + Send;
}

impl Compared for Listed {
    async fn compare(store: &mut RedisStore, live: &Keys, new: &Keys) -> Result<Option<String>, Failed> {
        compare(store, live, new).await
    }
}

impl Compared for Followed {
    async fn compare(store: &mut RedisStore, live: &Keys, new: &Keys) -> Result<Option<String>, Failed> {
        let difference = compare_rows(store, live, new).await?;
        if difference.is_some() { Ok(difference) } else { compare_feeds::compare(store, live, new).await }
    }
}

async fn compare(store: &mut RedisStore, live: &Keys, new: &Keys) -> Result<Option<String>, Failed> {
    for (one, other) in [(live.newest(), new.newest()), (live.tags(), new.tags())] {
        if let Some(difference) = compare_sorted(store, &one, &other).await? {
            return Ok(Some(difference));
        }
    }
    let tags: Vec<String> = store.ask(async |connection| connection.zrange(live.tags(), 0, -1).await).await?;
    for tag in tags {
        if let Some(difference) = compare_sorted(store, &live.tag(&tag), &new.tag(&tag)).await? {
            return Ok(Some(difference));
        }
    }
    compare_rows(store, live, new).await
}

async fn compare_sorted(store: &mut RedisStore, live: &str, new: &str) -> Result<Option<String>, Failed> {
    for page in 0.. {
        let (from, to) = (page * PAGE, (page + 1) * PAGE - 1);
        let one: Vec<(String, f64)> =
            store.ask(async |connection| connection.zrange_withscores(live, from, to).await).await?;
        let other: Vec<(String, f64)> =
            store.ask(async |connection| connection.zrange_withscores(new, from, to).await).await?;
        if one != other {
            return Ok(Some(live.to_owned()));
        }
        if one.is_empty() {
            break;
        }
    }
    Ok(None)
}

async fn compare_rows(store: &mut RedisStore, live: &Keys, new: &Keys) -> Result<Option<String>, Failed> {
    if store.count(live).await? != store.count(new).await? {
        return Ok(Some(live.posts()));
    }
    let mut cursor: u64 = 0;
    loop {
        let (next, page): (u64, HashMap<String, String>) = store
            .ask(async |connection| {
                redis::cmd("HSCAN").arg(live.posts()).arg(cursor).arg("COUNT").arg(PAGE).query_async(connection).await
            })
            .await?;
        let ids: Vec<&String> = page.keys().collect();
        if !ids.is_empty() {
            let rows: Vec<Option<String>> =
                store.ask(async |connection| connection.hmget(new.posts(), &ids).await).await?;
            let differing = ids.iter().zip(rows).find(|(id, row)| page.get(**id) != row.as_ref());
            if let Some((id, _)) = differing {
                return Ok(Some(format!("{} {id}", live.posts())));
            }
        }
        if next == 0 {
            return Ok(None);
        }
        cursor = next;
    }
}
