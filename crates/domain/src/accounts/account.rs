//! An account by itself: what a decision needs to know of it, and what is decided of it alone.

use std::collections::BTreeSet;

use super::event::{
    Deactivated, EmailChanged, EmailGivenUp, EmailVerified, Erased, Profile, ProfileChanged, Reactivated, Registered,
    RoleGranted, RoleRevoked, UserNameChanged,
};
use super::{Change, Chosen, Event, Rejection};
use crate::reservations::{self, Lease};
use crate::values::{EmailKey, UserName};
use crate::{DecisionContext, Role};

/// What a decision needs to know of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its user name.
    pub user_name: UserName,
    /// What stands for its e-mail address.
    pub email_key: EmailKey,
    /// Whether its owner was shown to answer to that address.
    pub email_verified: bool,
    /// The roles it was granted.
    pub roles: BTreeSet<Role>,
    /// Whether it may neither log in nor write.
    pub deactivated: bool,
    /// Whether the person was forgotten: nothing happens to it any more.
    pub erased: bool,
    /// What its owner prefers. Most prefer nothing in particular, and take no memory for it.
    preferences: Option<Box<Chosen>>,
    profile: Profile,
}

impl Account {
    pub(super) fn new(registered: &Registered) -> Self {
        Self {
            user_name: registered.user_name.clone(),
            email_key: registered.email_key.clone(),
            email_verified: false,
            roles: BTreeSet::new(),
            deactivated: false,
            erased: false,
            preferences: None,
            profile: Profile::of(registered),
        }
    }

    /// Also when it was erased: no other can have the name and be taken for that person.
    pub(super) fn bears_name(&self, user_name: &UserName) -> bool {
        self.user_name.canonical() == user_name.canonical()
    }

    pub(super) fn bears_email(&self, email_key: &EmailKey) -> bool {
        !self.erased && !email_key.is_none() && self.email_key == *email_key
    }

    /// Decides to make the profile be as given; the user name and the address do not change this way.
    pub(super) fn put(&self, profile: &Registered, overwrite: bool) -> Result<Option<Event>, Rejection> {
        if self.erased {
            return Err(Rejection::Erased);
        }
        if self.user_name != profile.user_name {
            return Err(Rejection::UserNameIsFixed);
        }
        match self.profile_changed(profile.clone().into_change()) {
            None => Ok(None),
            Some(_) if self.deactivated => Err(Rejection::Deactivated),
            Some(_) if !overwrite => Err(Rejection::Differs),
            decided => Ok(decided),
        }
    }

    /// Nothing, if the account is as it was to be registered.
    pub(super) fn registered_so(&self, profile: &Registered) -> Result<Option<Event>, Rejection> {
        if self.erased {
            return Err(Rejection::Erased);
        }
        // What became of it since is not what it was registered as.
        let same = Self {
            roles: self.roles.clone(),
            email_verified: self.email_verified,
            preferences: self.preferences.clone(),
            ..Self::new(profile)
        };
        if *self == same { Ok(None) } else { Err(Rejection::Differs) }
    }

    /// Decides a change by an actor who may make it.
    pub(super) fn change(&self, change: &Change, context: &DecisionContext) -> Result<Option<Event>, Rejection> {
        if self.erased && *change != Change::Erase {
            return Err(Rejection::Erased);
        }
        if self.deactivated && !change.is_for_deactivated_accounts() {
            return Err(Rejection::Deactivated);
        }
        match change {
            Change::Erase => Ok((!self.erased).then_some(Event::Erased(Erased {}))),
            Change::Deactivate => Ok((!self.deactivated).then_some(Event::Deactivated(Deactivated {}))),
            Change::Reactivate => Ok(self.deactivated.then_some(Event::Reactivated(Reactivated {}))),
            Change::Profile(change) => Ok(self.profile_changed(change.clone())),
            Change::Preferences(change) => Ok(self.chosen().changed(change).map(Event::PreferencesChanged)),
            Change::UserName { user_name, lease } => self.change_user_name(user_name, *lease, context),
            Change::Email { email_key, verified, lease } => self.change_email((email_key, *verified), *lease, context),
            Change::VerifyEmail { email_key } => self.verify_email(email_key),
            Change::GiveUpEmail { email_key } => self.give_up_email(email_key),
            Change::GrantRole(role) => Ok((!self.roles.contains(role)).then(|| {
                let role_name = role.name().to_owned();
                Event::RoleGranted(RoleGranted { role_name })
            })),
            Change::RevokeRole(role) => Ok(self.roles.contains(role).then(|| {
                let role_name = role.name().to_owned();
                Event::RoleRevoked(RoleRevoked { role_name })
            })),
        }
    }

    fn change_user_name(
        &self,
        user_name: &UserName,
        lease: Lease,
        context: &DecisionContext,
    ) -> Result<Option<Event>, Rejection> {
        if self.user_name == *user_name {
            return Ok(None);
        }
        lease.permit(context.now)?;
        Ok(Some(Event::UserNameChanged(UserNameChanged { user_name: user_name.clone() })))
    }

    fn change_email(
        &self,
        (email_key, verified): (&EmailKey, bool),
        lease: Lease,
        context: &DecisionContext,
    ) -> Result<Option<Event>, Rejection> {
        // No owner answers to no address.
        if self.bears_email(email_key) || email_key.is_none() {
            return if verified || email_key.is_none() { self.verify_email(email_key) } else { Ok(None) };
        }
        lease.permit(context.now)?;
        Ok(Some(Event::EmailChanged(EmailChanged { email_key: email_key.clone(), verified })))
    }

    fn verify_email(&self, email_key: &EmailKey) -> Result<Option<Event>, Rejection> {
        if !self.bears_email(email_key) {
            return Err(reservations::Rejection::DoesNotBear.into());
        }
        let verified = || Event::EmailVerified(EmailVerified { email_key: email_key.clone() });
        Ok((!self.email_verified).then(verified))
    }

    fn give_up_email(&self, email_key: &EmailKey) -> Result<Option<Event>, Rejection> {
        match (self.bears_email(email_key), self.email_verified) {
            (false, _) => Ok(None),
            (true, true) => Err(Rejection::Verified),
            (true, false) => Ok(Some(Event::EmailGivenUp(EmailGivenUp { email_key: email_key.clone() }))),
        }
    }

    fn chosen(&self) -> Chosen {
        self.preferences.as_deref().cloned().unwrap_or_default()
    }

    /// The event that makes the profile so, of the fields that differ.
    fn profile_changed(&self, change: ProfileChanged) -> Option<Event> {
        let change = self.profile.without_what_stays(change);
        (change != ProfileChanged::default()).then_some(Event::ProfileChanged(change))
    }

    /// The account after something happened to it.
    pub(super) fn after(mut self, event: &Event) -> Self {
        match event {
            Event::ProfileChanged(changed) => self.profile.change(changed),
            Event::UserNameChanged(UserNameChanged { user_name }) => self.user_name = user_name.clone(),
            Event::EmailVerified(EmailVerified { email_key }) => self.email_verified |= self.email_key == *email_key,
            Event::EmailChanged(EmailChanged { email_key, verified }) => {
                self.email_key = email_key.clone();
                self.email_verified = *verified;
            }
            Event::EmailGivenUp(EmailGivenUp { email_key }) => {
                if self.email_key == *email_key {
                    self.email_key = EmailKey::none();
                    self.email_verified = false;
                }
            }
            Event::RoleGranted(RoleGranted { role_name }) => self.roles.extend(Role::named(role_name)),
            Event::RoleRevoked(RoleRevoked { role_name }) => self.roles.retain(|role| role.name() != role_name),
            Event::PreferencesChanged(changed) => {
                let chosen = self.chosen().after(changed);
                self.preferences = (chosen != Chosen::default()).then(|| Box::new(chosen));
            }
            Event::Deactivated(Deactivated {}) => self.deactivated = true,
            Event::Reactivated(Reactivated {}) => self.deactivated = false,
            // The address's key stays, for the reservation of it to be released; `bears_email` knows.
            Event::Erased(Erased {}) => {
                self.erased = true;
                self.roles.clear();
            }
            // These make an account, or happen to reservations.
            Event::Registered(_) | Event::Reservation(_) => {}
        }
        self
    }
}

/// Decides to register an account on the strength of these leases.
pub(super) fn register(
    profile: &Registered,
    leases: &[Lease],
    context: &DecisionContext,
) -> Result<Option<Event>, Rejection> {
    leases.iter().try_for_each(|lease| lease.permit(context.now))?;
    Ok(Some(Event::Registered(profile.clone())))
}
