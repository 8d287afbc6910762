//! What goes into a partition's state machine, and what comes out.

use domain::{Actor, Decider};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codec::Wire;
use crate::record::{CommandRef, Record};

/// How much may wait at a partition before further commands are turned away.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Commands in flight, and as many waiting for the term to begin.
    pub waiting: usize,
    /// The bytes of all commands that wait here, whatever for. A single one is taken however large it is.
    pub waiting_bytes: usize,
    /// How long the id of an applied command is remembered, in milliseconds.
    pub remember_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { waiting: 10_000, waiting_bytes: 32 << 20, remember_ms: 24 * 60 * 60 * 1000 }
    }
}

/// A command with its circumstances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Request<C: Decider> {
    /// The aggregate it is for.
    pub aggregate_id: String,
    /// Its id and what it was asked as.
    pub command: CommandRef,
    /// The version that the caller saw, if it must still be the present one.
    pub expected: Option<u64>,
    /// The account that asks.
    pub actor: Actor,
    /// What is asked.
    pub body: C::Command,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Outcome<C: Decider> {
    /// It holds: its event is in the log, or things were already as asked.
    Accepted(Receipt),
    /// It was not applied, for a reason that the caller can act on.
    Refused(Refusal<C>),
    /// Not applied: another instance leads the partition, or none does yet.
    Moved,
    /// Not applied: too much is waiting.
    Overloaded,
}

/// Why a command was not applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Refusal<C: Decider> {
    /// It breaks a rule.
    Rejected {
        /// The rule.
        rejection: C::Rejection,
        /// The aggregate's version, 0 if nothing happened to it.
        version: u64,
    },
    /// The aggregate has moved on from the version that the caller saw.
    VersionConflict {
        /// The aggregate's version.
        current: u64,
    },
    /// The command id was used for something else.
    IdReused,
    /// The aggregate has an event that this instance cannot read.
    Unreadable,
    /// Its event would be larger than the log takes; both in bytes.
    TooLarge {
        /// The event's size.
        bytes: usize,
        /// The largest that the log takes.
        most: usize,
    },
    /// Its event does not fit its schema, which is a fault of this program.
    Unencodable,
}

/// The proof that a command holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The aggregate's version after it.
    pub version: u64,
    /// Where the reader must have read past to see it.
    pub offset: i64,
    /// The partition's log.
    pub log_id: Option<Uuid>,
    /// Whether an event was appended, now or (for a repeated command) then.
    pub changed: bool,
    /// See [`Decider::receipt`].
    pub note: Option<Box<str>>,
}

/// What the shell is to do.
#[derive(Debug, PartialEq)]
pub enum Action<C: Decider, T> {
    /// Append this record, after all those before; with its bytes where the [`super::Encoder`] made them already.
    Append(Record<C::Event>, Option<Wire>),
    /// Tell the caller who waits.
    Reply(T, Outcome<C>),
    /// Show that this instance still leads. Where the broker's leader is to be believed, ask it for the end of the
    /// partition and feed it to [`super::Partition::barrier`] with this number; else call
    /// [`super::Partition::append_barrier`].
    Barrier(u64),
    /// An append of this very term went missing, so what was decided on top of it is void: make a new producer and
    /// call [`super::Partition::start_term`].
    Renew,
    /// Nothing is pending any more: the partition may be given away.
    Released,
    /// Something that should never be: for the log and an alarm.
    Alarm(String),
}
