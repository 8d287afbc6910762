//! What a holder may do on the strength of a reservation, and until when.

use serde::{Deserialize, Serialize};

use super::Rejection;
use crate::Timestamp;

/// How long an unconfirmed reservation holds, in milliseconds.
pub const LEASE_MS: i64 = 60_000;

/// How long before the reservation expires the act must be decided, in milliseconds.
pub(super) const MARGIN_MS: i64 = LEASE_MS / 2;

/// What the receipt of a confirmed reservation says.
const CONFIRMED: &str = "confirmed";

/// A reservation as its holder sees it: permission to act until shortly before it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// When the reservation expires; `None` when it is confirmed.
    pub expires_at: Option<Timestamp>,
}

impl Lease {
    /// A confirmed reservation.
    pub const CONFIRMED: Self = Self { expires_at: None };

    /// One that is over: an act on it is refused, if for nothing else then for that.
    pub const OVER: Self = Self { expires_at: Some(Timestamp(0)) };

    /// The lease that an accepted reservation's receipt speaks of.
    #[must_use]
    pub fn of_receipt(receipt: &str) -> Option<Self> {
        if receipt == CONFIRMED {
            return Some(Self::CONFIRMED);
        }
        receipt.parse().ok().map(|expires_at| Self { expires_at: Some(Timestamp(expires_at)) })
    }

    /// What the receipt of the reservation says.
    pub(super) fn receipt(self) -> String {
        self.expires_at.map_or_else(|| CONFIRMED.to_owned(), |expires_at| expires_at.0.to_string())
    }

    /// The same for a value that its holder can give up: good for no longer than a reservation that was made when this
    /// one was asked for. Given up after that, no other has the value before such a reservation would expire.
    #[must_use]
    pub fn asked_for_at(self, at: Timestamp) -> Self {
        Self { expires_at: self.expires_at.or(Some(at.plus_millis(LEASE_MS))) }
    }

    /// See [`crate::Decider::rests_on_clocks`].
    pub(crate) fn rests_on_clocks(self) -> bool {
        self.expires_at.is_some()
    }

    /// Whether its holder may still act on the reservation.
    #[must_use]
    pub fn may_act(self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| now.plus_millis(MARGIN_MS) < expires_at)
    }

    /// The same as a rule.
    ///
    /// # Errors
    /// Its holder may not act on it any more.
    pub fn permit(self, now: Timestamp) -> Result<(), Rejection> {
        if self.may_act(now) { Ok(()) } else { Err(Rejection::LeaseExpired) }
    }
}
