//! Comparing rebuilt lists with the live ones, page by page.

use std::collections::HashMap;

use redis::AsyncCommands;

use super::{compare_feeds, pages};
use crate::lists::{Followed, Keys, Listed, RedisStore, Set};
use crate::projector::Failed;

/// Rows per page.
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
        if !pages::is_equal(store, &one, &other).await? {
            return Ok(Some(one));
        }
    }
    for (tag, _) in pages::all(store, &live.tags()).await? {
        if !pages::is_equal(store, &live.tag(&tag), &new.tag(&tag)).await? {
            return Ok(Some(live.tag(&tag)));
        }
    }
    compare_rows(store, live, new).await
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
