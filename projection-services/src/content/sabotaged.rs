//! What a broken projector does: see [`event_log::sabotage`].

use std::time::Duration;

use sqlx::{Connection, PgConnection};

use super::positions;
use crate::work::Work;

/// Long enough for a crash to fall into.
const APART: Duration = Duration::from_millis(20);

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
