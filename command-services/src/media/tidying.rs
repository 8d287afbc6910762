//! Makes the object store agree with the log: what is stored and is no item's is deleted. So is all that was deleted,
//! was swept or ended with its owner's account, and what a process had stored that died before it could say so. The log
//! decides. What is no item's in one round may be that of an upload under way; what still is none in the next, a
//! quarter of an hour later by a clock that no setting changes, is not.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ::media::store::{Listed, Object, Store};
use anyhow::Context as _;
use domain::media::Media;
use event_log::EventLog;
use futures::StreamExt as _;
use tokio::time::{sleep, timeout};

use crate::freshness::{TO_THE_END, can_deny};

/// Between rounds: longer than all deadlines of an upload, once it is stored, and of its command together.
const ROUND: Duration = Duration::from_secs(15 * 60);
/// For the next entries of the list.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many are remembered from one round to the next; further ones are found by later rounds.
const MOST: usize = 50_000;

/// Tidies up, round after round.
pub(super) async fn run(store: Store, log: Arc<EventLog<Media>>) {
    let mut before = BTreeSet::new();
    loop {
        sleep(ROUND).await;
        match round(&store, &log, &before).await {
            Ok(found) => before = found,
            Err(error) => tracing::info!(%error, "the object store is not tidied up now"),
        }
    }
}

/// A round: deletes what was no item's in the round before either, and gives what is none now. What is deleted cannot
/// be taken back, so before the first of it all is read that is in the log by then.
async fn round(store: &Store, log: &EventLog<Media>, before: &BTreeSet<Object>) -> anyhow::Result<BTreeSet<Object>> {
    let (mut listed, mut found, mut deleted, mut is_read) = (store.list(), BTreeSet::new(), 0_u64, false);
    loop {
        let next = timeout(PATIENCE, listed.next()).await;
        let Some(listed) = next.context("the list does not go on")? else { break };
        let Listed { object: Some(object), .. } = listed? else { continue };
        if !is_no_items(&object, log) {
            continue;
        }
        if before.contains(&object) {
            if !is_read {
                log.read_to_the_end(TO_THE_END).await?;
                is_read = true;
            }
            if !is_no_items(&object, log) {
                continue;
            }
            store.delete_one(&object).await?;
            deleted += 1;
        } else if found.len() < MOST {
            found.insert(object);
        }
    }
    if deleted > 0 {
        tracing::info!(deleted, "objects that were no item's were deleted");
    }
    Ok(found)
}

/// Whether no item is stored there, as far as this instance can say that.
fn is_no_items(object: &Object, log: &EventLog<Media>) -> bool {
    let confirmed = log.confirmed(&object.item.id());
    can_deny(log).is_ok()
        && confirmed.is_ok_and(|(_, state)| state.0.is_none_or(|stored| stored.upload_id != object.upload_id))
}

#[cfg(test)]
mod tests;
