//! THE STORED FORMAT of the context `reactions`. These records are in the log for ever: add fields with a default at
//! the end, add variants; never change or remove one. Each payload is an Avro record in `avro-schemas/reactions/`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::values::{ReactionKind, SharePlace, TargetKind};

crate::events! {
    /// What can have happened to a reaction or a share.
    enum Event in "inklog.reactions" {
        /// The account gave the reaction.
        Given(Given),
        /// It took it back.
        Withdrawn(Withdrawn),
        /// The account shared the target somewhere.
        Shared(Shared),
        /// It did not, or does not any more.
        Unshared(Unshared),
    }
}

/// The account gave the reaction. What it says is in the aggregate's id too, so that no reader has to take that apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// The account whose reaction it is.
    pub account_id: Uuid,
    /// What it is given to.
    pub target_kind: TargetKind,
    /// Which of those.
    pub target_id: Uuid,
    /// Of which kind it is.
    pub kind: ReactionKind,
}

/// The account took the reaction back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// See [`Given`].
    pub account_id: Uuid,
    /// See [`Given`].
    pub target_kind: TargetKind,
    /// See [`Given`].
    pub target_id: Uuid,
    /// See [`Given`].
    pub kind: ReactionKind,
}

/// The account shared the target somewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shared {
    /// The account that shared it.
    pub account_id: Uuid,
    /// What it shared.
    pub target_kind: TargetKind,
    /// Which of those.
    pub target_id: Uuid,
    /// Where.
    pub place: SharePlace,
}

/// The account says that it does not share the target there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unshared {
    /// See [`Shared`].
    pub account_id: Uuid,
    /// See [`Shared`].
    pub target_kind: TargetKind,
    /// See [`Shared`].
    pub target_id: Uuid,
    /// See [`Shared`].
    pub place: SharePlace,
}
