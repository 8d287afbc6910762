use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgNotification, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;

use super::Progress;
use super::announcement::Announcement;
use super::known::{Known, PROJECTOR};
use super::parked::{self, Parked};
use crate::database::options;

const CHANNEL: &str = "inklog_positions";
/// After so long without a word the connection is tried: a peer that vanished says nothing either.
const SILENCE: Duration = Duration::from_secs(10);
/// An answer to that takes no longer.
const ANSWER: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Readers with a position wait for it.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

impl Progress {
    /// Follows the announcements for ever, over one connection of its own.
    pub(crate) async fn follow(&self, database_url: &str) {
        let mut pause = FIRST_PAUSE;
        loop {
            let outcome = self.listen(database_url, &mut pause).await;
            self.hearing.store(false, Ordering::Release);
            if let Err(error) = outcome {
                tracing::warn!(%error, retry_ms = pause.as_millis(), "not hearing how far the read models are");
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Listens until the connection is lost. Listening begins before the table is read, so nothing falls between.
    async fn listen(&self, database_url: &str, pause: &mut Duration) -> anyhow::Result<()> {
        let options = options(database_url)?;
        // Where no server answers, the listener's pool would try again by itself, less and less often: so a connection
        // is tried first.
        let answering = timeout(ANSWER, PgConnection::connect_with(&options)).await??;
        timeout(ANSWER, answering.close()).await??;
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ANSWER);
        let mut listener = PgListener::connect_with(&pool.connect_lazy_with(options)).await?;
        listener.eager_reconnect(false);
        timeout(ANSWER, listener.listen_all([CHANNEL, parked::CHANNEL])).await??;
        self.refresh(&mut listener).await?;
        self.hearing.store(true, Ordering::Release);
        *pause = FIRST_PAUSE;
        loop {
            match timeout(SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(notification))) => self.take_in(notification, &mut listener).await?,
                Ok(Ok(None)) => anyhow::bail!("the connection was closed"),
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => self.refresh(&mut listener).await?,
            }
        }
    }

    /// Takes in what has arrived. What is parked is read before any position is believed that may have passed it, and
    /// once for all that arrived meanwhile.
    async fn take_in(&self, first: PgNotification, listener: &mut PgListener) -> anyhow::Result<()> {
        let mut arrived = vec![first];
        while arrived.iter().any(|notification| notification.channel() == parked::CHANNEL) {
            self.reread_parked(listener).await?;
            arrived.retain(|notification| notification.channel() != parked::CHANNEL);
            arrived.extend(std::iter::from_fn(|| listener.next_buffered()));
        }
        arrived.iter().for_each(|notification| self.heard(notification.payload()));
        Ok(())
    }

    async fn reread_parked(&self, listener: &mut PgListener) -> anyhow::Result<()> {
        let parked = timeout(ANSWER, Parked::read(&mut *listener)).await??;
        measures::queries::PARKED.set(parked.count() as f64);
        self.parked.send_replace(Arc::new(parked));
        Ok(())
    }

    async fn refresh(&self, listener: &mut PgListener) -> anyhow::Result<()> {
        let known = timeout(ANSWER, Known::read(&mut *listener)).await??;
        self.reread_parked(listener).await?;
        self.known.send_if_modified(|old| {
            let news = *old != known;
            *old = known;
            news
        });
        Ok(())
    }

    pub(super) fn heard(&self, payload: &str) {
        match serde_json::from_str::<Announcement>(payload) {
            Ok(Announcement { projector, positions }) if projector == PROJECTOR => self.known.send_modify(|known| {
                for position in positions {
                    known.announce(position);
                }
            }),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "an announcement of positions cannot be read"),
        }
    }
}
