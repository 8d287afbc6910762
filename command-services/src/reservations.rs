//! Making a value unique before it is used: reserve, then act, then confirm. Each step is a command of its own with an
//! id derived from the client's, so the whole can be repeated at any point, by any caller, any number of times.
//!
//! For what comes to be a free value is reserved at once. Where there is a reservation that is over, or the aggregate
//! is there and bears another value, the act is asked first, with a lease that permits nothing: what is refused anyhow
//! makes no reservation, or a caller could keep values from others by asking for what is not allowed.

use domain::Timestamp;
use domain::reservations::{Command as About, Expired, Lease, Rejection, Reserves, UniqueValue as _};
use event_log::Refusal;
use service_kit::Problem;
use uuid::Uuid;

use crate::commands::{Command, Decided};
use crate::reply::{Accepted, refused};

mod acting;
mod step;

pub use acting::Bears;

use acting::Acting;

/// Why a value was not reserved.
#[derive(Debug)]
pub enum NotReserved {
    /// Another has it, or is about to.
    Taken,
    /// What was to bear it was changed meanwhile, and the act refused.
    Changed,
    /// It is not known.
    Problem(Problem),
}

impl From<Problem> for NotReserved {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// A value that a command wants for its aggregate; `attempt` tells this try from earlier ones of the same command.
struct Wanted<'a, C: Reserves> {
    command: &'a Command<'a, C>,
    value: &'a C::Unique,
    holder_id: Uuid,
    attempt: u32,
}

/// What the reservation of a value says to an aggregate that wants it.
#[derive(Clone, Copy)]
enum Reserved {
    /// The aggregate has it.
    Has(Had),
    /// There is one that is over, of another or its own: one can be made instead.
    Over(Expired),
}

/// A reservation that an aggregate has.
#[derive(Clone, Copy)]
struct Had {
    /// What is to be confirmed; nothing if it is confirmed.
    expires_at: Option<Timestamp>,
    /// Whether the command made it. One that was there may have been left by what the outcome of a repeated command
    /// knows nothing of: its holder may have given the value up since.
    is_made: bool,
    /// What the act may be decided on.
    lease: Lease,
}

impl<C: Reserves> Wanted<'_, C> {
    async fn reserve(&self, instead_of: Option<Expired>) -> Result<Reserved, NotReserved> {
        let Self { command, value, holder_id, attempt } = *self;
        let asked_at = command.now();
        let step = step::reserve(&value.reservation_id(), holder_id, attempt, instead_of);
        let about = About::Reserve { value: value.clone(), holder_id, instead_of };
        let rejection = match ask(command, &step, about).await? {
            Decided::Accepted(accepted) => {
                let lease = accepted.receipt.note.as_deref().and_then(Lease::of_receipt);
                let had = lease.ok_or_else(|| Problem::internal("a reservation without a receipt"))?;
                let lease = value.kept_ms().map_or(had, |_| had.asked_for_at(asked_at));
                return Ok(Reserved::Has(Had { expires_at: had.expires_at, is_made: accepted.receipt.changed, lease }));
            }
            Decided::Refused(Refusal::Rejected { rejection, .. }) => rejection,
            Decided::Refused(refusal) => return Err(not_decided(refusal).into()),
        };
        match C::reservation_rejection(&rejection) {
            Some(&Rejection::Pending { holder_id: by, expires_at, expired }) if expired || by == holder_id => {
                Ok(Reserved::Over(Expired { holder_id: by, expires_at }))
            }
            Some(&Rejection::Taken { holder_id }) if value.kept_ms().is_some() => {
                // It should have been released when its holder came to bear another, and was not: a crash.
                if !self.is_borne_by(holder_id, None).await? {
                    release(command, value, holder_id).await?;
                }
                Err(NotReserved::Taken)
            }
            Some(_) | None => Err(NotReserved::Taken),
        }
    }

    /// Makes a reservation instead of one that is over.
    async fn reserve_anew(&self, over: Expired) -> Result<Had, NotReserved> {
        let is_anothers = over.holder_id != self.holder_id;
        if is_anothers && self.is_borne_by(over.holder_id, Some(over.expires_at)).await? {
            return Err(NotReserved::Taken);
        }
        match self.reserve(Some(over)).await? {
            Reserved::Has(had) => Ok(had),
            Reserved::Over(again) if again.holder_id == self.holder_id => {
                Err(Problem::unavailable("another request reserves the same; try again", 1).into())
            }
            // A second one in a row means that others are at it right now.
            Reserved::Over(_) => Err(NotReserved::Taken),
        }
    }

    /// Whether an aggregate bears the value; if so, confirms its reservation of this time on its behalf.
    async fn is_borne_by(&self, holder_id: Uuid, expires_at: Option<Timestamp>) -> Result<bool, Problem> {
        let Self { command, value, attempt, .. } = *self;
        let step = step::bears(&value.reservation_id(), holder_id, attempt);
        let vouch = About::Vouch { value: value.clone() };
        match command.step(&step, holder_id.to_string(), vouch.into()).await? {
            Decided::Accepted(_) => {
                if let Some(expires_at) = expires_at {
                    // Where it is another reservation by now, the process that made that sees to it.
                    confirm(command, value, holder_id, expires_at).await?;
                }
                Ok(true)
            }
            Decided::Refused(Refusal::Rejected { rejection, .. }) => {
                Ok(C::reservation_rejection(&rejection) != Some(&Rejection::DoesNotBear))
            }
            // An unreadable holder may bear it.
            Decided::Refused(_) => Ok(true),
        }
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

/// The problem of a step that was refused for no reason that its value knows.
fn not_decided<C: Reserves>(refusal: Refusal<C>) -> Problem {
    refused(refusal, "reservation", |rejection, _| Problem::internal(format!("a step was refused: {rejection:?}")))
}

/// Makes a reservation good for ever; whether it is, for it may be another by now than the one that expires then.
/// Where this does not happen, the next caller who wants the value asks the holder and does it.
async fn confirm<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Unique,
    holder_id: Uuid,
    expires_at: Timestamp,
) -> Result<bool, Problem> {
    let step = step::confirm(&value.reservation_id(), holder_id, expires_at);
    match ask(command, &step, About::Confirm { value: value.clone(), holder_id, expires_at }).await? {
        Decided::Accepted(_) => Ok(true),
        Decided::Refused(Refusal::Rejected { .. }) => Ok(false),
        Decided::Refused(refusal) => Err(not_decided(refusal)),
    }
}

/// Sees to it that a value can be released which its holder bears and is about to give up: only a confirmed reservation
/// is, and the one on it may not have been, where a process died. One that is not the holder's any more is let go.
///
/// # Errors
/// There is no outcome in time.
pub async fn keep<C: Reserves>(command: &Command<'_, C>, value: &C::Unique, holder_id: Uuid) -> Result<(), Problem> {
    // No attempt at the act: it is about another value.
    let kept = Wanted { command, value, holder_id, attempt: 0 };
    let expires_at = match kept.reserve(None).await {
        Ok(Reserved::Has(had)) => had.expires_at,
        Ok(Reserved::Over(over)) => Some(over.expires_at).filter(|_| over.holder_id == holder_id),
        Err(NotReserved::Taken | NotReserved::Changed) => None,
        Err(NotReserved::Problem(problem)) => return Err(problem),
    };
    // First seen, then asked about: what the holder gives up meanwhile gets another reservation.
    match expires_at {
        Some(expires_at) => kept.is_borne_by(holder_id, Some(expires_at)).await.map(drop),
        None => Ok(()),
    }
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
        Decided::Refused(refusal) => Err(not_decided(refusal)),
    }
}

/// Reserves `value` for `holder_id`, then has `act` decided on the strength of the reservation, then confirms.
///
/// # Errors
/// `taken` if another has the value; otherwise there is no outcome in time.
pub async fn with_reservation<C: Reserves>(
    command: &Command<'_, C>,
    value: &C::Unique,
    holder_id: Uuid,
    (expected, bears): (Option<u64>, Bears),
    act: impl Fn(Lease) -> C::Command,
) -> Result<Decided<C>, NotReserved> {
    let (is_borne, act) = (|_: &Accepted, _: &C::Unique| true, |[lease]: [_; 1]| act(lease));
    let acting = Acting { command, values: [value], holder_id, expected, bears, act, is_borne };
    acting.decided().await.map_err(|(_, why)| why)
}

/// The same for several values of an aggregate that comes to be, reserved in this order.
///
/// # Errors
/// See [`with_reservation`]; with the value that could not be reserved.
pub async fn with_reservations<'v, C: Reserves, const N: usize>(
    command: &Command<'_, C>,
    values: [&'v C::Unique; N],
    holder_id: Uuid,
    act: impl Fn([Lease; N]) -> C::Command,
) -> Result<Decided<C>, (&'v C::Unique, NotReserved)> {
    let (bears, is_borne) = (Bears::NothingElse, |_: &Accepted, _: &C::Unique| true);
    Acting { command, values, holder_id, expected: None, bears, act, is_borne }.decided().await
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
    let is_borne = |accepted: &Accepted, value: &C::Unique| {
        accepted.receipt.note.as_deref().is_some_and(|note| *note == *value.canonical())
    };
    let (bears, act) = (Bears::NothingElse, |[lease]: [_; 1]| act(lease));
    let acting = Acting { command, values: [value], holder_id, expected: None, bears, act, is_borne };
    acting.decided().await.map_err(|(_, why)| why)
}
