//! What the changes of an account have in common.

use domain::accounts::{Accounts, Change, Command as AccountCommand};
use domain::security::Note;
use service_kit::Problem;
use uuid::Uuid;

use crate::commands::{Caller, Command, Decided};
use crate::identity::Shared;
use crate::identity::report::report;

/// Has a change of an account decided; `asked` is what the client sent.
///
/// # Errors
/// No outcome in time.
pub(super) async fn change(
    caller: &Caller,
    identity: &Shared,
    id: Uuid,
    asked: impl serde::Serialize,
    change: Change,
) -> Result<Decided<Accounts>, Problem> {
    let command: Command<'_, Accounts> = caller.command(&identity.log, id.to_string(), &asked);
    command.execute(AccountCommand::Change { account_id: id, change }, None).await
}

/// Writes down and reports what a change means to the account's security, if it changed anything.
pub(super) async fn noted(identity: &Shared, caller: &Caller, decided: &Decided<Accounts>, note: Note, id: Uuid) {
    if let Decided::Accepted(accepted) = decided
        && accepted.receipt.changed
    {
        report(note, Some(id), None);
        identity.noted(id, accepted.receipt.version, caller.actor.id, note).await;
    }
}
