//! Finishes what a crash left half done, and forgets what is over.

use std::sync::Arc;
use std::time::Duration;

use domain::Actor;
use domain::accounts::{Accounts, Change, Command as AccountCommand, Unique};
use domain::security::Note;
use service_kit::Problem;
use tokio::time::Instant;

use super::Identity;
use super::report::report;
use super::vault::people::Person;
use crate::commands::{Caller, Command, Decided};
use crate::reservations::release;

/// Between sweeps.
const PAUSE: Duration = Duration::from_secs(5);
/// All but erasures is swept once in so many sweeps.
const NOW_AND_THEN: u64 = 12;
/// The vault is compared with the log, and who was erased lately is looked after, once in so many sweeps: an hour.
const SELDOM: u64 = 720;
/// For all steps of what is done in an account's name.
const DEADLINE: Duration = Duration::from_secs(20);
/// Between looks whether the log has been read.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// Sweeps for as long as the process lives.
pub async fn sweep(identity: Arc<Identity>) {
    for round in 0_u64.. {
        // Before the log has been read no account can be said not to be registered.
        while !identity.log.unready().is_empty() {
            tokio::time::sleep(SHORT_PAUSE).await;
        }
        if let Err(problem) = identity.sweep(round).await {
            tracing::info!(%problem, "the vault was not swept");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Identity {
    /// Sweeps for the `round`th time: what a person waits for each time, the rest now and then.
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
        for person in self.vault.unconfirmed(self.unconfirmed_email_kept.as_secs_f64()).await? {
            // One that cannot be finished now does not hold the others up.
            if let Err(problem) = self.give_up_email(&person).await {
                tracing::info!(%problem, account_id = %person.account_id, "an address is not given up yet");
            }
        }
        if round.is_multiple_of(SELDOM) {
            self.forget_again().await?;
            self.forget_late_comers().await?;
        }
        self.vault.sweep().await
    }

    /// A row that was written before its account's event: is the event there?
    async fn settle(&self, person: &Person) -> Result<(), Problem> {
        match self.account(person.account_id)? {
            Some(account) => self.vault.settle(person.account_id, account.user_name.as_str()).await,
            // The command's time is over: nothing will come of it any more, and a caller who repeats it writes the row
            // again.
            None => self.vault.abandon(person.account_id).await,
        }
    }

    /// An address that is not confirmed for long may be another person's: the account gives it up. Each step
    /// can be repeated, by any instance, and the vault forgets the address last: what a crash leaves is done by the
    /// next sweep.
    async fn give_up_email(&self, person: &Person) -> Result<(), Problem> {
        let account_id = person.account_id;
        let Some(account) = self.account(account_id)? else { return Ok(()) };
        if account.email_verified {
            return self.vault.confirmed(account_id).await;
        }
        let email = person.email.parse().map_err(|_| Problem::internal("an address in the vault is none"))?;
        let email_key = self.email_key.email(&email);
        let (key, deadline) = (format!("give-up-{email_key}"), Instant::now() + DEADLINE);
        let caller = Caller::in_the_name_of(Actor::new(account_id), &key, deadline);
        let command: Command<'_, Accounts> =
            caller.command(&self.log, account_id.to_string(), &("give up", &email_key));
        let change = Change::GiveUpEmail { email_key: email_key.clone() };
        match command.execute(AccountCommand::Change { account_id, change }, None).await? {
            Decided::Accepted(accepted) => {
                release(&command, &Unique::Email(email_key), account_id).await?;
                self.vault.email_given_up(account_id, &person.email).await?;
                if accepted.receipt.changed {
                    report(Note::EmailGivenUp, Some(account_id), None);
                }
                Ok(())
            }
            // It was confirmed a moment ago, or the person is being forgotten: the next sweep sees which.
            Decided::Refused(_) => Ok(()),
        }
    }
}
