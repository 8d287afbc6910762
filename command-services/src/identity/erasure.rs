//! Forgetting an account: `DELETE /v1/me`, and `DELETE /v1/accounts/{id}` for admins.
//!
//! The order is: noted in the vault, sessions ended, `Erased`, address given up, all that the vault holds deleted, the
//! data key first of all; then what ends with the account in other contexts. Once it is noted it will be done: each
//! step can be repeated, and the sweeper repeats them until all that the vault holds is deleted. The log knows who was
//! forgotten, so a vault that was restored from an older backup forgets them again.
//!
//! That all has ended in the other contexts is a mark of its own. What cannot be ended there, for a post cannot be read
//! or a partition is away, holds up neither the data key's end nor anything else, and is tried until it can be. What is
//! accepted of the account after that, for a token is believed for a while, is removed by later sweeps.
//!
//! The user name stays taken for ever: no other account can pose as the one that is gone.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use domain::accounts::{Account, Accounts, Change, Command as AccountCommand, State, Unique};
use domain::security::Note;
use domain::{Actor, Role};
use event_log::Refusal;
use futures::future::join_all;
use service_kit::position::POSITION;
use service_kit::{Access, Problem, Route, routes};
use tokio::time::Instant;
use uuid::Uuid;

use super::reauthentication::{Reauthenticated, ShowAgain};
use super::report::report;
use super::vault::erasures::Erasure;
use super::vault::lock::changed_meanwhile;
use super::{Identity, Shared};
use crate::commands::{Caller, Command, Decided};
use crate::freshness::{can_deny, stale};
use crate::part::first_failure;
use crate::reply::Accepted;
use crate::reservations::{keep, release};

/// For all steps, where no caller waits for them.
const DEADLINE: Duration = Duration::from_secs(20);

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes! {
        Access::Account => erase_me;
        Access::AtLeast(Role::Admin) => erase_account;
    }
}

/// Forgets the caller: all sessions end, and what is personal cannot be read any more. Nothing undoes it.
/// Posts stay, under an author who is shown as deleted; the user name stays taken.
#[utoipa::path(delete, path = "/v1/me", tag = "accounts", request_body = ShowAgain,
    responses((status = 202, description = "It is noted and will be done: something is away at the moment."),
        (status = 204, description = "It is done.",
            headers(("Inklog-Position" = String, description = "Where in the log it is noted.")))))]
pub async fn erase_me(
    shown: Reauthenticated<ShowAgain>,
    caller: Caller,
    identity: Shared,
) -> Result<HttpResponse, Problem> {
    let account_id = shown.account_id;
    let hash = Some(shown.person.password_hash.as_str());
    identity.erase_for(Erasure { account_id, requested_by: account_id }, hash, &caller).await
}

/// Forgets another account: see `DELETE /v1/me`.
#[utoipa::path(delete, path = "/v1/accounts/{id}", tag = "accounts", params(("id" = Uuid, Path)),
    responses((status = 202, description = "It is noted and will be done: something is away at the moment."),
        (status = 204, description = "It is done.",
            headers(("Inklog-Position" = String, description = "Where in the log it is noted.")))))]
pub async fn erase_account(caller: Caller, identity: Shared, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    can_deny(&identity.log)?;
    identity.known(*id)?.ok_or_else(|| Problem::not_found("there is no such account"))?;
    identity.erase_for(Erasure { account_id: *id, requested_by: caller.actor.id }, None, &caller).await
}

impl Identity {
    async fn erase_for(&self, erasure: Erasure, shown: Option<&str>, caller: &Caller) -> Result<HttpResponse, Problem> {
        // A note whose answer was lost is there, and will be done.
        let begun = self.vault.begin_erasure(erasure, shown).await;
        let ended = begun.map_err(|_| Problem::outcome_unknown(&caller.key))?.ok_or_else(changed_meanwhile)?;
        self.forget_sessions(&ended);
        match self.finish_erasure(erasure, caller.deadline).await {
            Ok(erased) => {
                let mut reply = HttpResponse::NoContent();
                if let Some(position) = erased.position() {
                    reply.insert_header((POSITION, position));
                }
                Ok(reply.finish())
            }
            Err(problem) => {
                tracing::info!(%problem, account_id = %erasure.account_id, "an erasure is left to the sweeper");
                Ok(HttpResponse::Accepted().finish())
            }
        }
    }

    /// All steps but the first; each can be repeated.
    async fn finish_erasure(&self, erasure: Erasure, deadline: Instant) -> Result<Accepted, Problem> {
        let Erasure { account_id, requested_by } = erasure;
        let actor = Actor::new(requested_by);
        let actor = if requested_by == account_id { actor } else { actor.with(Role::Admin) };
        let caller = Caller::in_the_name_of(actor, "erasure", deadline);
        let command: Command<'_, Accounts> = caller.command(&self.log, account_id.to_string(), &"erase");
        let erase = AccountCommand::Change { account_id, change: Change::Erase };
        let bears = |account: &Account| !account.erased && !account.email_key.is_none();
        if let Some(account) = self.known(account_id)?.filter(bears) {
            keep(&command, &Unique::Email(account.email_key), account_id).await?;
        }
        let erased = match command.execute(erase, None).await? {
            Decided::Accepted(accepted) => accepted,
            Decided::Refused(refusal) => return Err(not_erased(&refusal)),
        };
        let account = self.known(account_id)?.ok_or_else(|| Problem::moving(1))?;
        if !account.email_key.is_none() {
            release(&command, &Unique::Email(account.email_key.clone()), account_id).await?;
        }
        let counted = self.counted(account_id).await?;
        let ended = self.vault.forget(account_id, &counted).await?;
        self.forget_sessions(&ended);
        if erased.receipt.changed {
            report(Note::Erased, Some(account_id), None);
        }
        self.forget_elsewhere(account_id, deadline).await?;
        Ok(erased)
    }

    /// Ends what ends with the account in other contexts, and notes that it did. What cannot be ended holds up nothing
    /// else that can. Each time under a key of its own: what was removed once and is there again must be removed again,
    /// and not answered with the first outcome.
    async fn forget_elsewhere(&self, account_id: Uuid, deadline: Instant) -> Result<(), Problem> {
        let key = format!("erasure/{}", Uuid::now_v7());
        let owner = Caller::in_the_name_of(Actor::new(account_id), &key, deadline);
        let copies = self.forget_copies(account_id, deadline).await;
        let ending = self.forgets.iter().map(|forget| forget(&self.logs, &owner, account_id));
        let mut outcomes = join_all(ending).await;
        outcomes.push(copies);
        first_failure(outcomes)?;
        self.vault.ended_elsewhere(account_id).await
    }

    /// What attempts on the account were counted by, as far as that can be told.
    async fn counted(&self, account_id: Uuid) -> Result<Vec<Vec<u8>>, Problem> {
        let person = self.vault.person(account_id).await?;
        let email = person.and_then(|person| person.email.parse().ok());
        Ok(self.throttle.counted_of(account_id, email.as_ref()))
    }

    /// An account as far as this instance has read, be it erased or not.
    ///
    /// # Errors
    /// What was read is not fresh.
    pub(super) fn known(&self, id: Uuid) -> Result<Option<Account>, Problem> {
        Ok(match self.log.confirmed(&id.to_string()).map_err(stale)?.1 {
            State::Account(account) => Some(account),
            State::Nothing | State::Reservation(..) => None,
        })
    }

    /// Finishes what was left.
    pub(super) async fn finish_erasures(&self) -> Result<(), Problem> {
        while let Some(erasure) = self.vault.next_unfinished().await? {
            // One that cannot be finished now does not hold the others up.
            if let Err(problem) = self.finish_erasure(erasure, Instant::now() + DEADLINE).await {
                tracing::warn!(%problem, account_id = %erasure.account_id, "an erasure is not finished yet");
            }
        }
        Ok(())
    }

    /// Ends what has not ended in other contexts yet, and again what has, of those erased lately: a request that was
    /// under way meanwhile, or whose token another instance still believed, may have been accepted after the account's
    /// aggregates were looked for.
    pub(super) async fn forget_late_comers(&self) -> Result<(), Problem> {
        while let Some(account_id) = self.vault.next_to_look_after().await? {
            // One that cannot be looked after now does not hold the others up.
            if let Err(problem) = self.forget_elsewhere(account_id, Instant::now() + DEADLINE).await {
                tracing::warn!(%problem, %account_id, "what is an erased account's has not ended everywhere yet");
            }
        }
        Ok(())
    }

    /// Forgets again whom the log knows to be forgotten and the vault holds something of: it was restored from a
    /// backup.
    pub(super) async fn forget_again(&self) -> Result<(), Problem> {
        let mut after = Uuid::nil();
        loop {
            let held = self.vault.held_after(after).await?;
            let Some(last) = held.last() else { return Ok(()) };
            after = *last;
            for account_id in held {
                if self.known(account_id)?.is_some_and(|account| account.erased) {
                    tracing::warn!(%account_id, "the vault holds something of an account that was forgotten");
                    self.vault.begin_erasure(Erasure { account_id, requested_by: account_id }, None).await?;
                    self.vault.forget(account_id, &[]).await?;
                }
            }
        }
    }
}

fn not_erased(refusal: &Refusal<Accounts>) -> Problem {
    Problem::internal(format!("an erasure was refused: {refusal:?}"))
}
