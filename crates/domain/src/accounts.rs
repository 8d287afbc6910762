//! Accounts: who writes. This page is the aggregate whole: state, commands, rejections, decide, evolve.

mod event;

pub use event::{Event, ProfileChanged, Registered};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::claims::{self, Claim, Grant};
use crate::values::UserName;
use crate::{Context, Deciding, Digest};

/// The context `accounts`: accounts, keyed by their id, and claims on user names, keyed by `user-name:<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accounts;

/// The aggregate id of the claim on a user name.
#[must_use]
pub fn user_name_claim_id(name: &UserName) -> String {
    format!("user-name:{}", name.canonical())
}

/// An aggregate of this context.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum State {
    /// Nothing has happened to it.
    #[default]
    Nothing,
    /// An account.
    Account(Account),
    /// The claim on a user name.
    UserName(Claim),
}

/// What a decision needs to know of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its user name.
    pub user_name: UserName,
    display_name: Digest,
    bio: Digest,
    image_url: Digest,
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
        /// The claim on the user name.
        grant: Grant,
    },
    /// Change some of the profile's fields.
    ChangeProfile {
        /// Whose.
        account_id: Uuid,
        /// The fields to change.
        change: ProfileChanged,
    },
    /// Say whether the account bears the user name: nothing if so, else a rejection.
    Vouch {
        /// The name.
        user_name: UserName,
    },
    /// Something about the claim on a user name.
    UserName(claims::Command),
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Only its owner, or an editor, may do this.
    #[error("only the account's owner may do this")]
    NotTheOwner,
    /// An account of this id exists and differs.
    #[error("the account exists and differs; say which version you saw")]
    Differs,
    /// The user name does not change this way.
    #[error("the user name of an account cannot be changed this way")]
    UserNameIsFixed,
    /// The claim on the user name lapsed before the account could be registered.
    #[error("the claim on the user name lapsed; try again")]
    GrantLapsed,
    /// The account does not bear the user name.
    #[error("the account does not bear the user name")]
    DoesNotBear,
    /// Something about the claim on a user name.
    #[error(transparent)]
    UserName(#[from] claims::Rejection),
    /// A command on an account was sent to a claim, or the other way round.
    #[error("the id is not of an aggregate that takes this command")]
    WrongAggregate,
}

impl Context for Accounts {
    const NAME: &'static str = "accounts";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command, deciding: &Deciding) -> Result<Option<Event>, Rejection> {
        match command {
            Command::UserName(command) => match state {
                State::Nothing => on_claim(&Claim::Free, command, deciding),
                State::UserName(claim) => on_claim(claim, command, deciding),
                State::Account(_) => Err(Rejection::WrongAggregate),
            },
            Command::Vouch { user_name } => match state {
                State::Account(account) if account.user_name.canonical() == user_name.canonical() => Ok(None),
                State::Nothing | State::Account(_) => Err(Rejection::DoesNotBear),
                State::UserName(_) => Err(Rejection::WrongAggregate),
            },
            Command::Put { account_id, .. } | Command::ChangeProfile { account_id, .. }
                if !deciding.actor.may_write_as(*account_id) =>
            {
                Err(Rejection::NotTheOwner)
            }
            Command::Put { profile, overwrite, grant, .. } => put(state, profile, *overwrite, *grant, deciding),
            Command::ChangeProfile { change, .. } => match state {
                State::Nothing => Err(Rejection::NotFound),
                State::Account(account) => Ok(account.changed(change)),
                State::UserName(_) => Err(Rejection::WrongAggregate),
            },
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match event {
            Event::Registered(registered) => State::Account(Account::new(registered)),
            Event::ProfileChanged(changed) => match state {
                State::Account(account) => State::Account(account.with(changed)),
                State::Nothing | State::UserName(_) => state,
            },
            Event::UserNameClaimed(claimed) => {
                State::UserName(claims::evolve(&claims::Event::Claimed(claimed.clone())))
            }
            Event::UserNameConfirmed(held) => State::UserName(claims::evolve(&claims::Event::Confirmed(held.clone()))),
        }
    }

    fn receipt(state: &State) -> Option<String> {
        match state {
            State::Nothing => None,
            State::Account(account) => Some(account.user_name.to_string()),
            State::UserName(claim) => claim.receipt(),
        }
    }
}

fn put(
    state: &State,
    profile: &Registered,
    overwrite: bool,
    grant: Grant,
    deciding: &Deciding,
) -> Result<Option<Event>, Rejection> {
    match state {
        State::Nothing if grant.may_act(deciding.now) => Ok(Some(Event::Registered(profile.clone()))),
        State::Nothing => Err(Rejection::GrantLapsed),
        State::Account(account) if account.user_name != profile.user_name => Err(Rejection::UserNameIsFixed),
        State::Account(account) => {
            let Registered { display_name, bio, image_url, .. } = profile.clone();
            let change =
                ProfileChanged { display_name: Some(display_name), bio: Some(bio), image_url: Some(image_url) };
            match account.changed(&change) {
                Some(_) if !overwrite => Err(Rejection::Differs),
                decided => Ok(decided),
            }
        }
        State::UserName(_) => Err(Rejection::WrongAggregate),
    }
}

fn on_claim(claim: &Claim, command: &claims::Command, deciding: &Deciding) -> Result<Option<Event>, Rejection> {
    Ok(claims::decide(claim, command, deciding)?.map(|event| match event {
        claims::Event::Claimed(claimed) => Event::UserNameClaimed(claimed),
        claims::Event::Confirmed(held) => Event::UserNameConfirmed(held),
    }))
}

impl Account {
    fn new(registered: &Registered) -> Self {
        Self {
            user_name: registered.user_name.clone(),
            display_name: Digest::of(registered.display_name.as_str()),
            bio: Digest::of(registered.bio.as_str()),
            image_url: Digest::of(registered.image_url.as_str()),
        }
    }

    fn with(self, changed: &ProfileChanged) -> Self {
        let ProfileChanged { display_name, bio, image_url } = changed;
        Self {
            user_name: self.user_name,
            display_name: display_name.as_ref().map_or(self.display_name, |name| Digest::of(name.as_str())),
            bio: bio.as_ref().map_or(self.bio, |bio| Digest::of(bio.as_str())),
            image_url: image_url.as_ref().map_or(self.image_url, |url| Digest::of(url.as_str())),
        }
    }

    /// The event that makes the profile so, of the fields that differ.
    fn changed(&self, change: &ProfileChanged) -> Option<Event> {
        let change = change.clone();
        let change = ProfileChanged {
            display_name: change.display_name.filter(|name| Digest::of(name.as_str()) != self.display_name),
            bio: change.bio.filter(|bio| Digest::of(bio.as_str()) != self.bio),
            image_url: change.image_url.filter(|url| Digest::of(url.as_str()) != self.image_url),
        };
        (change != ProfileChanged::default()).then_some(Event::ProfileChanged(change))
    }
}

#[cfg(test)]
mod tests;
