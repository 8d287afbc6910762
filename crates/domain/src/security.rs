//! What happened to the security of accounts, for whoever watches over the installation: an audit in which nothing
//! personal is. Its aggregates are accounts, keyed by their id; what happened to none that is there is of the nil id.
//!
//! There is nothing to decide: what is noted has happened. A note that is sent twice is known by its command's id.

mod event;

pub use event::{Event, OfAccount, OfRole, OfSession};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Decider, DecisionContext, Role};

/// The context `security`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Security;

/// What a decision needs to know: nothing. How much was noted is for those who look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted(pub u64);

/// What is to be noted of an account. See [`Event`] for what each means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the event of its name")]
pub enum Note {
    Registered,
    LoggedIn(Uuid),
    LogInFailed,
    RefreshReused(Uuid),
    SessionEnded(Uuid),
    PasswordChanged,
    PasswordReset,
    EmailConfirmed,
    UserNameChanged,
    RoleGranted(Role),
    RoleRevoked(Role),
    Deactivated,
    Reactivated,
    Exported,
    Erased,
    SecretsMissing,
    SecondFactorAdded,
    SecondFactorRemoved,
    SecondFactorFailed,
    RecoveryCodeUsed,
    RecoveryCodesRenewed,
    EmailGivenUp,
}

/// Nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {}

impl Note {
    /// The event of its name.
    #[must_use]
    pub fn event(self) -> Event {
        let (of_account, of_session) = (OfAccount {}, |session_id| OfSession { session_id });
        let of_role = |role: Role| OfRole { role_name: role.name().to_owned() };
        match self {
            Self::Registered => Event::Registered(of_account),
            Self::LoggedIn(session) => Event::LoggedIn(of_session(session)),
            Self::LogInFailed => Event::LogInFailed(of_account),
            Self::RefreshReused(session) => Event::RefreshReused(of_session(session)),
            Self::SessionEnded(session) => Event::SessionEnded(of_session(session)),
            Self::PasswordChanged => Event::PasswordChanged(of_account),
            Self::PasswordReset => Event::PasswordReset(of_account),
            Self::EmailConfirmed => Event::EmailConfirmed(of_account),
            Self::UserNameChanged => Event::UserNameChanged(of_account),
            Self::RoleGranted(role) => Event::RoleGranted(of_role(role)),
            Self::RoleRevoked(role) => Event::RoleRevoked(of_role(role)),
            Self::Deactivated => Event::Deactivated(of_account),
            Self::Reactivated => Event::Reactivated(of_account),
            Self::Exported => Event::Exported(of_account),
            Self::Erased => Event::Erased(of_account),
            Self::SecretsMissing => Event::SecretsMissing(of_account),
            Self::SecondFactorAdded => Event::SecondFactorAdded(of_account),
            Self::SecondFactorRemoved => Event::SecondFactorRemoved(of_account),
            Self::SecondFactorFailed => Event::SecondFactorFailed(of_account),
            Self::RecoveryCodeUsed => Event::RecoveryCodeUsed(of_account),
            Self::RecoveryCodesRenewed => Event::RecoveryCodesRenewed(of_account),
            Self::EmailGivenUp => Event::EmailGivenUp(of_account),
        }
    }

    /// Whether somebody should be woken up.
    #[must_use]
    pub fn is_alarming(self) -> bool {
        matches!(self, Self::RefreshReused(_) | Self::SecretsMissing)
    }
}

impl Decider for Security {
    const NAME: &'static str = "security";
    type Command = Note;
    type Event = Event;
    type State = Noted;
    type Rejection = Rejection;

    fn decide(_: &Noted, note: &Note, _: &DecisionContext) -> Result<Option<Event>, Rejection> {
        Ok(Some(note.event()))
    }

    fn evolve(Noted(count): Noted, _: &Event) -> Noted {
        Noted(count + 1)
    }

    fn receipt(_: &Noted) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests;
