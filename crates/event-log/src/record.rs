//! What a record of a partition says, apart from how it is encoded.

use domain::Recorded;
use uuid::Uuid;

/// A record of a context's topic.
#[derive(Clone, Debug, PartialEq)]
pub enum Record<E> {
    /// An instance begins to lead the partition.
    TermStarted(TermStarted),
    /// An event, with its writer's stamp.
    Event(EventRecord<E>),
    /// An event of ours whose body cannot be decoded by this reader.
    Unreadable {
        /// Its writer's stamp.
        stamp: Stamp,
        /// The aggregate it happened to.
        aggregate_id: String,
        /// Why it cannot be read.
        reason: String,
    },
    /// A record without a stamp: no instance of ours wrote it, and it counts for no reader.
    Foreign,
}

impl<E> Record<E> {
    /// Whether an instance of ours wrote it, as far as its form tells: it begins a term or has a stamp.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        match self {
            Self::TermStarted(_) | Self::Event(_) | Self::Unreadable { .. } => true,
            Self::Foreign => false,
        }
    }

    /// Whether an instance appended it only to find out whether it still leads, or where the partition ends.
    #[must_use]
    pub fn is_barrier(&self) -> bool {
        self.barrier().is_some()
    }

    /// The record, if an instance appended it only to find out whether it still leads, or where the partition ends.
    #[must_use]
    pub fn barrier(&self) -> Option<&TermStarted> {
        match self {
            Self::TermStarted(started) => Some(started).filter(|started| started.term == TermStarted::NO_TERM),
            Self::Event(_) | Self::Unreadable { .. } | Self::Foreign => None,
        }
    }

    /// The same record with its event turned into another type.
    pub fn map<F>(self, f: impl FnOnce(E) -> F) -> Record<F> {
        match self {
            Self::TermStarted(started) => Record::TermStarted(started),
            Self::Event(EventRecord { stamp, command, recorded }) => {
                Record::Event(EventRecord { stamp, command, recorded: recorded.map(f) })
            }
            Self::Unreadable { stamp, aggregate_id, reason } => Record::Unreadable { stamp, aggregate_id, reason },
            Self::Foreign => Record::Foreign,
        }
    }
}

/// The instance `owner` begins `term` and leads the partition in it. It takes effect if its term is exactly one above
/// the current one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TermStarted {
    /// The term, from 1; or [`TermStarted::NO_TERM`].
    pub term: u64,
    /// The instance's id. The published schema calls the leader so.
    pub owner: Uuid,
    /// Where this leader takes forwarded commands: `http://host:port`.
    pub address: String,
    /// Drawn anew for each attempt: how a candidate knows its own record. The first of a partition names its log.
    pub nonce: Uuid,
}

impl TermStarted {
    /// The address in a term that seals its partition: this leader takes no command, and no other succeeds it. What an
    /// earlier one appends after it is void, as after any other term.
    pub const SEALED: &str = "sealed";
    /// The address in the first term of a partition that was copied from another topic: this leader takes no command,
    /// and an instance that does succeeds it.
    pub const COPIED: &str = "copied";

    /// A record that begins nothing: what an instance appends to read it back.
    #[must_use]
    pub fn nothing(owner: Uuid, nonce: Uuid) -> Self {
        Self { term: Self::NO_TERM, owner, address: String::new(), nonce }
    }

    /// Whether the partition is closed for ever.
    #[must_use]
    pub fn seals(&self) -> bool {
        self.address == Self::SEALED
    }

    /// Where this leader takes forwarded commands, if it takes any.
    #[must_use]
    pub fn takes_commands_at(&self) -> Option<&str> {
        let takes = ![Self::SEALED, Self::COPIED].contains(&self.address.as_str());
        takes.then_some(self.address.as_str())
    }

    /// What a record begins that begins nothing, for there never is such a term: it counts for no reader, whatever came
    /// before it. A leader appends it to find out whether it still leads, and an instance that has to know where the
    /// partition ends.
    pub const NO_TERM: u64 = 0;
}

/// A writer's term and the event's number within it, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The writer's term.
    pub term: u64,
    /// The number within the term.
    pub seq: u64,
}

/// An event as it is appended.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord<E> {
    /// Its writer's stamp.
    pub stamp: Stamp,
    /// The command that it answers.
    pub command: CommandRef,
    /// The event and its envelope.
    pub recorded: Recorded<E>,
}

/// What an event says of its command: enough to know a repeated one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CommandRef {
    /// The command's id.
    pub id: Uuid,
    /// A digest of what was asked, as the client sent it.
    pub digest: u64,
    /// The command of the client that this one is a step of; its own id where it is not a step.
    pub correlation_id: Uuid,
    /// W3C trace context, if the caller sent one.
    pub traceparent: Option<String>,
}

impl<E> EventRecord<E> {
    /// The event's id: unique even among records that turn out void.
    #[must_use]
    pub fn event_id(&self) -> Uuid {
        let mut place = [0; 16];
        place[..8].copy_from_slice(&self.stamp.term.to_be_bytes());
        place[8..].copy_from_slice(&self.stamp.seq.to_be_bytes());
        Uuid::new_v5(&self.command.id, &place)
    }
}
