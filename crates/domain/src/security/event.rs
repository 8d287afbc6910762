//! THE STORED FORMAT of the context `security`. These records are in the log for ever: add fields with a default at the
//! end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/security/`. Nothing
//! personal is in any of them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

crate::events! {
    /// What can have happened to an account's security.
    enum Event in "inklog.security" {
        /// Somebody registered.
        Registered(OfAccount),
        /// Somebody logged in.
        LoggedIn(OfSession),
        /// Somebody showed a wrong password; of an account that is not there, under the nil id, and not all of them.
        LogInFailed(OfAccount),
        /// A refresh token was used twice: two have it, and the session was ended.
        RefreshReused(OfSession),
        /// A session was ended before its time.
        SessionEnded(OfSession),
        /// The password was changed by whoever knew the former one.
        PasswordChanged(OfAccount),
        /// The password was set by whoever reads the account's mail.
        PasswordReset(OfAccount),
        /// An address was shown to be the account's.
        EmailConfirmed(OfAccount),
        /// The user name was changed.
        UserNameChanged(OfAccount),
        /// A role was granted.
        RoleGranted(OfRole),
        /// A role was revoked.
        RoleRevoked(OfRole),
        /// The account was deactivated.
        Deactivated(OfAccount),
        /// The account was reactivated.
        Reactivated(OfAccount),
        /// Somebody was given everything that is held about them.
        Exported(OfAccount),
        /// The person was forgotten.
        Erased(OfAccount),
        /// The vault does not have what the log says it must have.
        SecretsMissing(OfAccount),
        /// A second factor was added.
        SecondFactorAdded(OfAccount),
        /// The second factor was removed, by the owner or by the admin who is the actor.
        SecondFactorRemoved(OfAccount),
        /// Somebody who knew the password showed a wrong code.
        SecondFactorFailed(OfAccount),
        /// A recovery code was used.
        RecoveryCodeUsed(OfAccount),
        /// New recovery codes took the place of the former.
        RecoveryCodesRenewed(OfAccount),
        /// An address was given up to which nobody was shown to answer.
        EmailGivenUp(OfAccount),
    }
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
