//! How an account comes to bear a user name or an e-mail address: the value is reserved, then borne, then the
//! reservation is confirmed, and what was borne before is given up. Only a confirmed reservation can be given up, so
//! that the value is kept for its former bearer for a while; hence the reservation of the former value is confirmed
//! first. What a crash between two of these steps leaves behind is seen to by the caller who asks again, or else by the
//! next one who wants one of the values.

use domain::accounts::{Accounts, Change, Command as AccountCommand, Registered, Unique};
use domain::reservations::{Lease, UniqueValue as _};
use domain::values::{EmailKey, UserName};
use event_log::Refusal;
use uuid::Uuid;

use crate::commands::{Command, Decided};
use crate::reservations::{Bears, NotReserved, keep, release, with_reservation, with_reservations};

/// Registers an account that logs in, with its user name and its address.
///
/// # Errors
/// The value that could not be reserved, and why.
pub async fn register(
    command: &Command<'_, Accounts>,
    account_id: Uuid,
    profile: &Registered,
) -> Result<Decided<Accounts>, (Unique, NotReserved)> {
    let values = [Unique::UserName(profile.user_name.clone()), Unique::Email(profile.email_key.clone())];
    let act = |[lease, email_lease]: [_; 2]| {
        let profile = profile.clone();
        AccountCommand::Register { account_id, profile, lease, email_lease }
    };
    let decided = with_reservations(command, values.each_ref(), account_id, act).await;
    decided.map_err(|(value, why)| (value.clone(), why))
}

/// An account as it was seen, and what it bore: what is given up is what it bore until the very event that changes it.
#[derive(Clone, Debug)]
pub struct Seen<T> {
    /// The account.
    pub account_id: Uuid,
    /// Its version then.
    pub version: u64,
    /// What it bore at that version.
    pub bore: T,
}

/// Has an account bear another user name.
///
/// # Errors
/// The name could not be reserved, or the account was changed since it was seen.
pub async fn change_user_name(
    command: &Command<'_, Accounts>,
    seen: Seen<UserName>,
    user_name: &UserName,
) -> Result<Decided<Accounts>, NotReserved> {
    let Seen { account_id, version, bore } = seen;
    let value = Unique::UserName(user_name.clone());
    let former = Some(Unique::UserName(bore)).filter(|bore| bore.canonical() != value.canonical());
    let act = |lease| {
        let change = Change::UserName { user_name: user_name.clone(), lease };
        AccountCommand::Change { account_id, change }
    };
    let changing = Changing { account_id, version, former: former.as_ref() };
    let decided = changing.to(command, &value, act).await?;
    if let (Some(former), true) = (&former, changing.is_done_by(&decided)) {
        give_up(command, account_id, former).await;
    }
    Ok(decided)
}

/// Has an account bear another e-mail address, to which its owner was shown to answer or not. The former one is to be
/// given up, see [`give_up_email`], when nothing refers to it any more.
///
/// # Errors
/// The address could not be reserved, or the account was changed since it was seen.
pub async fn change_email(
    command: &Command<'_, Accounts>,
    seen: &Seen<EmailKey>,
    (email_key, verified): (&EmailKey, bool),
) -> Result<Decided<Accounts>, NotReserved> {
    let Seen { account_id, version, .. } = *seen;
    let act = |lease| {
        let change = Change::Email { email_key: email_key.clone(), verified, lease };
        AccountCommand::Change { account_id, change }
    };
    let former = former(seen, email_key);
    let changing = Changing { account_id, version, former: former.as_ref() };
    changing.to(command, &Unique::Email(email_key.clone()), act).await
}

/// Gives the address up that an account had before it came to bear `email_key`, if it had another.
pub async fn give_up_email(command: &Command<'_, Accounts>, seen: &Seen<EmailKey>, email_key: &EmailKey) {
    if let Some(former) = former(seen, email_key) {
        give_up(command, seen.account_id, &former).await;
    }
}

fn former(seen: &Seen<EmailKey>, email_key: &EmailKey) -> Option<Unique> {
    let former = Some(&seen.bore).filter(|bore| !bore.is_none() && *bore != email_key);
    former.cloned().map(Unique::Email)
}

/// A change of what an account bears.
struct Changing<'a> {
    account_id: Uuid,
    version: u64,
    former: Option<&'a Unique>,
}

impl Changing<'_> {
    async fn to(
        &self,
        command: &Command<'_, Accounts>,
        value: &Unique,
        act: impl Fn(Lease) -> AccountCommand,
    ) -> Result<Decided<Accounts>, NotReserved> {
        if let Some(former) = self.former {
            keep(command, former, self.account_id).await.map_err(NotReserved::Problem)?;
        }
        // Another change may have given the account another value, of which no caller keeps the reservation: also where
        // it bore none when it was seen, or this very one.
        let bears = if self.former.is_some() { Bears::Another } else { Bears::NothingElse };
        let seen = (Some(self.version), bears);
        match with_reservation(command, value, self.account_id, seen, act).await? {
            Decided::Refused(Refusal::VersionConflict { current }) if command.allows(current) => {
                Err(NotReserved::Changed)
            }
            decided => Ok(decided),
        }
    }

    /// Whether this is what changed it, and not the reply to an earlier attempt.
    fn is_done_by(&self, decided: &Decided<Accounts>) -> bool {
        matches!(decided, Decided::Accepted(accepted) if accepted.receipt.version == self.version + 1)
    }
}

async fn give_up(command: &Command<'_, Accounts>, account_id: Uuid, former: &Unique) {
    if let Err(problem) = release(command, former, account_id).await {
        tracing::info!(%problem, "what an account bore was not released; the next caller who wants it will");
    }
}
