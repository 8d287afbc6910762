//! What a bounded context is: one topic, its aggregates, their commands and events.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::personal::Open;
use crate::values::Invalid;

/// A bounded context. Its aggregates share one topic; each has a string id, which is the Kafka key.
pub trait Decider: Copy + Debug + PartialEq + Send + Sync + 'static {
    /// The context's name, in the topic name and in every Avro namespace: `posts`.
    const NAME: &'static str;
    /// What can be asked of an aggregate.
    type Command: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What can have happened to one.
    type Event: Event;
    /// What `decide` needs to know of one; the default is an aggregate that nothing has happened to.
    type State: Clone + Debug + Default + PartialEq + Send + Sync + 'static;
    /// Why a command was refused.
    type Rejection: Clone + Debug + PartialEq + Error + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Decides a command: one event, none if things are already as asked, or a rejection.
    ///
    /// # Errors
    /// The rule that the command breaks.
    fn decide(
        state: &Self::State,
        command: &Self::Command,
        context: &DecisionContext,
    ) -> Result<Option<Self::Event>, Self::Rejection>;

    /// The state after an event. Total: an event that is in the log is applied whatever the state is.
    #[must_use]
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// Whether a command is decided on the strength of two leaders' clocks: who has a value, and until when. It is not
    /// where a clock is known to be wrong.
    #[must_use]
    fn rests_on_clocks(_: &Self::Command) -> bool {
        false
    }

    /// What an aggregate is to do by itself, and when. Once that time has come the leader of its partition has the
    /// command decided, in no account's name, and again until something else is due or nothing: its event changes that,
    /// and before its time `decide` refuses it. The command's id is made of the event that made it due.
    #[must_use]
    fn due(_: &Self::State) -> Option<(Timestamp, Self::Command)> {
        None
    }

    /// What the reply to a command says of the aggregate beside its version: the slug that was settled on. It is
    /// remembered with the command's id, so that a repeated command gets the first reply again.
    fn receipt(state: &Self::State) -> Option<String>;

    /// The accounts that an event concerns beside its actor and its aggregate: the followed one, the reservation's
    /// holder, all whom it names as co-authors. The event is in their exports.
    #[must_use]
    fn concerns(_: &Self::Event) -> Vec<Uuid> {
        Vec::new()
    }

    /// The account to which the aggregate belongs from this event on: a post's author. All events of the aggregate are
    /// in that account's export.
    #[must_use]
    fn belongs_to(_: &Self::Event) -> Option<Uuid> {
        None
    }

    /// The accounts with whose erasure an aggregate, or something of it, ends from this event on: the two of a pair; of
    /// a post, who was invited to write it too. The log finds the aggregates of an account by it, without looking at
    /// all others; the aggregate's state says whether there is still something to end. What else an aggregate names is
    /// found so too: of a post the media that it shows, by [`crate::values::Sha256::id`].
    #[must_use]
    fn ends_with(_aggregate_id: &str, _: &Self::Event) -> Vec<Uuid> {
        Vec::new()
    }

    /// The account under whose data key some text of an event is sealed; `None` where nothing is sealed.
    #[must_use]
    fn sealed_for(_aggregate_id: &str, _: &Self::Event) -> Option<Uuid> {
        None
    }

    /// Opens what is sealed of an event; see [`crate::personal::Personal::open`].
    ///
    /// # Errors
    /// Something cannot be opened although its key is there.
    fn open(_: &mut Self::Event, _: &mut Open<'_>) -> Result<(), Invalid> {
        Ok(())
    }

    /// The account that is forgotten from this event on: its data key is gone.
    #[must_use]
    fn erases(_aggregate_id: &str, _: &Self::Event) -> Option<Uuid> {
        None
    }

    /// The bytes of an event's texts that can be long: what bounds the memory that a batch takes.
    #[must_use]
    fn text_bytes(_: &Self::Event) -> usize {
        0
    }
}

/// The circumstances of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionContext {
    /// Who asks.
    pub actor: Actor,
    /// When the decision is taken: the event's `occurred_at`.
    pub now: Timestamp,
}

/// Who asks for a command, as the access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account's id: the token's subject.
    pub id: Uuid,
    /// What the account may do beyond its own.
    pub roles: BTreeSet<Role>,
}

impl Actor {
    /// An actor with no role beyond their own account.
    #[must_use]
    pub fn new(id: Uuid) -> Self {
        Self { id, roles: BTreeSet::new() }
    }

    /// The same actor with a further role.
    #[must_use]
    pub fn with(mut self, role: Role) -> Self {
        self.roles.insert(role);
        self
    }

    /// Whether this actor may write in the name of `account`: it is their own, or they are an editor.
    #[must_use]
    pub fn may_write_as(&self, account: Uuid) -> bool {
        self.id == account || self.is_at_least(Role::Editor)
    }

    /// Whether this actor may say who `account` is and how it logs in: it is their own, or they are an admin.
    #[must_use]
    pub fn may_manage(&self, account: Uuid) -> bool {
        self.id == account || self.is_at_least(Role::Admin)
    }

    /// The greatest of their roles: it includes the others.
    #[must_use]
    pub fn role(&self) -> Role {
        self.roles.last().copied().unwrap_or(Role::Reader)
    }

    /// Whether one of their roles includes `role`: each role may do all that those before it may.
    #[must_use]
    pub fn is_at_least(&self, role: Role) -> bool {
        self.roles.last().is_some_and(|highest| *highest >= role)
    }
}

/// What an account may do; each role includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Reader,
    /// Writes posts of their own.
    Author,
    /// Decides what of comments and people stays before readers.
    Moderator,
    /// Writes in anyone's name; imports.
    Editor,
    /// Does everything.
    Admin,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 5] = [Self::Reader, Self::Author, Self::Moderator, Self::Editor, Self::Admin];

    /// Its name in tokens, events and addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Author => "author",
            Self::Moderator => "moderator",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// The role of this name; `None` for one that this version does not know.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds: Avro's `timestamp-millis`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This time, `millis` later.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// An event enum: one variant per Avro record, each holding its payload. Made by [`crate::events!`].
pub trait Event: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// The full Avro names of all variants, in order.
    const NAMES: &'static [&'static str];

    /// The full Avro name of this event's record: `inklog.posts.Drafted`.
    fn name(&self) -> &'static str;

    /// Hands the payload to an encoder.
    fn encode<E: PayloadEncoder>(&self, encoder: E) -> E::Output;

    /// Asks a decoder for the payload that goes with `name`; `None` if this context has no such event.
    fn decode<D: PayloadDecoder>(name: &str, decoder: D) -> Option<Result<Self, D::Error>>;
}

/// Encodes a payload of any type: what the Avro codec implements, so that this crate need not know Avro.
pub trait PayloadEncoder {
    /// What encoding gives.
    type Output;
    /// Encodes one payload.
    fn encode<T: Serialize>(self, payload: &T) -> Self::Output;
}

/// Decodes a payload of a type that the caller names.
pub trait PayloadDecoder {
    /// Why it could not be decoded.
    type Error;
    /// Decodes one payload.
    ///
    /// # Errors
    /// The bytes are not such a payload.
    fn decode<T: DeserializeOwned>(self) -> Result<T, Self::Error>;
}

/// An event with what every record carries beside its own fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded<E> {
    /// The aggregate it happened to: the Kafka key.
    pub aggregate_id: String,
    /// Its number within the aggregate, from 1, without gaps.
    pub version: u64,
    /// When; strictly increasing per aggregate.
    pub occurred_at: Timestamp,
    /// Who did it.
    pub actor_id: Uuid,
    /// What happened.
    pub event: E,
}

impl<E> Recorded<E> {
    /// The same record with its event turned into another type.
    pub fn map<F>(self, f: impl FnOnce(E) -> F) -> Recorded<F> {
        Recorded {
            aggregate_id: self.aggregate_id,
            version: self.version,
            occurred_at: self.occurred_at,
            actor_id: self.actor_id,
            event: f(self.event),
        }
    }
}

/// Several lists of event names in a row; `N` is how many names there are together.
#[doc(hidden)]
#[must_use]
pub const fn joined<const N: usize>(lists: &[&[&'static str]]) -> [&'static str; N] {
    let (mut names, mut count, mut list) = ([""; N], 0, 0);
    while list < lists.len() {
        let mut name = 0;
        while name < lists[list].len() {
            names[count] = lists[list][name];
            (count, name) = (count + 1, name + 1);
        }
        list += 1;
    }
    names
}

/// Declares a context's event enum: the variants, and for each the payload that is its Avro record. After each `and`
/// comes a variant that holds another such enum of the same namespace: its events keep their own names.
#[macro_export]
macro_rules! events {
    (
        $(#[$doc:meta])* enum $name:ident in $namespace:literal { $($(#[$vdoc:meta])* $variant:ident($payload:ty),)+ }
        $(and $(#[$idoc:meta])* $inner:ident($events:ty))*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[$vdoc])* $variant($payload),)+
            $($(#[$idoc])* $inner($events),)*
        }

        $(impl From<$events> for $name {
            fn from(event: $events) -> Self {
                Self::$inner(event)
            }
        })*

        impl $crate::Event for $name {
            const NAMES: &'static [&'static str] = {
                const OWN: &[&str] = &[$(concat!($namespace, ".", stringify!($variant)),)+];
                const LENGTH: usize = OWN.len() $(+ <$events as $crate::Event>::NAMES.len())*;
                &$crate::context::joined::<LENGTH>(&[OWN $(, <$events as $crate::Event>::NAMES)*])
            };

            fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => concat!($namespace, ".", stringify!($variant)),)+
                    $(Self::$inner(event) => <$events as $crate::Event>::name(event),)*
                }
            }

            fn encode<E: $crate::context::PayloadEncoder>(&self, encoder: E) -> E::Output {
                match self {
                    $(Self::$variant(payload) => encoder.encode(payload),)+
                    $(Self::$inner(event) => <$events as $crate::Event>::encode(event, encoder),)*
                }
            }

            fn decode<D: $crate::context::PayloadDecoder>(name: &str, decoder: D) -> Option<Result<Self, D::Error>> {
                $(if name == concat!($namespace, ".", stringify!($variant)) {
                    return Some(decoder.decode::<$payload>().map(Self::$variant));
                })+
                $(if <$events as $crate::Event>::NAMES.contains(&name) {
                    return Some(<$events as $crate::Event>::decode(name, decoder)?.map(Self::$inner));
                })*
                None
            }
        }
    };
}
