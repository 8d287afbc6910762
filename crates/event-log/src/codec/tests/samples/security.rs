use domain::Role;
use domain::security::{Event, Note};

use super::id;

/// One event of each type, with every field filled.
pub(super) fn filled() -> Vec<Event> {
    let notes = [
        Note::Registered,
        Note::LoggedIn(id(9)),
        Note::LogInFailed,
        Note::RefreshReused(id(9)),
        Note::SessionEnded(id(9)),
        Note::PasswordChanged,
        Note::PasswordReset,
        Note::EmailConfirmed,
        Note::UserNameChanged,
        Note::RoleGranted(Role::Editor),
        Note::RoleRevoked(Role::Editor),
        Note::Deactivated,
        Note::Reactivated,
        Note::Exported,
        Note::Erased,
        Note::SecretsMissing,
        Note::SecondFactorAdded,
        Note::SecondFactorRemoved,
        Note::SecondFactorFailed,
        Note::RecoveryCodeUsed,
        Note::RecoveryCodesRenewed,
        Note::EmailGivenUp,
    ];
    notes.into_iter().map(Note::event).collect()
}
