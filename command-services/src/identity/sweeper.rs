//! Finishes what a crash left half done, and forgets what is over. Each kind of it has a deadline of its own, and none
//! holds the others up: what is left, the next sweep goes on with.

use std::sync::Arc;
use std::time::Duration;

use domain::Actor;
use domain::accounts::{Accounts, Change, Command as AccountCommand, ProfileChanged, Rejection, Unique};
use domain::security::Note;
use event_log::Refusal;
use service_kit::Problem;
use tokio::time::Instant;
use uuid::Uuid;

use super::Identity;
use super::report::report;
use super::vault::people::Person;
use crate::commands::{Caller, Command, Decided, Executes};
use crate::reservations::{keep, release};

/// Between sweeps.
const PAUSE: Duration = Duration::from_secs(5);
/// All but erasures is swept once in so many sweeps.
const NOW_AND_THEN: u64 = 12;
/// The vault is compared with the log once in so many sweeps: an hour.
const SELDOM: u64 = 720;
/// For all steps of what is done in an account's name.
const DEADLINE: Duration = Duration::from_secs(20);
/// For one kind of what is swept.
const KIND: Duration = Duration::from_secs(60);
/// For one kind of what is swept seldom.
const LONG: Duration = Duration::from_secs(600);
/// Between looks whether the log has been read.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// Sweeps for as long as the process lives.
pub async fn sweep(identity: Arc<Identity>) {
    for round in 0_u64.. {
        // Before the log has been read no account can be said not to be registered.
        while !identity.log.unready().is_empty() {
            tokio::time::sleep(SHORT_PAUSE).await;
        }
        identity.sweep(round).await;
        tokio::time::sleep(PAUSE).await;
    }
}

impl Identity {
    /// Sweeps for the `round`th time: what a person waits for each time, the rest now and then.
    pub async fn sweep(&self, round: u64) {
        within(KIND, "erasures", self.finish_erasures()).await;
        within(KIND, "what erased accounts leave elsewhere", self.forget_late_comers()).await;
        if !round.is_multiple_of(NOW_AND_THEN) {
            return;
        }
        within(KIND, "registrations", self.settle_registrations()).await;
        within(KIND, "addresses that were proven", self.tell_all_proven()).await;
        within(KIND, "unconfirmed addresses", self.give_up_emails()).await;
        if round.is_multiple_of(SELDOM) {
            within(LONG, "what the vault should not have", self.forget_again()).await;
        }
        within(KIND, "what is over", self.vault.sweep()).await;
    }

    async fn settle_registrations(&self) -> Result<(), Problem> {
        let mut after = Uuid::nil();
        loop {
            let unsettled = self.vault.unsettled(after).await?;
            let Some(last) = unsettled.last() else { return Ok(()) };
            after = last.account_id;
            for person in unsettled {
                // One whose partition is away does not hold the others up.
                if let Err(problem) = self.settle(&person).await {
                    tracing::info!(%problem, account_id = %person.account_id, "a registration is not settled yet");
                }
            }
        }
    }

    /// A row that was written before its account's event: is the event there?
    async fn settle(&self, person: &Person) -> Result<(), Problem> {
        let account_id = person.account_id;
        if let Some(account) = self.account(account_id)? {
            return self.vault.settle(account_id, account.user_name.as_str()).await;
        }
        match is_registered(&*self.log, account_id).await? {
            // This instance has yet to read it: the next sweep settles it.
            true => Ok(()),
            false => self.vault.abandon(account_id).await,
        }
    }

    async fn tell_all_proven(&self) -> Result<(), Problem> {
        for person in self.vault.proven().await? {
            let email = person.email.parse().map_err(|_| Problem::internal("an address in the vault is none"))?;
            // One that cannot be told now does not hold the others up.
            if let Err(problem) = self.tell_proven(person.account_id, &email, Instant::now() + DEADLINE).await {
                tracing::info!(%problem, account_id = %person.account_id, "that an address was confirmed is not told");
            }
        }
        Ok(())
    }

    async fn give_up_emails(&self) -> Result<(), Problem> {
        for person in self.vault.unconfirmed(self.unconfirmed_email_kept.as_secs_f64()).await? {
            // One that cannot be finished now does not hold the others up.
            if let Err(problem) = self.give_up_email(&person).await {
                tracing::info!(%problem, account_id = %person.account_id, "an address is not given up yet");
            }
        }
        Ok(())
    }

    /// An address that is not confirmed for long may be another person's: the account gives it up. Each step
    /// can be repeated, by any instance, and the vault forgets the address last: what a crash leaves is done by the
    /// next sweep.
    async fn give_up_email(&self, person: &Person) -> Result<(), Problem> {
        let account_id = person.account_id;
        let Some((version, account)) = self.seen(account_id)? else { return Ok(()) };
        if account.email_verified {
            return self.vault.confirmed(account_id).await;
        }
        let email = person.email.parse().map_err(|_| Problem::internal("an address in the vault is none"))?;
        let email_key = self.email_key.email(&email);
        // An account can have an address twice, and what was refused once may be right later: what was decided of an
        // earlier version is not the answer.
        let (key, deadline) = (format!("give-up-{email_key}/{version}"), Instant::now() + DEADLINE);
        let caller = Caller::in_the_name_of(Actor::new(account_id), &key, deadline);
        let command: Command<'_, Accounts> =
            caller.command(&self.log, account_id.to_string(), &("give up", &email_key));
        let change = Change::GiveUpEmail { email_key: email_key.clone() };
        let value = Unique::Email(email_key);
        keep(&command, &value, account_id).await?;
        match command.execute(AccountCommand::Change { account_id, change }, None).await? {
            Decided::Accepted(accepted) => {
                release(&command, &value, account_id).await?;
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

/// Does a part of the sweep, however it ends.
async fn within(deadline: Duration, what: &str, work: impl Future<Output = Result<(), Problem>>) {
    match tokio::time::timeout(deadline, work).await {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => tracing::info!(what, %problem, "not swept; the next sweep goes on"),
        Err(_) => tracing::info!(what, "not swept to the end; the next sweep goes on"),
    }
}

/// Whether there is an account, or will be, whose command to register it can no longer be begun. Its leader says so,
/// and not what this instance has read: behind all that was on its way to the log, however long the broker takes.
async fn is_registered(log: &dyn Executes<Accounts>, account_id: Uuid) -> Result<bool, Problem> {
    // A key of its own, for the answer may be another each time.
    let key = format!("is-registered/{}", Uuid::now_v7());
    let caller = Caller::in_the_name_of(Actor::new(account_id), &key, Instant::now() + DEADLINE);
    let command = caller.command_over::<Accounts>(log, account_id.to_string(), &"is registered");
    // Of an account that is there it changes nothing.
    let change = Change::Profile(ProfileChanged::default());
    let decided = command.execute(AccountCommand::Change { account_id, change }, None).await?;
    Ok(match decided {
        Decided::Refused(Refusal::Rejected { rejection: Rejection::NotFound | Rejection::Erased, .. }) => false,
        Decided::Refused(_) | Decided::Accepted(_) => true,
    })
}

#[cfg(test)]
mod tests;
