//! Accounts: who writes, and who they are. This page is the context whole: states, commands, rejections, decide,
//! evolve; what can be done to an account that is there is in `change.rs`, and what is decided of it in `account.rs`.

mod account;
mod change;
mod event;
mod preferences;

pub use account::Account;
pub use change::Change;
pub use event::{
    Deactivated, EmailChanged, EmailGivenUp, EmailVerified, Erased, Event, ProfileChanged, Reactivated, Registered,
    RoleGranted, RoleRevoked, UserNameChanged,
};
pub use preferences::{
    Chosen, EmailDigest, Patch, PostsPerPage, Preferences, PreferencesChange, PreferencesChanged, Theme, Visibility,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::personal::Open;
use crate::reservations::{self, LEASE_MS, Lease, Reservation, Reserves as _};
use crate::values::{EmailKey, Invalid, UserName};
use crate::{Decider, DecisionContext};

/// The context `accounts`: accounts, keyed by their id, and reservations of user names and e-mail addresses, keyed by
/// `user-name:<name>` and `email:<HMAC>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accounts;

/// How long a user name that was given up is kept from others, in milliseconds: what leads to it has time to change.
pub const USER_NAME_KEPT_MS: i64 = 30 * 86_400_000;

crate::reservations::unique_values! {
    /// What an account bears that no other may.
    enum Unique of Accounts in "inklog.accounts" borne by Account {
        /// A user name.
        UserName(UserName) {
            prefix: "user-name:", canonical: UserName::canonical, borne: Account::bears_name,
            events: UserNameClaimed, UserNameConfirmed, UserNameReleased after USER_NAME_KEPT_MS,
        }
        /// An e-mail address, by its key.
        Email(EmailKey) {
            prefix: "email:", canonical: EmailKey::to_string, borne: Account::bears_email,
            events: EmailClaimed, EmailConfirmed, EmailReleased after LEASE_MS,
        }
    }
}

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// An account.
    Account(Account),
    /// The reservation of a unique value.
    Reservation(UniqueKind, Reservation),
}

/// What can be asked of an aggregate of this context. `account_id` says whose account it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Make the account be as given: register it if there is none, change the profile where it differs if there is.
    Put {
        /// Whose.
        account_id: Uuid,
        /// The profile as it should be.
        profile: Registered,
        /// Whether to change a profile that differs.
        overwrite: bool,
        /// The reservation of the user name.
        lease: Lease,
    },
    /// Register an account that logs in.
    Register {
        /// Whose.
        account_id: Uuid,
        /// The profile, with the address's key.
        profile: Registered,
        /// The reservation of the user name.
        lease: Lease,
        /// The reservation of the address.
        email_lease: Lease,
    },
    /// Something that is done to an account that is there.
    Change {
        /// Whose.
        account_id: Uuid,
        /// What.
        change: Change,
    },
    /// Something about a unique value.
    Reservation(reservations::Command<Unique>),
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Only its owner, or an actor with a role that includes this, may do this.
    #[error("only the account's owner may do this")]
    NotTheOwner,
    /// An account of this id exists and differs.
    #[error("the account exists and differs; say which version you saw")]
    Differs,
    /// The account is deactivated.
    #[error("the account is deactivated")]
    Deactivated,
    /// The person was forgotten; nothing happens to the account any more.
    #[error("the account was erased")]
    Erased,
    /// The user name does not change this way.
    #[error("the user name of an account cannot be changed this way")]
    UserNameIsFixed,
    /// The owner was shown to answer to the address.
    #[error("the account's owner was shown to answer to the address")]
    Verified,
    /// Something about a unique value or its reservation.
    #[error(transparent)]
    Reservation(#[from] reservations::Rejection),
}

impl Decider for Accounts {
    const NAME: &'static str = "accounts";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        command.permit(&context.actor)?;
        match (state, command) {
            (_, Command::Reservation(command)) => {
                Ok(reservations::decide(&Self::aggregate(state), command, context)?.map(Event::Reservation))
            }
            (State::Nothing, Command::Put { profile, lease, .. }) => account::register(profile, &[*lease], context),
            (State::Nothing, Command::Register { profile, lease, email_lease, .. }) => {
                account::register(profile, &[*lease, *email_lease], context)
            }
            (State::Nothing, Command::Change { .. }) => Err(Rejection::NotFound),
            (State::Account(account), Command::Put { profile, overwrite, .. }) => account.put(profile, *overwrite),
            (State::Account(account), Command::Register { profile, .. }) => account.registered_so(profile),
            (State::Account(account), Command::Change { change, .. }) => account.change(change, context),
            (State::Reservation(..), _) => reservations::wrong_aggregate(),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Registered(registered)) => State::Account(Account::new(registered)),
            (_, Event::Reservation(event)) => event.into(),
            (State::Account(account), event) => State::Account(account.after(event)),
            (state @ (State::Nothing | State::Reservation(..)), _) => state,
        }
    }

    fn rests_on_clocks(command: &Command) -> bool {
        command.rests_on_clocks()
    }

    fn receipt(state: &State) -> Option<String> {
        match state {
            State::Nothing => None,
            State::Account(account) => Some(account.user_name.to_string()),
            State::Reservation(_, reservation) => reservation.receipt(),
        }
    }

    fn concerns(event: &Event) -> Vec<Uuid> {
        event.holder().into_iter().collect()
    }

    fn sealed_for(aggregate_id: &str, event: &Event) -> Option<Uuid> {
        event.is_sealed().then(|| aggregate_id.parse().ok()).flatten()
    }

    fn open(event: &mut Event, open: &mut Open<'_>) -> Result<(), Invalid> {
        event.open(open)
    }

    fn erases(aggregate_id: &str, event: &Event) -> Option<Uuid> {
        matches!(event, Event::Erased(_)).then(|| aggregate_id.parse().ok()).flatten()
    }
}

#[cfg(test)]
mod any;
#[cfg(test)]
mod tests;
