//! A reservation makes a value unique: a small aggregate keyed by the value itself, so that one partition's owner
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
//! a minute later at the earliest, and all that follows holds of it too.
//!
//! Why no two holders can both act on one value: the act is decided with [`Lease::may_act`], which refuses it from half
//! a reservation's life before it expires. A takeover is possible only after it has expired, and only when the taker has
//! since asked the earlier holder's own aggregate whether it acted. The half life between the two is the clock skew we
//! tolerate between machines. A reservation is never given back early: a second request of the same holder may be about
//! to act on it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DecisionContext, Timestamp};

/// How long an unconfirmed reservation holds, in milliseconds.
pub const LEASE_MS: i64 = 60_000;

/// How long before the reservation expires the act must be decided, in milliseconds.
const MARGIN_MS: i64 = LEASE_MS / 2;

/// What the receipt of a confirmed reservation says.
const CONFIRMED: &str = "confirmed";

/// Who has the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reservation {
    /// Nobody.
    #[default]
    Free,
    /// Somebody who has yet to act.
    Reserved {
        /// The aggregate that is to bear the value.
        holder_id: Uuid,
        /// When another may take it over.
        expires_at: Timestamp,
    },
    /// Somebody, for good.
    Confirmed {
        /// The aggregate that bears the value.
        holder_id: Uuid,
    },
}

/// What can be asked of a reservation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Reserve `value` for `holder_id`.
    Reserve {
        /// The value.
        value: String,
        /// The aggregate that is to bear it.
        holder_id: Uuid,
        /// The expired reservation that may be taken over, for its holder was asked since and never acted.
        instead_of: Option<Expired>,
    },
    /// The holder has acted: the reservation is for good.
    Confirm {
        /// The value.
        value: String,
        /// The aggregate that bears it.
        holder_id: Uuid,
    },
    /// The holder bears the value no more: others may have it after so many milliseconds, and no less than a reservation's
    /// life. The holder may have it back until then.
    Release {
        /// The value.
        value: String,
        /// The aggregate that bore it.
        holder_id: Uuid,
        /// How long others have to wait.
        after_ms: i64,
    },
}

/// A reservation that expired: its holder may reserve anew, but not act on this one any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// Who had it.
    pub holder_id: Uuid,
    /// When it expired.
    pub expires_at: Timestamp,
}

/// What can have happened to a reservation; each context gives these payloads event names of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Reserved.
    Reserved(Reserved),
    /// Confirmed.
    Confirmed(Held),
    /// Released: reserved, and no more, until it expires.
    Released(Reserved),
}

/// A value was reserved, until `expires_at` unless confirmed; or released, and kept for its holder until then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reserved {
    /// The value.
    pub claimed_value: String,
    /// The aggregate that is to bear it.
    pub holder_id: Uuid,
    /// When another may take it over.
    pub expires_at: Timestamp,
}

/// A reservation was confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The value.
    pub claimed_value: String,
    /// The aggregate that bears it.
    pub holder_id: Uuid,
}

/// Why a reservation was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// Another has it for good.
    #[error("the value is taken")]
    Taken {
        /// Who.
        holder_id: Uuid,
    },
    /// Another has reserved it and not yet confirmed.
    #[error("the value is reserved by another and not yet confirmed")]
    Pending {
        /// Who.
        holder_id: Uuid,
        /// When the reservation expires, or expired.
        expires_at: Timestamp,
        /// Whether the reservation has expired, so that it can be taken over if the holder never acted.
        expired: bool,
    },
    /// A holder confirms what is no longer theirs.
    #[error("the reservation is no longer held")]
    Lost,
}

/// A reservation as its holder sees it: permission to act until shortly before it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// When the reservation expires; `None` when it is confirmed.
    pub expires_at: Option<Timestamp>,
}

impl Lease {
    /// A confirmed reservation.
    pub const CONFIRMED: Self = Self { expires_at: None };

    /// The lease that an accepted reservation's receipt speaks of.
    #[must_use]
    pub fn of_receipt(receipt: &str) -> Option<Self> {
        if receipt == CONFIRMED {
            return Some(Self::CONFIRMED);
        }
        receipt.parse().ok().map(|expires_at| Self { expires_at: Some(Timestamp(expires_at)) })
    }

    /// The same for a value that its holder can give up: good for no longer than a reservation that was made when this one
    /// was asked for. Given up after that, the value is nobody else's before such a reservation would expire.
    #[must_use]
    pub fn asked_for_at(self, at: Timestamp) -> Self {
        Self { expires_at: self.expires_at.or(Some(at.plus_millis(LEASE_MS))) }
    }

    /// Whether its holder may still act on the reservation.
    #[must_use]
    pub fn may_act(self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| now.plus_millis(MARGIN_MS) < expires_at)
    }
}

/// Decides a command on a reservation.
///
/// # Errors
/// Another has the value.
pub fn decide(
    reservation: &Reservation,
    command: &Command,
    context: &DecisionContext,
) -> Result<Option<Event>, Rejection> {
    match command {
        Command::Reserve { value, holder_id, instead_of } => {
            reserve(reservation, value, *holder_id, *instead_of, context)
        }
        Command::Confirm { value, holder_id } => match reservation {
            Reservation::Confirmed { holder_id: holder } if holder == holder_id => Ok(None),
            Reservation::Reserved { holder_id: holder, .. } if holder == holder_id => {
                Ok(Some(Event::Confirmed(Held { claimed_value: value.clone(), holder_id: *holder_id })))
            }
            Reservation::Free | Reservation::Reserved { .. } | Reservation::Confirmed { .. } => Err(Rejection::Lost),
        },
        Command::Release { value, holder_id, after_ms } => match reservation {
            Reservation::Confirmed { holder_id: holder } if holder == holder_id => {
                let expires_at = context.now.plus_millis(LEASE_MS.max(*after_ms));
                let (claimed_value, holder_id) = (value.clone(), *holder_id);
                Ok(Some(Event::Released(Reserved { claimed_value, holder_id, expires_at })))
            }
            // It expires by itself, or is another's by now.
            Reservation::Free | Reservation::Reserved { .. } | Reservation::Confirmed { .. } => Ok(None),
        },
    }
}

fn reserve(
    reservation: &Reservation,
    value: &str,
    holder_id: Uuid,
    instead_of: Option<Expired>,
    context: &DecisionContext,
) -> Result<Option<Event>, Rejection> {
    let reserved = || {
        let expires_at = context.now.plus_millis(LEASE_MS);
        Ok(Some(Event::Reserved(Reserved { claimed_value: value.to_owned(), holder_id, expires_at })))
    };
    match reservation {
        Reservation::Free => reserved(),
        Reservation::Confirmed { holder_id: holder } if *holder == holder_id => Ok(None),
        Reservation::Confirmed { holder_id: holder } => Err(Rejection::Taken { holder_id: *holder }),
        Reservation::Reserved { holder_id: holder, expires_at } if *holder == holder_id => {
            // A reservation that is still good for the act is not renewed; one that is not begins anew.
            if (Lease { expires_at: Some(*expires_at) }).may_act(context.now) { Ok(None) } else { reserved() }
        }
        Reservation::Reserved { holder_id: holder, expires_at } => {
            let expired = *expires_at <= context.now;
            let (holder_id, expires_at) = (*holder, *expires_at);
            // The very reservation that was asked about: its holder may have renewed it since, and acted.
            if expired && instead_of == Some(Expired { holder_id, expires_at }) {
                reserved()
            } else {
                Err(Rejection::Pending { holder_id, expires_at, expired })
            }
        }
    }
}

/// The reservation after an event.
#[must_use]
pub fn evolve(event: &Event) -> Reservation {
    match event {
        Event::Reserved(Reserved { holder_id, expires_at, .. })
        | Event::Released(Reserved { holder_id, expires_at, .. }) => {
            Reservation::Reserved { holder_id: *holder_id, expires_at: *expires_at }
        }
        Event::Confirmed(Held { holder_id, .. }) => Reservation::Confirmed { holder_id: *holder_id },
    }
}

impl Reservation {
    /// What a reply says of the reservation; [`Lease::of_receipt`] reads it.
    #[must_use]
    pub fn receipt(&self) -> Option<String> {
        match self {
            Self::Free => None,
            Self::Reserved { expires_at, .. } => Some(expires_at.0.to_string()),
            Self::Confirmed { .. } => Some(CONFIRMED.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
