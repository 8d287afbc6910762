//! Sorted sets in Redis, read page by page: no answer is longer than a page, however long the set is.

use redis::AsyncCommands;

use crate::lists::RedisStore;
use crate::projector::Failed;

/// Members per page.
const PAGE: isize = 5_000;

/// A page of the members of a set, with their scores; an empty one is past the last.
async fn page(store: &mut RedisStore, key: &str, number: isize) -> Result<Vec<(String, f64)>, Failed> {
    let (from, to) = (number * PAGE, (number + 1) * PAGE - 1);
    store.ask(async |connection| connection.zrange_withscores(key, from, to).await).await
}

/// Whether two sets have the same members with the same scores.
pub(super) async fn is_equal(store: &mut RedisStore, one: &str, other: &str) -> Result<bool, Failed> {
    for number in 0.. {
        let members = page(store, one, number).await?;
        if members != page(store, other, number).await? {
            return Ok(false);
        }
        if members.is_empty() {
            break;
        }
    }
    Ok(true)
}

/// All members of a set, with their scores.
pub(super) async fn all(store: &mut RedisStore, key: &str) -> Result<Vec<(String, f64)>, Failed> {
    let mut members = Vec::new();
    for number in 0.. {
        let page = page(store, key, number).await?;
        if page.is_empty() {
            break;
        }
        members.extend(page);
    }
    Ok(members)
}
