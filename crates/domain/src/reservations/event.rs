//! THE STORED FORMAT of reservations, in every context that has them: add fields with a default at the end; never
//! change or remove one. The names of the events are the context's: see `unique_values!`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

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
