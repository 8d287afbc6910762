//! What somebody who watches over the installation wants to hear of: counted, and logged without anything personal.

use uuid::Uuid;

/// Something that happened to an account's security.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityEvent {
    /// Somebody registered.
    Registered,
    /// Somebody logged in.
    LoggedIn,
    /// Somebody showed a wrong password.
    LogInFailed,
    /// A refresh token was used twice.
    RefreshReused,
    /// A session was ended by its owner.
    SessionEnded,
    /// A password was changed by whoever knew the former one.
    PasswordChanged,
    /// A password was set by whoever reads the account's mail.
    PasswordReset,
    /// An address was shown to be the account's.
    EmailConfirmed,
    /// An address was given up to which nobody was shown to answer.
    EmailGivenUp,
    /// The user name was changed.
    UserNameChanged,
    /// A second factor was added.
    SecondFactorAdded,
    /// The second factor was removed.
    SecondFactorRemoved,
    /// Somebody who knew the password showed a wrong code.
    SecondFactorFailed,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// New recovery codes were made.
    RecoveryCodesRenewed,
    /// A role was granted.
    RoleGranted,
    /// A role was revoked.
    RoleRevoked,
    /// The account was deactivated.
    Deactivated,
    /// The account was reactivated.
    Reactivated,
    /// Somebody asked for everything that is held about them.
    Exported,
    /// The person was forgotten.
    Erased,
    /// The vault does not have what the log says it must have: it was restored from an older backup.
    VaultBehindLog,
}

impl SecurityEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::LoggedIn => "logged-in",
            Self::LogInFailed => "log-in-failed",
            Self::RefreshReused => "refresh-reused",
            Self::SessionEnded => "session-ended",
            Self::PasswordChanged => "password-changed",
            Self::PasswordReset => "password-reset",
            Self::EmailConfirmed => "email-confirmed",
            Self::EmailGivenUp => "email-given-up",
            Self::UserNameChanged => "user-name-changed",
            Self::SecondFactorAdded => "second-factor-added",
            Self::SecondFactorRemoved => "second-factor-removed",
            Self::SecondFactorFailed => "second-factor-failed",
            Self::RecoveryCodeUsed => "recovery-code-used",
            Self::RecoveryCodesRenewed => "recovery-codes-renewed",
            Self::RoleGranted => "role-granted",
            Self::RoleRevoked => "role-revoked",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::Exported => "exported",
            Self::Erased => "erased",
            Self::VaultBehindLog => "vault-behind-log",
        }
    }

    fn is_alarming(self) -> bool {
        matches!(self, Self::RefreshReused | Self::VaultBehindLog)
    }

    /// Says that it happened: to this account, and in this session where there is one.
    pub fn happened(self, account_id: Option<Uuid>, session_id: Option<Uuid>) {
        let (event, account_id) = (self.name(), account_id.map(tracing::field::display));
        let session_id = session_id.map(tracing::field::display);
        metrics::counter!("inklog_security_events_total", "event" => event).increment(1);
        if self.is_alarming() {
            tracing::warn!(target: "security", event, account_id, session_id, "security event");
        } else {
            tracing::info!(target: "security", event, account_id, session_id, "security event");
        }
    }
}
