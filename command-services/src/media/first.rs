//! The first picture or file makes an empty folder the store, by putting a marker into it. That it is the first the log
//! says: where anything was ever brought, an empty folder is what a disk is mounted on that is not there.

use ::media::store::{Store, StoreError};
use domain::media::Media;
use event_log::EventLog;
use service_kit::Problem;
use tokio::time::Instant;

use super::replies::unstored;
use crate::freshness::{can_deny, read_to_the_end, stale};

/// Makes the folder the store, if it is none yet and this is the first that is brought.
///
/// # Errors
/// 503: it is none, and something was brought before; or this instance cannot say by `until`. 507: it is full.
pub(super) async fn made_ready(store: &Store, log: &EventLog<Media>, until: Instant) -> Result<(), Problem> {
    match store.is_there().await {
        Err(StoreError::Unmarked) => {}
        // Whatever else is the matter, who stores is told.
        Ok(()) | Err(_) => return Ok(()),
    }
    can_deny(log)?;
    read_to_the_end(log, until).await?;
    let is_first = !log.has_aggregates().map_err(stale)?;
    let adopted = if is_first { store.adopt_empty().await } else { Err(StoreError::Unmarked) };
    match adopted {
        // Another was the first meanwhile.
        Err(StoreError::Unmarked) => store.is_there().await.map_err(unstored),
        outcome => outcome.map_err(unstored),
    }
}

/// Says at the start where the store is none.
pub(super) async fn looked_at(store: Store) {
    match store.is_there().await {
        Ok(()) => {}
        Err(StoreError::Unmarked) => {
            tracing::info!("the folder of INKLOG_MEDIA_STORE has no marker: nothing was ever stored, or it is another");
        }
        Err(error) => tracing::warn!(%error, "pictures and files can be neither stored nor read"),
    }
}

#[cfg(test)]
mod tests;
