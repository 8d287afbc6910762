//! What a broken projector does: see [`event_log::sabotage`]. In this crate's own tests the thread chooses.

use std::time::Duration;

use sqlx::{Connection, PgConnection};

use super::positions;
use crate::work::Work;

/// Long enough for a crash to fall into.
const APART: Duration = Duration::from_millis(20);

/// Whether positions are committed before their rows.
#[cfg(not(test))]
#[inline]
pub(super) fn positions_apart() -> bool {
    event_log::sabotage::on(event_log::sabotage::Sabotage::PositionsApart)
}

#[cfg(test)]
pub(super) fn positions_apart() -> bool {
    tests::POSITIONS_APART.get()
}

/// Commits the positions alone, the rows to follow.
pub(super) async fn advance_apart(
    connection: &mut PgConnection,
    projector: &str,
    work: &Work,
) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin().await?;
    positions::advance(&mut tx, projector, work).await?;
    tx.commit().await?;
    tokio::time::sleep(APART).await;
    Ok(())
}

#[cfg(test)]
mod tests;
