//! THE STORED FORMAT of the context `security`. These records are in the log for ever: add fields with a default at the
//! end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/security/`. Nothing
//! personal is in any of them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Role;

/// Declares what can happen to an account's security, each once: its name, what a note says beside the account, the
/// payload of its event, and its name in metrics and log lines.
///
/// ```text
/// LoggedIn(session_id: Uuid): OfSession { session_id } = "logged-in",
/// ```
///
/// becomes `Note::LoggedIn(Uuid)`, which is `logged_in` where it waits to be sent; `Event::LoggedIn(OfSession)`, the
/// record `inklog.security.LoggedIn`; and an arm each of `Note::event` and `Note::name`.
macro_rules! notes {
    ($(
        $(#[$doc:meta])*
        $variant:ident $(($of:ident: $type:ty))?: $payload:ident { $($field:tt)* } = $name:literal,
    )+) => {
        crate::events! {
            /// What can have happened to an account's security.
            enum Event in "inklog.security" { $($(#[$doc])* $variant($payload),)+ }
        }

        /// What is to be noted of an account.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Note { $($(#[$doc])* $variant $(($type))?,)+ }

        impl Note {
            /// The event of its name.
            #[must_use]
            pub fn event(self) -> Event {
                match self {
                    $(Self::$variant $(($of))? => Event::$variant($payload { $($field)* }),)+
                }
            }

            /// Its name in metrics and log lines.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant { .. } => $name,)+ }
            }
        }
    };
}

notes! {
    /// A person registered.
    Registered: OfAccount {} = "registered",
    /// A person logged in.
    LoggedIn(session_id: Uuid): OfSession { session_id } = "logged-in",
    /// A caller showed a wrong password; of an account that is not there, under the nil id, and not all of them.
    LogInFailed: OfAccount {} = "log-in-failed",
    /// A refresh token was used twice: two have it, and the session was ended.
    RefreshReused(session_id: Uuid): OfSession { session_id } = "refresh-reused",
    /// A session was ended before its time.
    SessionEnded(session_id: Uuid): OfSession { session_id } = "session-ended",
    /// The password was changed by a caller who knew the former one.
    PasswordChanged: OfAccount {} = "password-changed",
    /// The password was set by a caller who reads the account's mail.
    PasswordReset: OfAccount {} = "password-reset",
    /// An address was shown to be the account's.
    EmailConfirmed: OfAccount {} = "email-confirmed",
    /// The user name was changed.
    UserNameChanged: OfAccount {} = "user-name-changed",
    /// A role was granted.
    RoleGranted(role: Role): OfRole { role_name: role.name().into() } = "role-granted",
    /// A role was revoked.
    RoleRevoked(role: Role): OfRole { role_name: role.name().into() } = "role-revoked",
    /// The account was deactivated.
    Deactivated: OfAccount {} = "deactivated",
    /// The account was reactivated.
    Reactivated: OfAccount {} = "reactivated",
    /// A person was given everything that is held about them.
    Exported: OfAccount {} = "exported",
    /// The person was forgotten.
    Erased: OfAccount {} = "erased",
    /// The vault does not have what the log says it must have: it was restored from an older backup.
    SecretsMissing: OfAccount {} = "vault-behind-log",
    /// A second factor was added.
    SecondFactorAdded: OfAccount {} = "second-factor-added",
    /// The second factor was removed, by the owner or by the admin who is the actor.
    SecondFactorRemoved: OfAccount {} = "second-factor-removed",
    /// A caller who knew the password showed a wrong code.
    SecondFactorFailed: OfAccount {} = "second-factor-failed",
    /// A recovery code was used.
    RecoveryCodeUsed: OfAccount {} = "recovery-code-used",
    /// New recovery codes took the place of the former.
    RecoveryCodesRenewed: OfAccount {} = "recovery-codes-renewed",
    /// An address was given up to which its owner was never shown to answer.
    EmailGivenUp: OfAccount {} = "email-given-up",
}

/// It happened to an account; which one is in the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfAccount {}

/// It happened to a session of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfSession {
    /// Which.
    pub session_id: Uuid,
}

/// It happened to a role of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfRole {
    /// `reader`, `author`, `editor` or `admin`; others may come.
    pub role_name: String,
}
