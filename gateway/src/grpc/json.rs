//! Messages as JSON, and back. Both have the same names of fields; a time is text in JSON, an integer a number.

mod read;
mod write;

use prost_reflect::MessageDescriptor;

pub(super) use read::read;
pub(super) use write::write;

/// Why a message and JSON do not fit each other.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub(super) struct Misfit {
    /// Which field, from the outside in.
    pub(super) place: String,
    pub(super) what: &'static str,
}

impl Misfit {
    fn new(what: &'static str) -> Self {
        Self { place: String::new(), what }
    }

    /// It is in a field of this name.
    fn within(mut self, name: &str) -> Self {
        self.place = if self.place.is_empty() { name.to_owned() } else { format!("{name}.{}", self.place) };
        self
    }
}

const TIMESTAMP: &str = "google.protobuf.Timestamp";
const STRUCT: &str = "google.protobuf.Struct";
const VALUE: &str = "google.protobuf.Value";
const LIST: &str = "google.protobuf.ListValue";

/// Whether it is any JSON.
fn is_any(descriptor: &MessageDescriptor) -> bool {
    [STRUCT, VALUE, LIST].contains(&descriptor.full_name())
}

#[cfg(test)]
mod tests;
