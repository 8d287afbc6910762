//! A reservation makes a value unique: a small aggregate keyed by the value itself, so that one partition's leader
//! decides who has it. A process reserves the value, then acts (drafts the post that bears it), then confirms.
//!
//! ```text
//! nothing ──reserve──► reserved until t ──confirm──► confirmed
//!                          │    ▲                     │
//!                          │    └──────release────────┘
//!                          └──reserve by another, after t──► reserved by the other
//! ```
//!
//! A confirmed reservation is for ever, unless its holder came to bear another value and releases it: then it expires,
//! a minute later at the earliest, and all that follows holds of it too. Which values there are, and how long each kind
//! is kept, a context declares once, with `unique_values!`.
//!
//! Why no two holders can both act on one value: the act is decided with [`Lease::may_act`], which refuses it from half
//! a reservation's life before it expires. A takeover is possible only after it has expired, and only when the taker
//! has since asked the earlier holder's own aggregate whether it acted ([`Command::Vouch`]). The half life between the
//! two is the clock skew we tolerate between machines. A reservation is never given back early: a second request of the
//! same holder may be about to act on it.
//!
//! A reservation is confirmed only for a holder that bears the value: by the process whose act was accepted, or by one
//! that asked the holder. Each names the very reservation that it knows of ([`Expired::expires_at`] tells one from
//! another): the holder may have given the value up since, and a confirmation that comes late says nothing of that.
//!
//! A reservation that is over, a holder's own too, is replaced only by a caller who names it. Before that the caller
//! has asked whether the act waits for nothing else, so that a command which is refused anyhow keeps a value from
//! others for no longer than one reservation's life, however often it comes.

mod event;
mod lease;
mod unique;

pub use event::{Held, Reserved};
pub use lease::{LEASE_MS, Lease};
pub(crate) use unique::unique_values;
pub use unique::{Aggregate, Declared, Reserves, UniqueValue};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DecisionContext, Timestamp};

/// Who has the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reservation {
    /// No aggregate has it.
    #[default]
    Free,
    /// An aggregate has it that has yet to act.
    Reserved {
        /// The aggregate that is to bear the value.
        holder_id: Uuid,
        /// When another may take it over.
        expires_at: Timestamp,
    },
    /// An aggregate has it for good.
    Confirmed {
        /// The aggregate that bears the value.
        holder_id: Uuid,
    },
}

/// What can be asked about a value: of its reservation, or (the last) of the aggregate that may bear it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command<U> {
    /// Reserve the value for an aggregate.
    Reserve {
        /// The value.
        value: U,
        /// The aggregate that is to bear it.
        holder_id: Uuid,
        /// The reservation that is over and may be replaced: another's, whose holder was asked since and never acted,
        /// or the holder's own.
        instead_of: Option<Expired>,
    },
    /// The holder has acted: the reservation is for good.
    Confirm {
        /// The value.
        value: U,
        /// The aggregate that bears it.
        holder_id: Uuid,
        /// When the reservation expires that the holder acted on. One that was made since is not confirmed by it.
        expires_at: Timestamp,
    },
    /// The holder bears the value no more: others may have it after [`UniqueValue::kept_ms`], and no sooner than after
    /// a reservation's life. The holder may have it back until then.
    Release {
        /// The value.
        value: U,
        /// The aggregate that bore it.
        holder_id: Uuid,
    },
    /// Say whether the aggregate bears the value: nothing if so, else a rejection. A reservation that was not confirmed
    /// is taken over on the strength of the answer.
    Vouch {
        /// The value.
        value: U,
    },
}

/// A reservation that its holder may not act on any more, but make anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// Who had it.
    pub holder_id: Uuid,
    /// When it expires, or expired.
    pub expires_at: Timestamp,
}

/// Why a command about a value was refused, or an act on a reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// Another has it for good.
    #[error("the value is taken")]
    Taken {
        /// Who.
        holder_id: Uuid,
    },
    /// It is reserved and not yet confirmed: by another, or by the holder itself, who may not act on that any more.
    #[error("the value is reserved and not yet confirmed")]
    Pending {
        /// By whom.
        holder_id: Uuid,
        /// When the reservation expires, or expired.
        expires_at: Timestamp,
        /// Whether the reservation has expired, so that another can take it over if the holder never acted.
        expired: bool,
    },
    /// A holder confirms what is no longer theirs.
    #[error("the reservation is no longer held")]
    Lost,
    /// A value of this kind is its holder's for ever.
    #[error("a value of this kind is never released")]
    NeverReleased,
    /// The act comes too late for its reservation.
    #[error("the reservation expired; try again")]
    LeaseExpired,
    /// The aggregate does not bear the value.
    #[error("it does not bear the value")]
    DoesNotBear,
    /// A command was sent to a reservation that is for the aggregates that bear values, or the other way round.
    #[error("the id is not of an aggregate that takes this command")]
    WrongAggregate,
}

/// Decides a command about a value, by the aggregate that it was sent to: the value's reservation, or a holder.
///
/// # Errors
/// Another has the value; or the holder, if it is asked, does not bear it.
pub fn decide<U: UniqueValue>(
    aggregate: &Aggregate<'_, U>,
    command: &Command<U>,
    context: &DecisionContext,
) -> Result<Option<U::Event>, Rejection> {
    match (aggregate, command) {
        (Aggregate::Bearer(bearer), Command::Vouch { value }) if value.is_borne_by(bearer) => Ok(None),
        (Aggregate::Bearer(_) | Aggregate::Nothing, Command::Vouch { .. }) => Err(Rejection::DoesNotBear),
        (Aggregate::Bearer(_), Command::Reserve { .. } | Command::Confirm { .. } | Command::Release { .. }) => {
            wrong_aggregate()
        }
        (Aggregate::Nothing, command) => on_reservation(&Reservation::Free, command, context),
        (Aggregate::Reservation(kind, reservation), command) if command.value().kind() == *kind => {
            on_reservation(reservation, command, context)
        }
        (Aggregate::Reservation(..), _) => wrong_aggregate(),
    }
}

fn on_reservation<U: UniqueValue>(
    reservation: &Reservation,
    command: &Command<U>,
    context: &DecisionContext,
) -> Result<Option<U::Event>, Rejection> {
    match command {
        Command::Reserve { value, holder_id, instead_of } => {
            let expires_at = expires_at(reservation, *holder_id, *instead_of, context.now)?;
            Ok(expires_at.map(|expires_at| {
                let claimed_value = value.canonical();
                (value.declared().reserved)(Reserved { claimed_value, holder_id: *holder_id, expires_at })
            }))
        }
        Command::Confirm { value, holder_id, expires_at } => match reservation {
            Reservation::Confirmed { holder_id: holder } if holder == holder_id => Ok(None),
            Reservation::Reserved { holder_id: holder, expires_at: of } if holder == holder_id && of == expires_at => {
                let held = Held { claimed_value: value.canonical(), holder_id: *holder_id };
                Ok(Some((value.declared().confirmed)(held)))
            }
            Reservation::Free | Reservation::Reserved { .. } | Reservation::Confirmed { .. } => Err(Rejection::Lost),
        },
        Command::Release { value, holder_id } => {
            let Declared { released: Some(released), kept_ms: Some(kept_ms), .. } = value.declared() else {
                return Err(Rejection::NeverReleased);
            };
            match reservation {
                Reservation::Confirmed { holder_id: holder } if holder == holder_id => {
                    let expires_at = context.now.plus_millis(LEASE_MS.max(kept_ms));
                    let claimed_value = value.canonical();
                    Ok(Some(released(Reserved { claimed_value, holder_id: *holder_id, expires_at })))
                }
                // It expires by itself, or is another's by now.
                Reservation::Free | Reservation::Reserved { .. } | Reservation::Confirmed { .. } => Ok(None),
            }
        }
        Command::Vouch { .. } => wrong_aggregate(),
    }
}

/// Until when a value is reserved for `holder_id` that asks for it now; `None` if the reservation there is will do.
fn expires_at(
    reservation: &Reservation,
    holder_id: Uuid,
    instead_of: Option<Expired>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Rejection> {
    let reserved = Ok(Some(now.plus_millis(LEASE_MS)));
    match *reservation {
        Reservation::Free => reserved,
        Reservation::Confirmed { holder_id: holder } if holder == holder_id => Ok(None),
        Reservation::Confirmed { holder_id } => Err(Rejection::Taken { holder_id }),
        // A reservation of its own that is still good for the act is not renewed.
        Reservation::Reserved { holder_id: holder, expires_at }
            if holder == holder_id && (Lease { expires_at: Some(expires_at) }).may_act(now) =>
        {
            Ok(None)
        }
        Reservation::Reserved { holder_id: holder, expires_at } => {
            let expired = expires_at <= now;
            // The very reservation that was asked about: its holder may have renewed it since, and acted.
            let is_named = instead_of == Some(Expired { holder_id: holder, expires_at });
            if is_named && (expired || holder == holder_id) {
                reserved
            } else {
                Err(Rejection::Pending { holder_id: holder, expires_at, expired })
            }
        }
    }
}

/// The refusal of a command that is for another kind of aggregate.
pub(crate) fn wrong_aggregate<T, R: From<Rejection>>() -> Result<T, R> {
    Err(Rejection::WrongAggregate.into())
}

impl<U> Command<U> {
    /// See [`crate::Decider::rests_on_clocks`].
    pub(crate) fn rests_on_clocks(&self) -> bool {
        matches!(self, Self::Reserve { .. } | Self::Release { .. })
    }

    /// The value that it is about.
    pub fn value(&self) -> &U {
        match self {
            Self::Reserve { value, .. }
            | Self::Confirm { value, .. }
            | Self::Release { value, .. }
            | Self::Vouch { value } => value,
        }
    }
}

impl Reservation {
    /// The aggregate that has the value; `None` if it is free.
    #[must_use]
    pub fn holder_id(&self) -> Option<Uuid> {
        match self {
            Self::Free => None,
            Self::Reserved { holder_id, .. } | Self::Confirmed { holder_id } => Some(*holder_id),
        }
    }

    /// What a reply says of the reservation; [`Lease::of_receipt`] reads it.
    #[must_use]
    pub fn receipt(&self) -> Option<String> {
        match self {
            Self::Free => None,
            Self::Reserved { expires_at, .. } => Some(Lease { expires_at: Some(*expires_at) }.receipt()),
            Self::Confirmed { .. } => Some(Lease::CONFIRMED.receipt()),
        }
    }
}

/// The reservation after it was made, renewed, taken over or released.
impl From<&Reserved> for Reservation {
    fn from(&Reserved { holder_id, expires_at, .. }: &Reserved) -> Self {
        Self::Reserved { holder_id, expires_at }
    }
}

/// The reservation after it was confirmed.
impl From<&Held> for Reservation {
    fn from(&Held { holder_id, .. }: &Held) -> Self {
        Self::Confirmed { holder_id }
    }
}

#[cfg(test)]
mod tests;
