//! What fields of a body mean that a client left out.

use serde::{Deserialize, Deserializer};

/// What a text is that the client left out.
pub(crate) fn empty<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
    "".parse().expect("it is asked only of types that an empty text fits")
}

/// Absent is unchanged, but null is not a title: only what is there is read.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
