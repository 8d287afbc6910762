//! Accounts: who writes, and who they are. This page is the context whole: states, commands, rejections, decide,
//! evolve; what is decided of an account alone is in `account.rs`.

mod account;
mod event;
mod preferences;

pub use account::Account;
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
use crate::reservations::{self, Lease, Reservation};
use crate::values::{EmailKey, Invalid, UserName};
use crate::{Decider, DecisionContext, Role};

/// The context `accounts`: accounts, keyed by their id, and reservations of user names and e-mail addresses, keyed by
/// `user-name:<name>` and `email:<HMAC>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accounts;

/// The aggregate id of the reservation of a user name.
#[must_use]
pub fn user_name_reservation_id(name: &UserName) -> String {
    format!("user-name:{}", name.canonical())
}

/// The aggregate id of the reservation of an e-mail address.
#[must_use]
pub fn email_reservation_id(key: &EmailKey) -> String {
    format!("email:{key}")
}

/// How long a user name that was given up is kept from others, in milliseconds: what leads to it has time to change.
pub const USER_NAME_KEPT_MS: i64 = 30 * 86_400_000;

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// An account.
    Account(Account),
    /// The reservation of a user name.
    UserName(Reservation),
    /// The reservation of an e-mail address.
    Email(Reservation),
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
    /// Say whether the account bears the user name: nothing if so, else a rejection.
    Vouch {
        /// The name.
        user_name: UserName,
    },
    /// Say whether the account bears the e-mail address: nothing if so, else a rejection.
    VouchEmail {
        /// The address's key.
        email_key: EmailKey,
    },
    /// Something about the reservation of a user name.
    UserName(reservations::Command),
    /// Something about the reservation of an e-mail address.
    Email(reservations::Command),
}

/// What can be done to an account that is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Change some of the profile's fields.
    Profile(ProfileChanged),
    /// Change some preferences.
    Preferences(Box<PreferencesChange>),
    /// Bear another user name.
    UserName {
        /// The name.
        user_name: UserName,
        /// The reservation of it.
        lease: Lease,
    },
    /// Bear another e-mail address, to which somebody has been shown to answer.
    Email {
        /// The address's key.
        email_key: EmailKey,
        /// The reservation of it.
        lease: Lease,
    },
    /// The owner was shown to answer to the e-mail address.
    VerifyEmail {
        /// The address's key.
        email_key: EmailKey,
    },
    /// Have no e-mail address any more, for nobody was shown to answer to it.
    GiveUpEmail {
        /// The address's key.
        email_key: EmailKey,
    },
    /// Allow the account a role.
    GrantRole(Role),
    /// Take a role away.
    RevokeRole(Role),
    /// Neither log in nor write any more.
    Deactivate,
    /// Undo that.
    Reactivate,
    /// Forget the person. Nothing undoes that.
    Erase,
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Only its owner, or somebody with a role that includes this, may do this.
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
    /// The reservation of the user name or the address expired before the account could bear it.
    #[error("the reservation expired; try again")]
    LeaseExpired,
    /// The owner was shown to answer to the address.
    #[error("the account's owner was shown to answer to the address")]
    Verified,
    /// The account does not bear the user name or the address.
    #[error("the account does not bear this")]
    DoesNotBear,
    /// Something about the reservation of a user name.
    #[error(transparent)]
    UserName(#[from] reservations::Rejection),
    /// Something about the reservation of an e-mail address.
    #[error("the e-mail address: {0}")]
    Email(reservations::Rejection),
    /// A command on an account was sent to a reservation, or the other way round.
    #[error("the id is not of an aggregate that takes this command")]
    WrongAggregate,
}

impl Decider for Accounts {
    const NAME: &'static str = "accounts";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        match command {
            Command::UserName(command) => match state {
                State::Nothing => on_user_name(&Reservation::Free, command, context),
                State::UserName(reservation) => on_user_name(reservation, command, context),
                State::Account(_) | State::Email(_) => Err(Rejection::WrongAggregate),
            },
            Command::Email(command) => match state {
                State::Nothing => on_email(&Reservation::Free, command, context),
                State::Email(reservation) => on_email(reservation, command, context),
                State::Account(_) | State::UserName(_) => Err(Rejection::WrongAggregate),
            },
            Command::Vouch { user_name } => vouch(state, |account| account.bears_name(user_name)),
            Command::VouchEmail { email_key } => vouch(state, |account| account.bears_email(email_key)),
            Command::Put { account_id, profile, overwrite, lease } => {
                permit(context.actor.may_write_as(*account_id))?;
                match state {
                    State::Nothing => register(profile, &[*lease], context),
                    State::Account(account) => account.put(profile, *overwrite),
                    State::UserName(_) | State::Email(_) => Err(Rejection::WrongAggregate),
                }
            }
            Command::Register { account_id, profile, lease, email_lease } => {
                permit(context.actor.may_manage(*account_id))?;
                match state {
                    State::Nothing => register(profile, &[*lease, *email_lease], context),
                    State::Account(account) => account.registered_so(profile),
                    State::UserName(_) | State::Email(_) => Err(Rejection::WrongAggregate),
                }
            }
            Command::Change { account_id, change } => {
                permit(may_change(change, *account_id, context))?;
                match state {
                    State::Nothing => Err(Rejection::NotFound),
                    State::Account(account) => account.change(change, context),
                    State::UserName(_) | State::Email(_) => Err(Rejection::WrongAggregate),
                }
            }
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match event {
            Event::Registered(registered) => State::Account(Account::new(registered)),
            Event::UserNameClaimed(reserved) => {
                State::UserName(reservations::evolve(&reservations::Event::Reserved(reserved.clone())))
            }
            Event::UserNameConfirmed(held) => {
                State::UserName(reservations::evolve(&reservations::Event::Confirmed(held.clone())))
            }
            Event::UserNameReleased(reserved) => {
                State::UserName(reservations::evolve(&reservations::Event::Released(reserved.clone())))
            }
            Event::EmailClaimed(reserved) => {
                State::Email(reservations::evolve(&reservations::Event::Reserved(reserved.clone())))
            }
            Event::EmailConfirmed(held) => {
                State::Email(reservations::evolve(&reservations::Event::Confirmed(held.clone())))
            }
            Event::EmailReleased(reserved) => {
                State::Email(reservations::evolve(&reservations::Event::Released(reserved.clone())))
            }
            Event::ProfileChanged(_)
            | Event::UserNameChanged(_)
            | Event::EmailVerified(_)
            | Event::EmailChanged(_)
            | Event::EmailGivenUp(_)
            | Event::RoleGranted(_)
            | Event::RoleRevoked(_)
            | Event::Deactivated(_)
            | Event::Reactivated(_)
            | Event::Erased(_)
            | Event::PreferencesChanged(_) => match state {
                State::Account(account) => State::Account(account.after(event)),
                State::Nothing | State::UserName(_) | State::Email(_) => state,
            },
        }
    }

    fn receipt(state: &State) -> Option<String> {
        match state {
            State::Nothing => None,
            State::Account(account) => Some(account.user_name.to_string()),
            State::UserName(reservation) | State::Email(reservation) => reservation.receipt(),
        }
    }

    fn concerns(event: &Event) -> Option<Uuid> {
        event.holder()
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

fn permit(allowed: bool) -> Result<(), Rejection> {
    if allowed { Ok(()) } else { Err(Rejection::NotTheOwner) }
}

/// Who may do what: editors write profiles, owners and admins the rest, and only admins give roles and undo what
/// was done to an account.
fn may_change(change: &Change, account_id: Uuid, context: &DecisionContext) -> bool {
    match change {
        Change::Profile(_) => context.actor.may_write_as(account_id),
        Change::Preferences(_)
        | Change::UserName { .. }
        | Change::Email { .. }
        | Change::VerifyEmail { .. }
        | Change::GiveUpEmail { .. }
        | Change::Deactivate
        | Change::Erase => context.actor.may_manage(account_id),
        Change::GrantRole(_) | Change::RevokeRole(_) | Change::Reactivate => context.actor.is_at_least(Role::Admin),
    }
}

fn register(profile: &Registered, leases: &[Lease], context: &DecisionContext) -> Result<Option<Event>, Rejection> {
    if leases.iter().all(|lease| lease.may_act(context.now)) {
        Ok(Some(Event::Registered(profile.clone())))
    } else {
        Err(Rejection::LeaseExpired)
    }
}

fn vouch(state: &State, bears: impl FnOnce(&Account) -> bool) -> Result<Option<Event>, Rejection> {
    match state {
        State::Account(account) if bears(account) => Ok(None),
        State::Nothing | State::Account(_) => Err(Rejection::DoesNotBear),
        State::UserName(_) | State::Email(_) => Err(Rejection::WrongAggregate),
    }
}

fn on_user_name(
    reservation: &Reservation,
    command: &reservations::Command,
    context: &DecisionContext,
) -> Result<Option<Event>, Rejection> {
    Ok(reservations::decide(reservation, command, context)?.map(|event| match event {
        reservations::Event::Reserved(reserved) => Event::UserNameClaimed(reserved),
        reservations::Event::Confirmed(held) => Event::UserNameConfirmed(held),
        reservations::Event::Released(reserved) => Event::UserNameReleased(reserved),
    }))
}

fn on_email(
    reservation: &Reservation,
    command: &reservations::Command,
    context: &DecisionContext,
) -> Result<Option<Event>, Rejection> {
    let decided = reservations::decide(reservation, command, context).map_err(Rejection::Email)?;
    Ok(decided.map(|event| match event {
        reservations::Event::Reserved(reserved) => Event::EmailClaimed(reserved),
        reservations::Event::Confirmed(held) => Event::EmailConfirmed(held),
        reservations::Event::Released(reserved) => Event::EmailReleased(reserved),
    }))
}

#[cfg(test)]
mod tests;
