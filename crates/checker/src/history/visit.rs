//! What people do with passwords and sessions. No event of their account tells of it, so it is recorded by itself.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Nanos;

/// An attempt to do something with a password or a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Who asked: for the explanations.
    pub client: u64,
    /// Whose account it is about.
    pub account_id: String,
    /// Which instance was asked.
    pub instance: u64,
    /// What was asked.
    pub act: Act,
    /// Before the request was sent.
    pub invoked_at: Nanos,
    /// After the reply had come; `None` if none did.
    #[serde(default)]
    pub answered_at: Option<Nanos>,
    /// What came of it.
    pub answer: Answer,
}

/// What is asked. Passwords are numbered: 0 is the one that the account was registered with, each further one has a
/// greater number than those before it, and none is ever set again after another was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// To begin a session.
    LogIn {
        /// The password.
        password: u64,
        /// Whether the account is named by its user name, which never changes here; else by an e-mail address.
        by_name: bool,
    },
    /// Something for which the password is shown again.
    Show {
        /// The password.
        password: u64,
    },
    /// To set another password; all sessions but this one end.
    ChangePassword {
        /// The present password.
        from: u64,
        /// The new one.
        to: u64,
        /// The session that asks.
        session: Uuid,
    },
    /// To set another password with what came by mail; all sessions end. Asked for once more, it is the same letter and
    /// the same password.
    Reset {
        /// The new one.
        to: u64,
    },
    /// To be let in with a code, where the password alone is not enough.
    ShowCode {
        /// The code, with what tells it from the same digits at another time.
        code: String,
    },
    /// To be asked for a code besides the password from now on; all sessions but this one end.
    AddFactor {
        /// The session that asks.
        session: Uuid,
    },
    /// To be asked for one no more; all sessions but this one end.
    RemoveFactor {
        /// The session that asks.
        session: Uuid,
    },
    /// New tokens for a session.
    Refresh {
        /// The session.
        session: Uuid,
        /// Which of its refresh tokens is shown: 0 is the one of the log-in, each refresh gives the next.
        token: u64,
    },
    /// To end the session that asks.
    LogOut {
        /// The session.
        session: Uuid,
    },
    /// Anything else with an access token of a session, one that has not expired.
    Use {
        /// The session.
        session: Uuid,
    },
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was done.
    Granted {
        /// The session that a log-in began.
        #[serde(default)]
        session: Option<Uuid>,
    },
    /// It was not done: the password is another, or there is no such account.
    Wrong,
    /// It was not done: the session is over, or what came by mail is good no more.
    Over,
    /// It was not done: the password is right, and a code is needed.
    CodeNeeded,
    /// It was not done, for another reason, such as a code that is not good: it says nothing of session or password.
    NotDone,
    /// It was not done: the password is right, and the account is deactivated.
    Deactivated,
    /// It may or may not have been done.
    Unknown,
}

impl Act {
    /// The session that it is asked in, or about.
    pub(crate) fn session(&self) -> Option<Uuid> {
        match self {
            Self::LogIn { .. } | Self::Show { .. } | Self::Reset { .. } | Self::ShowCode { .. } => None,
            Self::ChangePassword { session, .. }
            | Self::Refresh { session, .. }
            | Self::LogOut { session }
            | Self::AddFactor { session }
            | Self::RemoveFactor { session }
            | Self::Use { session } => Some(*session),
        }
    }
}

impl Visit {
    /// Whether it was done, for certain.
    pub(crate) fn is_granted(&self) -> bool {
        matches!(self.answer, Answer::Granted { .. })
    }

    /// Whether it may have been done, or may yet be.
    pub(crate) fn may_be_done(&self) -> bool {
        match self.answer {
            Answer::Granted { .. } | Answer::Unknown => true,
            Answer::Wrong | Answer::Over | Answer::CodeNeeded | Answer::NotDone | Answer::Deactivated => false,
        }
    }

    /// When it was answered; never, if it was not.
    pub(crate) fn answered(&self) -> Nanos {
        self.answered_at.unwrap_or(Nanos::MAX)
    }
}
