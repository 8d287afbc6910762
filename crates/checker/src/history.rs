//! What was recorded of a run, in neutral types: the log, the calls, the reads, the rows. The recording program fills
//! them in; [`crate::judge`] reads nothing else.

mod export;
mod typing;
mod visit;

use std::collections::BTreeMap;

pub use export::{Export, Exported};
pub use typing::{CopyAnswer, Typed, Typing};
pub use visit::{Act, Answer, Visit};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Nanoseconds of one monotonic clock, the same for all calls and reads of a run.
pub type Nanos = u64;

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Every partition of every topic, from its first record to its last.
    pub partitions: Vec<Partition>,
    /// The partitions in which a context was before it got more of them, as they were left.
    #[serde(default)]
    pub former: Vec<Partition>,
    /// Every attempt of a client to have a command accepted; a repeated one is a call of its own.
    pub calls: Vec<Call>,
    /// What sessions read.
    pub reads: Vec<Read>,
    /// What people did with passwords and sessions.
    #[serde(default)]
    pub visits: Vec<Visit>,
    /// What people were given who asked for everything that is held about them.
    #[serde(default)]
    pub exports: Vec<Export>,
    /// What clients did with working copies.
    #[serde(default)]
    pub typing: Vec<Typing>,
    /// Whether the services were told that an editor approves what authors make public.
    #[serde(default)]
    pub review_is_demanded: bool,
    /// Whether an instance of an earlier version took part, which may accept what this one does not.
    #[serde(default)]
    pub has_earlier_version: bool,
    /// The read models as they were when every projector had read to the end, by name: `contexts/` lists them.
    pub views: BTreeMap<String, Vec<Value>>,
}

/// A partition as it was read by an independent client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Partition {
    /// The context: `posts`.
    pub context: String,
    /// Its number.
    pub number: i32,
    /// All its records, void ones too, in order.
    pub records: Vec<Record>,
}

/// A record of a partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its offset.
    pub offset: i64,
    /// Its key, as text.
    pub key: String,
    /// What it says.
    pub body: Body,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// `inklog.log.TermStarted`.
    TermStarted {
        /// The term that it begins.
        term: u64,
        /// How its writer knows it; that of a partition's first term names the log.
        nonce: Uuid,
    },
    /// An event with its stamp.
    Event(Box<Event>),
    /// It has a stamp, and its value cannot be decoded.
    Unreadable {
        /// The header `inklog-term`.
        term: u64,
        /// The header `inklog-seq`.
        seq: u64,
        /// Why.
        reason: String,
    },
    /// It has no stamp.
    Foreign,
}

/// An event as it is in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The record's full name: `inklog.posts.Published`.
    pub event_type: String,
    /// What it happened to.
    pub aggregate_id: String,
    /// Its number within the aggregate.
    pub version: u64,
    /// When, in milliseconds since 1970.
    pub occurred_at: i64,
    /// Who did it.
    pub actor_id: String,
    /// The header `inklog-term`.
    pub term: u64,
    /// The header `inklog-seq`.
    pub seq: u64,
    /// The header `ce_commandid`.
    pub command_id: Uuid,
    /// The header `ce_correlationid`: the client's command that this one is a step of.
    pub correlation_id: Uuid,
    /// The header `inklog-digest`.
    #[serde(default)]
    pub digest: Option<u64>,
    /// The event's own fields, without the envelope. Null and missing are the same. Times are milliseconds.
    pub fields: Map<String, Value>,
}

/// Where a reader must have read past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The context.
    pub context: String,
    /// The partition.
    pub partition: i32,
    /// The offset that must have been read.
    pub offset: i64,
    /// The log, if it was said.
    #[serde(default)]
    pub log_id: Option<Uuid>,
}

/// An attempt to have a command accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Which client called: for the explanations.
    pub client: u64,
    /// For whom, as far as what is told depends on that.
    #[serde(default)]
    pub caller: Option<Caller>,
    /// The command's id, the same for every attempt: see [`crate::ids`].
    pub command_id: Uuid,
    /// Context and verb: `posts.publish`. `contexts/` lists those that are known.
    pub kind: String,
    /// What it is for.
    pub aggregate_id: String,
    /// The version in `If-Match`.
    #[serde(default)]
    pub expected: Option<u64>,
    /// What was asked: the request's body, and what its path says beside the aggregate; times in milliseconds.
    pub arguments: Value,
    /// Before the request was sent.
    pub invoked_at: Nanos,
    /// After the reply had come; `None` if none did.
    #[serde(default)]
    pub answered_at: Option<Nanos>,
    /// What came of it.
    pub outcome: Outcome,
}

/// For whom a client calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The account.
    pub account_id: String,
    /// Whether it is an editor, or an admin, from whom nothing is hidden.
    pub is_editor: bool,
    /// The greatest role that the caller's token has, where that is recorded.
    #[serde(default)]
    pub role: Option<String>,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Accepted {
        /// The aggregate's version after it.
        version: u64,
        /// Whether an event was appended, now or (for a repeated command) then.
        changed: bool,
        /// The position token of the reply.
        #[serde(default)]
        position: Option<Position>,
    },
    /// It holds, or will: the answer names no version. So it is with what cannot be undone.
    Promised {
        /// Whether it holds by now; else it is noted and will be done.
        done: bool,
        /// The position token of the reply.
        #[serde(default)]
        position: Option<Position>,
    },
    /// It was not applied.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The version that the refusal speaks of, if it names one.
        #[serde(default)]
        version: Option<u64>,
    },
    /// It may or may not be applied: no reply, a cut connection, 504.
    Unknown,
}

/// Why a command was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// 412: the version is another than the caller saw.
    VersionConflict,
    /// 404: nothing happened to the aggregate.
    NotFound,
    /// 409: the post is deleted.
    Deleted,
    /// 428 to a PUT: it exists and differs.
    Differs,
    /// 409: the slug or the user name is another's.
    Taken,
    /// 403: it is another account's.
    NotPermitted,
    /// 403: an editor has to approve it first.
    NotApproved,
    /// 401, or 422 where it is about a password or a letter's token: the caller was not shown to be the owner, or is
    /// not any more. Of sessions and passwords, `rules/people.rs` judges it.
    NotShown,
    /// 422 with the key: it was used for another command.
    IdReused,
    /// 503, 429 and the like: not applied, for no reason that lies in the aggregate.
    Unavailable,
    /// Any other 4xx: the request itself was wrong. Of the kinds that are known, clients send only requests that are
    /// right, but for those that `rules/refusals.rs` names.
    Invalid,
}

/// What a session was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read {
    /// The session: one caller reading one thing after the other.
    pub session: u64,
    /// What was asked, for the explanations: `GET /v1/posts/{slug}`.
    pub what: String,
    /// The token that was sent along, if the answer claims to honour it (not if it says `Inklog-Stale`).
    #[serde(default)]
    pub position: Option<Position>,
    /// Whether the answer promises to be no older than what the session was shown before: single entries and lists
    /// out of the one database, not what a cache or Redis may have answered.
    pub monotone: bool,
    /// Whether the reader may see drafts: it is the author.
    pub sees_drafts: bool,
    /// Before the request was sent.
    pub invoked_at: Nanos,
    /// After the reply had come.
    pub answered_at: Nanos,
    /// Each aggregate in the answer.
    pub seen: Vec<Seen>,
}

/// An aggregate in an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Its context.
    pub context: String,
    /// Its id.
    pub aggregate_id: String,
    /// The version that was shown. `None` if the answer was that it is not there (404, 410, not in a complete list;
    /// with the `slug` that a post was asked for by, if it was), or, with other fields, if it was named beside
    /// something else: the author of a post, by `user_name`; or if its bytes were served, with their `sha256`.
    pub version: Option<u64>,
    /// Fields that were shown and must be those of that version, by the names that the view's rows have: `title`.
    #[serde(default)]
    pub fields: Map<String, Value>,
}
