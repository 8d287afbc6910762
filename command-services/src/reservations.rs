//! Making a value unique before it is used: reserve, then act, then confirm. Each step is a command of its own with an
//! id derived from the client's, so the whole can be repeated at any point, by any caller, any number of times.

use domain::reservations::{Command as About, Expired, Lease, Rejection, Reserves, UniqueValue as _};
use event_log::Refusal;
use service_kit::Problem;
use uuid::Uuid;

use crate::commands::{Command, Decided};
use crate::reply::Accepted;

mod step;

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
    value: &C::Unique,
    holder_id: Uuid,
    attempt: u32,
) -> Result<Lease, NotReserved> {
    let (asked_at, mut instead_of) = (command.now(), None);
    // At most once: a second expired holder in a row means that others are at it right now.
    for _ in 0..2 {
        let step = step::reserve(&value.reservation_id(), holder_id, attempt, instead_of);
        let about = About::Reserve { value: value.clone(), holder_id, instead_of };
        let rejection = match ask(command, &step, about).await.map_err(NotReserved::Problem)? {
            Decided::Accepted(accepted) => {
                let lease = accepted.receipt.note.as_deref().and_then(Lease::of_receipt);
                let lease = lease.map(|lease| value.kept_ms().map_or(lease, |_| lease.asked_for_at(asked_at)));
                return lease.ok_or_else(|| NotReserved::Problem(Problem::internal("a reservation without a receipt")));
            }
            Decided::Refused(Refusal::Rejected { rejection, .. }) => rejection,
            Decided::Refused(refusal) => {
                return Err(NotReserved::Problem(Problem::internal(format!("a reservation was refused: {refusal:?}"))));
            }
        };
        instead_of = Some(expired(command, value, C::reservation_rejection(&rejection), attempt).await?);
    }
    Err(NotReserved::Taken)
}

/// The expired reservation that may be taken over, by what was said of the value to a caller who wants it.
async fn expired<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Unique,
    rejection: Option<&Rejection>,
    attempt: u32,
) -> Result<Expired, NotReserved> {
    match rejection {
        Some(&Rejection::Pending { holder_id, expires_at, expired: true }) => {
            if bears(command, value, holder_id, attempt).await.map_err(NotReserved::Problem)? {
                return Err(NotReserved::Taken);
            }
            Ok(Expired { holder_id, expires_at })
        }
        Some(&Rejection::Taken { holder_id }) if value.kept_ms().is_some() => {
            // It should have been released when its holder came to bear another, and was not: a crash.
            if !bears(command, value, holder_id, attempt).await.map_err(NotReserved::Problem)? {
                release(command, value, holder_id).await.map_err(NotReserved::Problem)?;
            }
            Err(NotReserved::Taken)
        }
        Some(_) | None => Err(NotReserved::Taken),
    }
}

/// Whether a holder whose reservation expired bears the value after all; if so, confirms on its behalf.
async fn bears<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Unique,
    holder_id: Uuid,
    attempt: u32,
) -> Result<bool, Problem> {
    let step = step::bears(&value.reservation_id(), holder_id, attempt);
    let vouch = About::Vouch { value: value.clone() };
    match command.step(&step, holder_id.to_string(), vouch.into()).await? {
        Decided::Accepted(_) => {
            confirm(command, value, holder_id).await?;
            Ok(true)
        }
        Decided::Refused(Refusal::Rejected { .. }) => Ok(false),
        // An unreadable holder may bear it.
        Decided::Refused(_) => Ok(true),
    }
}

/// Has a command on the value's reservation decided.
async fn ask<C: Reserves>(
    command: &Command<'_, C>,
    step: &str,
    about: About<C::Unique>,
) -> Result<Decided<C>, Problem> {
    command.step(step, about.value().reservation_id(), about.into()).await
}

/// Makes a reservation good for ever. Where this does not happen, the next caller who wants the value asks the holder
/// and does it.
///
/// # Errors
/// There is no outcome in time.
pub async fn confirm<C: Reserves>(command: &Command<'_, C>, value: &C::Unique, holder_id: Uuid) -> Result<(), Problem> {
    match confirmed(command, value, holder_id).await? {
        Decided::Accepted(_) => Ok(()),
        Decided::Refused(refusal) => Err(Problem::internal(format!("a confirmation was refused: {refusal:?}"))),
    }
}

/// Sees to it that a value can be released which its holder bears and is about to give up: only a confirmed reservation
/// is, and the one on it may not have been, where a process died. One that is not the holder's any more is let go.
///
/// # Errors
/// There is no outcome in time.
pub async fn keep<C: Reserves>(command: &Command<'_, C>, value: &C::Unique, holder_id: Uuid) -> Result<(), Problem> {
    confirmed(command, value, holder_id).await.map(drop)
}

async fn confirmed<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Unique,
    holder_id: Uuid,
) -> Result<Decided<C>, Problem> {
    let step = step::confirm(&value.reservation_id(), holder_id);
    ask(command, &step, About::Confirm { value: value.clone(), holder_id }).await
}

/// Gives a value up that its holder bears no more. Where this does not happen, the next caller who wants the value asks
/// the holder and does it.
///
/// # Errors
/// There is no outcome in time.
pub async fn release<C: Reserves>(command: &Command<'_, C>, value: &C::Unique, holder_id: Uuid) -> Result<(), Problem> {
    if value.kept_ms().is_none() {
        return Ok(());
    }
    let step = step::release(&value.reservation_id(), holder_id);
    match ask(command, &step, About::Release { value: value.clone(), holder_id }).await? {
        Decided::Accepted(_) => Ok(()),
        Decided::Refused(refusal) => Err(Problem::internal(format!("a release was refused: {refusal:?}"))),
    }
}

/// How often a command reserves anew because its reservation expired before the act: each time means that half a
/// reservation's life passed between two steps.
const ATTEMPTS: u32 = 3;

/// Reserves `value` for `holder_id`, then has `act` decided on the strength of the reservation, then confirms.
///
/// # Errors
/// `taken` if another has the value; otherwise there is no outcome in time.
pub async fn with_reservation<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Unique,
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
    values: [&'v C::Unique; N],
    holder_id: Uuid,
    expected: Option<u64>,
    act: impl Fn([Lease; N]) -> C::Command,
) -> Result<Decided<C>, (&'v C::Unique, NotReserved)> {
    decide(command, values, holder_id, expected, act, |_, _| true).await
}

/// The same for a value that is not the client's but made for the command, and may be another when the command comes
/// again: its outcome is then that of the first time. Only a value that the outcome names is confirmed, any other left
/// to expire.
///
/// # Errors
/// See [`with_reservation`].
pub async fn with_suggestion<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Unique,
    holder_id: Uuid,
    act: impl Fn(Lease) -> C::Command,
) -> Result<Decided<C>, NotReserved> {
    let is_named = |accepted: &Accepted, value: &C::Unique| {
        accepted.receipt.note.as_deref().is_some_and(|note| *note == *value.canonical())
    };
    let outcome = decide(command, [value], holder_id, None, |[lease]| act(lease), is_named).await;
    outcome.map_err(|(_, why)| why)
}

async fn decide<'v, C: Reserves, const N: usize>(
    command: &Command<'_, C>,
    values: [&'v C::Unique; N],
    holder_id: Uuid,
    expected: Option<u64>,
    act: impl Fn([Lease; N]) -> C::Command,
    is_borne: impl Fn(&Accepted, &C::Unique) -> bool,
) -> Result<Decided<C>, (&'v C::Unique, NotReserved)> {
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
            Decided::Refused(Refusal::Rejected { rejection, .. })
                if C::reservation_rejection(rejection) == Some(&Rejection::LeaseExpired) && attempt < ATTEMPTS => {}
            Decided::Accepted(accepted) => {
                for (_, value) in leases.iter().zip(values).filter(|(lease, _)| **lease != Lease::CONFIRMED) {
                    if is_borne(accepted, value) {
                        confirm_or_leave(command, value, holder_id).await;
                    }
                }
                return Ok(decided);
            }
            Decided::Refused(_) => return Ok(decided),
        }
    }
}

async fn confirm_or_leave<C: Reserves>(command: &Command<'_, C>, value: &C::Unique, holder_id: Uuid) {
    if let Err(problem) = confirm(command, value, holder_id).await {
        tracing::info!(%problem, "a reservation was not confirmed; the next caller who wants the value sees to it");
    }
}
