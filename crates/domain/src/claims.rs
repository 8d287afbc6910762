//! A claim makes a value unique: a small aggregate keyed by the value itself, so that one partition's owner decides
//! who has it. A process claims the value, then acts (drafts the post that bears it), then confirms.
//!
//! ```text
//! nothing ──claim──► claimed until t ──confirm──► confirmed
//!                        │    ▲                     │
//!                        │    └──────release────────┘
//!                        └──claim by another, after t──► claimed by the other
//! ```
//!
//! A confirmed claim is for ever, unless its holder came to bear another value and releases it: then it is a claim that
//! lapses, a minute later at the earliest, and all that follows holds of it too.
//!
//! Why no two holders can both act on one value: the act is decided with [`Grant::may_act`], which refuses it from
//! half a claim's life before the claim lapses; a takeover is possible only after it has lapsed, and only when the
//! taker has asked the earlier holder's own aggregate, after the claim had lapsed, whether it acted. The half life between the two is the clock
//! skew we tolerate between machines. A claim is never given back early: a second request of the same holder may be
//! about to act on it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Deciding, Timestamp};

/// How long an unconfirmed claim holds, in milliseconds.
pub const CLAIM_MS: i64 = 60_000;

/// How long before the claim lapses the act must be decided, in milliseconds.
const MARGIN_MS: i64 = CLAIM_MS / 2;

/// What the receipt of a confirmed claim says.
const CONFIRMED: &str = "confirmed";

/// Who has the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Claim {
    /// Nobody.
    #[default]
    Free,
    /// Somebody who has yet to act.
    Claimed {
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

/// What can be asked of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Claim `value` for `holder_id`.
    Claim {
        /// The value.
        value: String,
        /// The aggregate that is to bear it.
        holder_id: Uuid,
        /// The lapsed claim that may be taken over, for its holder was asked since and never acted.
        instead_of: Option<Lapsed>,
    },
    /// The holder has acted: the claim is for good.
    Confirm {
        /// The value.
        value: String,
        /// The aggregate that bears it.
        holder_id: Uuid,
    },
    /// The holder bears the value no more: others may have it after so many milliseconds, and no less than a claim's
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

/// A claim that lapsed: its holder may claim anew, but not act on this one any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lapsed {
    /// Who had it.
    pub holder_id: Uuid,
    /// When it lapsed.
    pub expires_at: Timestamp,
}

/// What can have happened to a claim; each context gives these payloads event names of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Claimed.
    Claimed(Claimed),
    /// Confirmed.
    Confirmed(Held),
    /// Released: claimed, and no more, until it lapses.
    Released(Claimed),
}

/// A value was claimed, until `expires_at` unless confirmed; or released, and kept for its holder until then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claimed {
    /// The value.
    pub claimed_value: String,
    /// The aggregate that is to bear it.
    pub holder_id: Uuid,
    /// When another may take it over.
    pub expires_at: Timestamp,
}

/// A claim was confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The value.
    pub claimed_value: String,
    /// The aggregate that bears it.
    pub holder_id: Uuid,
}

/// Why a claim was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// Another has it for good.
    #[error("the value is taken")]
    Taken {
        /// Who.
        holder_id: Uuid,
    },
    /// Another has claimed it and not yet confirmed.
    #[error("the value is claimed by another and not yet confirmed")]
    Pending {
        /// Who.
        holder_id: Uuid,
        /// When the claim lapses, or lapsed.
        expires_at: Timestamp,
        /// Whether the claim has lapsed, so that it can be taken over if the holder never acted.
        lapsed: bool,
    },
    /// A holder confirms what is no longer theirs.
    #[error("the claim is no longer held")]
    Lost,
}

/// A claim as its holder sees it: permission to act until shortly before it lapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// When the claim lapses; `None` when it is confirmed.
    pub expires_at: Option<Timestamp>,
}

impl Grant {
    /// A confirmed claim.
    pub const CONFIRMED: Self = Self { expires_at: None };

    /// The grant that an accepted claim's receipt speaks of.
    #[must_use]
    pub fn of_receipt(receipt: &str) -> Option<Self> {
        if receipt == CONFIRMED {
            return Some(Self::CONFIRMED);
        }
        receipt.parse().ok().map(|expires_at| Self { expires_at: Some(Timestamp(expires_at)) })
    }

    /// The same for a value that its holder can give up: good for no longer than a claim that was made when this one
    /// was asked for. Given up after that, the value is nobody else's before such a claim would lapse.
    #[must_use]
    pub fn asked_for_at(self, at: Timestamp) -> Self {
        Self { expires_at: self.expires_at.or(Some(at.plus_millis(CLAIM_MS))) }
    }

    /// Whether its holder may still act on the claim.
    #[must_use]
    pub fn may_act(self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| now.plus_millis(MARGIN_MS) < expires_at)
    }
}

/// Decides a command on a claim.
///
/// # Errors
/// Another has the value.
pub fn decide(claim: &Claim, command: &Command, deciding: &Deciding) -> Result<Option<Event>, Rejection> {
    match command {
        Command::Claim { value, holder_id, instead_of } => claim_value(claim, value, *holder_id, *instead_of, deciding),
        Command::Confirm { value, holder_id } => match claim {
            Claim::Confirmed { holder_id: holder } if holder == holder_id => Ok(None),
            Claim::Claimed { holder_id: holder, .. } if holder == holder_id => {
                Ok(Some(Event::Confirmed(Held { claimed_value: value.clone(), holder_id: *holder_id })))
            }
            Claim::Free | Claim::Claimed { .. } | Claim::Confirmed { .. } => Err(Rejection::Lost),
        },
        Command::Release { value, holder_id, after_ms } => match claim {
            Claim::Confirmed { holder_id: holder } if holder == holder_id => {
                let expires_at = deciding.now.plus_millis(CLAIM_MS.max(*after_ms));
                let (claimed_value, holder_id) = (value.clone(), *holder_id);
                Ok(Some(Event::Released(Claimed { claimed_value, holder_id, expires_at })))
            }
            // It lapses by itself, or is another's by now.
            Claim::Free | Claim::Claimed { .. } | Claim::Confirmed { .. } => Ok(None),
        },
    }
}

fn claim_value(
    claim: &Claim,
    value: &str,
    holder_id: Uuid,
    instead_of: Option<Lapsed>,
    deciding: &Deciding,
) -> Result<Option<Event>, Rejection> {
    let claimed = || {
        let expires_at = deciding.now.plus_millis(CLAIM_MS);
        Ok(Some(Event::Claimed(Claimed { claimed_value: value.to_owned(), holder_id, expires_at })))
    };
    match claim {
        Claim::Free => claimed(),
        Claim::Confirmed { holder_id: holder } if *holder == holder_id => Ok(None),
        Claim::Confirmed { holder_id: holder } => Err(Rejection::Taken { holder_id: *holder }),
        Claim::Claimed { holder_id: holder, expires_at } if *holder == holder_id => {
            // A claim that is still good for the act is not renewed; one that is not begins anew.
            if (Grant { expires_at: Some(*expires_at) }).may_act(deciding.now) { Ok(None) } else { claimed() }
        }
        Claim::Claimed { holder_id: holder, expires_at } => {
            let lapsed = *expires_at <= deciding.now;
            let (holder_id, expires_at) = (*holder, *expires_at);
            // The very claim that was asked about: its holder may have renewed it since, and acted.
            if lapsed && instead_of == Some(Lapsed { holder_id, expires_at }) {
                claimed()
            } else {
                Err(Rejection::Pending { holder_id, expires_at, lapsed })
            }
        }
    }
}

/// The claim after an event.
#[must_use]
pub fn evolve(event: &Event) -> Claim {
    match event {
        Event::Claimed(Claimed { holder_id, expires_at, .. })
        | Event::Released(Claimed { holder_id, expires_at, .. }) => {
            Claim::Claimed { holder_id: *holder_id, expires_at: *expires_at }
        }
        Event::Confirmed(Held { holder_id, .. }) => Claim::Confirmed { holder_id: *holder_id },
    }
}

impl Claim {
    /// What a reply says of the claim; [`Grant::of_receipt`] reads it.
    #[must_use]
    pub fn receipt(&self) -> Option<String> {
        match self {
            Self::Free => None,
            Self::Claimed { expires_at, .. } => Some(expires_at.0.to_string()),
            Self::Confirmed { .. } => Some(CONFIRMED.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
