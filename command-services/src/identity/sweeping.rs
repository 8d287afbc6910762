//! Finishes what a crash left half done, and forgets what is over.

use std::sync::Arc;
use std::time::Duration;

use service_kit::Problem;

use super::Identity;
use super::vault::people::Person;

/// Between sweeps.
const PAUSE: Duration = Duration::from_secs(5);
/// All but erasures is swept once in so many sweeps.
const NOW_AND_THEN: u64 = 12;
/// The vault is compared with the log once in so many sweeps.
const SELDOM: u64 = 720;
/// Between looks whether the log has been read.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// Sweeps for as long as the process lives.
pub async fn sweep(identity: Arc<Identity>) {
    for round in 0_u64.. {
        // Before the log has been read nobody can be said not to have registered.
        while !identity.log.unowned().is_empty() {
            tokio::time::sleep(SHORT_PAUSE).await;
        }
        if let Err(problem) = identity.sweep(round).await {
            tracing::info!(%problem, "the vault was not swept");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Identity {
    /// Sweeps for the `round`th time: what somebody waits for each time, the rest now and then.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn sweep(&self, round: u64) -> Result<(), Problem> {
        self.finish_erasures().await?;
        if !round.is_multiple_of(NOW_AND_THEN) {
            return Ok(());
        }
        for person in self.vault.unsettled().await? {
            self.settle(&person).await?;
        }
        if round.is_multiple_of(SELDOM) {
            self.forget_again().await?;
        }
        self.vault.sweep().await
    }

    /// A row that was written before its account's event: is the event there?
    async fn settle(&self, person: &Person) -> Result<(), Problem> {
        match self.account(person.account_id) {
            Some(account) => self.vault.settle(person.account_id, account.user_name.as_str()).await,
            // The command's time is over: nothing will come of it any more, and whoever repeats it writes the row again.
            None => self.vault.abandon(person.account_id).await,
        }
    }
}
