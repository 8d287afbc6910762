//! Making a value unique before it is used: reserve, then act, then confirm. Each step is a command of its own with an
//! id derived from the client's, so the whole can be repeated at any point, by anyone, any number of times.

use domain::accounts::USER_NAME_KEPT_MS;
use domain::reservations::{self, Expired, LEASE_MS, Lease};
use domain::values::EmailKey;
use domain::{Decider, accounts, posts, values};
use event_log::Refusal;
use service_kit::Problem;
use uuid::Uuid;

use crate::commanding::{Command, Decided};

/// A context in which values are reserved.
pub trait Reserves: Decider {
    /// What is reserved.
    type Value: Clone + Send + Sync;

    /// The aggregate that decides who has the value.
    fn reservation_id(value: &Self::Value) -> String;
    /// The value in the form that is unique.
    fn unique(value: &Self::Value) -> String;
    /// A command on the reservation.
    fn on_reservation(value: &Self::Value, command: reservations::Command) -> Self::Command;
    /// The question to a holder's own aggregate whether it bears the value.
    fn vouch(value: &Self::Value) -> Self::Command;
    /// What a rejection says of the reservation.
    fn reservation_rejection(rejection: &Self::Rejection) -> Option<&reservations::Rejection>;
    /// Whether the act came too late for its reservation.
    fn expired(rejection: &Self::Rejection) -> bool;
    /// For how many milliseconds a value is kept from others once its holder bears another; `None` for ever.
    fn kept_ms(value: &Self::Value) -> Option<i64>;
}

/// Why a value was not reserved.
#[derive(Debug)]
pub enum NotReserved {
    /// Another has it, or is about to.
    Taken,
    /// It is not known.
    Problem(Problem),
}

/// Reserves `value` for the aggregate `holder_id`; `attempt` tells this try from earlier ones of the same command.
///
/// # Errors
/// Another has it, or there is no outcome in time.
pub async fn reserve<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Value,
    holder_id: Uuid,
    attempt: u32,
) -> Result<Lease, NotReserved> {
    let (asked_at, mut instead_of) = (command.now(), None);
    // At most once: a second expired holder in a row means that others are at it right now.
    for _ in 0..2 {
        let step = format!("claim/{}/{attempt}/{instead_of:?}", C::unique(value));
        let body = reservations::Command::Reserve { value: C::unique(value), holder_id, instead_of };
        let decided = command.step(&step, C::reservation_id(value), C::on_reservation(value, body)).await;
        let rejection = match decided.map_err(NotReserved::Problem)? {
            Decided::Accepted(accepted) => {
                let lease = accepted.receipt.note.as_deref().and_then(Lease::of_receipt);
                let lease = lease.map(|lease| C::kept_ms(value).map_or(lease, |_| lease.asked_for_at(asked_at)));
                return lease.ok_or_else(|| NotReserved::Problem(Problem::internal("a reservation without a receipt")));
            }
            Decided::Refused(Refusal::Rejected { rejection, .. }) => rejection,
            Decided::Refused(refusal) => {
                return Err(NotReserved::Problem(Problem::internal(format!("a reservation was refused: {refusal:?}"))));
            }
        };
        match C::reservation_rejection(&rejection) {
            Some(reservations::Rejection::Pending { holder_id: other, expires_at, expired: true }) => {
                if bears(command, value, *other, attempt).await.map_err(NotReserved::Problem)? {
                    return Err(NotReserved::Taken);
                }
                instead_of = Some(Expired { holder_id: *other, expires_at: *expires_at });
            }
            Some(reservations::Rejection::Taken { holder_id: other }) if C::kept_ms(value).is_some() => {
                // It should have been released when its holder came to bear another, and was not: a crash.
                if !bears(command, value, *other, attempt).await.map_err(NotReserved::Problem)? {
                    release(command, value, *other).await.map_err(NotReserved::Problem)?;
                }
                return Err(NotReserved::Taken);
            }
            _ => return Err(NotReserved::Taken),
        }
    }
    Err(NotReserved::Taken)
}

/// Whether a holder whose reservation expired bears the value after all; if so, confirms on its behalf.
async fn bears<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Value,
    holder_id: Uuid,
    attempt: u32,
) -> Result<bool, Problem> {
    let step = format!("vouch/{}/{attempt}", C::unique(value));
    match command.step(&step, holder_id.to_string(), C::vouch(value)).await? {
        Decided::Accepted(_) => {
            confirm(command, value, holder_id).await?;
            Ok(true)
        }
        Decided::Refused(Refusal::Rejected { .. }) => Ok(false),
        // An unreadable holder may bear it.
        Decided::Refused(_) => Ok(true),
    }
}

/// Makes a reservation good for ever. Where this does not happen, whoever next wants the value asks the holder and does it.
///
/// # Errors
/// There is no outcome in time.
pub async fn confirm<C: Reserves>(command: &Command<'_, C>, value: &C::Value, holder_id: Uuid) -> Result<(), Problem> {
    match confirmed(command, value, holder_id).await? {
        Decided::Accepted(_) => Ok(()),
        Decided::Refused(refusal) => Err(Problem::internal(format!("a confirmation was refused: {refusal:?}"))),
    }
}

/// Sees to it that a value can be released which its holder bears and is about to give up: only a confirmed reservation is,
/// and the one on it may not have been, where a process died. One that is not the holder's any more is let go.
///
/// # Errors
/// There is no outcome in time.
pub async fn keep<C: Reserves>(command: &Command<'_, C>, value: &C::Value, holder_id: Uuid) -> Result<(), Problem> {
    confirmed(command, value, holder_id).await.map(drop)
}

async fn confirmed<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Value,
    holder_id: Uuid,
) -> Result<Decided<C>, Problem> {
    let step = format!("confirm/{}/{holder_id}", C::unique(value));
    let body = reservations::Command::Confirm { value: C::unique(value), holder_id };
    command.step(&step, C::reservation_id(value), C::on_reservation(value, body)).await
}

/// Gives a value up that its holder bears no more. Where this does not happen, whoever next wants the value asks the
/// holder and does it.
///
/// # Errors
/// There is no outcome in time.
pub async fn release<C: Reserves>(command: &Command<'_, C>, value: &C::Value, holder_id: Uuid) -> Result<(), Problem> {
    let Some(after_ms) = C::kept_ms(value) else { return Ok(()) };
    let step = format!("release/{}/{holder_id}", C::unique(value));
    let body = reservations::Command::Release { value: C::unique(value), holder_id, after_ms };
    match command.step(&step, C::reservation_id(value), C::on_reservation(value, body)).await? {
        Decided::Accepted(_) => Ok(()),
        Decided::Refused(refusal) => Err(Problem::internal(format!("a release was refused: {refusal:?}"))),
    }
}

impl Reserves for posts::Posts {
    type Value = values::Slug;

    fn reservation_id(value: &values::Slug) -> String {
        posts::slug_reservation_id(value.as_str())
    }

    fn unique(value: &values::Slug) -> String {
        value.to_string()
    }

    fn on_reservation(_: &values::Slug, command: reservations::Command) -> posts::Command {
        posts::Command::Slug(command)
    }

    fn vouch(value: &values::Slug) -> posts::Command {
        posts::Command::Vouch { slug: value.clone() }
    }

    fn reservation_rejection(rejection: &posts::Rejection) -> Option<&reservations::Rejection> {
        match rejection {
            posts::Rejection::Slug(rejection) => Some(rejection),
            posts::Rejection::NotFound
            | posts::Rejection::NotAnAuthor
            | posts::Rejection::NotTheAuthor
            | posts::Rejection::Deleted
            | posts::Rejection::Differs
            | posts::Rejection::AuthorIsFixed
            | posts::Rejection::LeaseExpired
            | posts::Rejection::DoesNotBear
            | posts::Rejection::WrongAggregate => None,
        }
    }

    fn expired(rejection: &posts::Rejection) -> bool {
        *rejection == posts::Rejection::LeaseExpired
    }

    fn kept_ms(_: &values::Slug) -> Option<i64> {
        None
    }
}

/// What an account bears that no other may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfAccount {
    /// A user name.
    UserName(values::UserName),
    /// An e-mail address, by its key.
    Email(EmailKey),
}

impl Reserves for accounts::Accounts {
    type Value = OfAccount;

    fn reservation_id(value: &OfAccount) -> String {
        match value {
            OfAccount::UserName(name) => accounts::user_name_reservation_id(name),
            OfAccount::Email(key) => accounts::email_reservation_id(key),
        }
    }

    fn unique(value: &OfAccount) -> String {
        match value {
            OfAccount::UserName(name) => name.canonical(),
            OfAccount::Email(key) => key.to_string(),
        }
    }

    fn on_reservation(value: &OfAccount, command: reservations::Command) -> accounts::Command {
        match value {
            OfAccount::UserName(_) => accounts::Command::UserName(command),
            OfAccount::Email(_) => accounts::Command::Email(command),
        }
    }

    fn vouch(value: &OfAccount) -> accounts::Command {
        match value {
            OfAccount::UserName(name) => accounts::Command::Vouch { user_name: name.clone() },
            OfAccount::Email(key) => accounts::Command::VouchEmail { email_key: key.clone() },
        }
    }

    fn reservation_rejection(rejection: &accounts::Rejection) -> Option<&reservations::Rejection> {
        match rejection {
            accounts::Rejection::UserName(rejection) | accounts::Rejection::Email(rejection) => Some(rejection),
            accounts::Rejection::NotFound
            | accounts::Rejection::NotTheOwner
            | accounts::Rejection::Differs
            | accounts::Rejection::Deactivated
            | accounts::Rejection::Erased
            | accounts::Rejection::UserNameIsFixed
            | accounts::Rejection::LeaseExpired
            | accounts::Rejection::Verified
            | accounts::Rejection::DoesNotBear
            | accounts::Rejection::WrongAggregate => None,
        }
    }

    fn expired(rejection: &accounts::Rejection) -> bool {
        *rejection == accounts::Rejection::LeaseExpired
    }

    fn kept_ms(value: &OfAccount) -> Option<i64> {
        Some(match value {
            OfAccount::UserName(_) => USER_NAME_KEPT_MS,
            OfAccount::Email(_) => LEASE_MS,
        })
    }
}

/// How often a command reserves anew because its reservation expired before the act: each time means that half a reservation's life
/// passed between two steps.
const ATTEMPTS: u32 = 3;

/// Reserves `value` for `holder_id`, then has `act` decided on the strength of the reservation, then confirms.
///
/// # Errors
/// `taken` if another has the value; otherwise there is no outcome in time.
pub async fn with_reservation<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Value,
    holder_id: Uuid,
    expected: Option<u64>,
    act: impl Fn(Lease) -> C::Command,
) -> Result<Decided<C>, NotReserved> {
    let outcome = with_reservations(command, [value], holder_id, expected, |[lease]| act(lease)).await;
    outcome.map_err(|(_, why)| why)
}

/// The same for several values, reserved in this order.
///
/// # Errors
/// See [`with_reservation`]; with the value that could not be reserved.
pub async fn with_reservations<'v, C: Reserves, const N: usize>(
    command: &Command<'_, C>,
    values: [&'v C::Value; N],
    holder_id: Uuid,
    expected: Option<u64>,
    act: impl Fn([Lease; N]) -> C::Command,
) -> Result<Decided<C>, (&'v C::Value, NotReserved)> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let mut leases = [Lease::CONFIRMED; N];
        for (lease, value) in leases.iter_mut().zip(values) {
            *lease = reserve(command, value, holder_id, attempt).await.map_err(|why| (value, why))?;
        }
        let decided = command.execute(act(leases), expected).await;
        let decided = decided.map_err(|problem| (values[N - 1], NotReserved::Problem(problem)))?;
        match &decided {
            Decided::Refused(Refusal::Rejected { rejection, .. }) if C::expired(rejection) && attempt < ATTEMPTS => {}
            Decided::Accepted(_) => {
                for (_, value) in leases.iter().zip(values).filter(|(lease, _)| **lease != Lease::CONFIRMED) {
                    if let Err(problem) = confirm(command, value, holder_id).await {
                        tracing::info!(%problem, "a reservation was not confirmed; whoever wants the value next sees to it");
                    }
                }
                return Ok(decided);
            }
            Decided::Refused(_) => return Ok(decided),
        }
    }
}
