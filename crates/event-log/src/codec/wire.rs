//! A record as Kafka takes and gives it.

use std::fmt::{Display, Write as _};

use crate::schemas::Layout;

/// Header names.
pub mod header {
    /// The writer's term.
    pub const TERM: &str = "inklog-term";
    /// The event's number within the term.
    pub const SEQ: &str = "inklog-seq";
    /// Digest of what the command asked, in hexadecimal.
    pub const DIGEST: &str = "inklog-digest";
    /// The command's id.
    pub const COMMAND: &str = "ce_commandid";
    /// The client's command that this one is a step of.
    pub const CORRELATION: &str = "ce_correlationid";
    /// The fingerprint of the schema that the value was written with: see [`crate::schemas::Fingerprint`].
    pub const SCHEMA: &str = "inklog-schema";
    /// The event's type.
    pub const TYPE: &str = "ce_type";
    /// W3C trace context.
    pub const TRACEPARENT: &str = "traceparent";
}

/// A record as Kafka takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The aggregate's id; `term` for control records.
    pub key: String,
    /// Wire format.
    pub value: Vec<u8>,
    /// Headers.
    pub headers: Headers,
}

impl Wire {
    /// At most so many bytes it takes in the log, with what Kafka adds to a record and to a batch of one.
    #[must_use]
    pub fn bytes(&self) -> usize {
        /// A batch's head, and a record's lengths.
        const BATCH: usize = 61 + 32;
        /// Two lengths beside each header.
        const HEADER: usize = 10;
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len() + HEADER).sum();
        BATCH + self.key.len() + self.value.len() + headers
    }
}

/// A record as Kafka gives it. Of a header that stands twice, the last counts.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'a, H: Fn(&str) -> Option<&'a str>> {
    /// The key.
    pub key: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// Looks a header up.
    pub header: H,
}

/// Header names and values, in order. The values are one text: a record has a dozen, and each would be an allocation
/// that another thread frees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    values: String,
    /// Each name, and where its value ends.
    ends: Vec<(&'static str, usize)>,
}

impl Headers {
    /// What the headers of every record of this type begin with.
    pub(super) fn for_record(layout: &Layout) -> Self {
        let mut headers = Self { values: String::with_capacity(512), ends: Vec::with_capacity(16) };
        headers.push("ce_specversion", "1.0");
        headers.push("content-type", "application/avro");
        headers.push(header::TYPE, &layout.name);
        headers.push(header::SCHEMA, layout.fingerprint);
        headers
    }

    /// A further header.
    pub fn push(&mut self, name: &'static str, value: impl Display) {
        // Writing to a string fails only if the value's own formatting does.
        let _ = write!(self.values, "{value}");
        self.ends.push((name, self.values.len()));
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'static str, &str)> {
        let begin = |place: usize| place.checked_sub(1).map_or(0, |before| self.ends[before].1);
        self.ends.iter().enumerate().map(move |(place, (name, end))| (*name, &self.values[begin(place)..*end]))
    }
}
