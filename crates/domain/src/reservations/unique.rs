//! What a context says of its unique values, once: `unique_values!`.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Command, Held, Rejection, Reservation, Reserved};
use crate::Decider;

/// The values of a context that no two of its aggregates may bear.
pub trait UniqueValue: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Tells the kinds of such values apart.
    type Kind: Copy + Debug + PartialEq;
    /// The aggregate that bears them, as a decision knows it.
    type Bearer;
    /// What can have happened to a reservation of one.
    type Event;

    /// Which kind it is.
    fn kind(&self) -> Self::Kind;
    /// What the context says of this kind.
    fn declared(&self) -> Declared<Self::Event>;
    /// The value in the form that is unique.
    fn canonical(&self) -> String;
    /// Whether the aggregate bears it.
    fn is_borne_by(&self, bearer: &Self::Bearer) -> bool;

    /// The id of the aggregate that decides who has the value.
    fn reservation_id(&self) -> String {
        format!("{}{}", self.declared().prefix, self.canonical())
    }

    /// For how many milliseconds it is kept from others once its holder bears another; `None` for ever.
    fn kept_ms(&self) -> Option<i64> {
        self.declared().kept_ms
    }
}

/// What a context says of one kind of unique value.
#[derive(Debug)]
pub struct Declared<E> {
    /// What the ids of its reservations begin with.
    pub prefix: &'static str,
    /// The event that a value was reserved.
    pub reserved: fn(Reserved) -> E,
    /// The event that the reservation was confirmed.
    pub confirmed: fn(Held) -> E,
    /// The event that a value was released; `None` for values that are their holders' for ever.
    pub released: Option<fn(Reserved) -> E>,
    /// For how many milliseconds a value that was released is kept from others.
    pub kept_ms: Option<i64>,
}

/// An aggregate of a context with unique values, as far as the commands about these go.
#[derive(Debug)]
pub enum Aggregate<'a, U: UniqueValue> {
    /// Nothing has happened to it.
    Nothing,
    /// One that bears values.
    Bearer(&'a U::Bearer),
    /// The reservation of a value of this kind.
    Reservation(U::Kind, &'a Reservation),
}

/// A context with unique values.
pub trait Reserves: Decider<Command: From<Command<Self::Unique>>, Rejection: From<Rejection>> {
    /// The values.
    type Unique: UniqueValue;

    /// The aggregate as the commands about values see it.
    fn aggregate(state: &Self::State) -> Aggregate<'_, Self::Unique>;

    /// What a rejection says of a value or its reservation; `None` if it is about something else.
    fn reservation_rejection(rejection: &Self::Rejection) -> Option<&Rejection>;
}

/// Declares the values of a context that no two of its aggregates may bear: all that a context says of their
/// reservations. For each kind: the type of the values, what the ids of their reservations begin with, the form that is
/// unique, when an aggregate bears one, the events of its reservations, and for how long a value that was released is
/// kept from others (without a third event it is its holder's for ever).
///
/// ```text
/// unique_values! {
///     /// What an account bears that no other may.
///     enum Unique of Accounts in "inklog.accounts" borne by Account {
///         /// A user name.
///         UserName(UserName) {
///             prefix: "user-name:", canonical: UserName::canonical, borne: Account::bears_name,
///             events: UserNameClaimed, UserNameConfirmed, UserNameReleased after USER_NAME_KEPT_MS,
///         }
///     }
/// }
/// ```
///
/// becomes the enum `Unique { UserName(UserName) }` and its [`UniqueValue`]; `UniqueKind { UserName }`; the event enum
/// `ReservationEvent { UserNameClaimed(Reserved), UserNameConfirmed(Held), UserNameReleased(Reserved) }`, each of which
/// knows the reservation and the state after it; and [`Reserves`] for the context. It counts on the context's `State`
/// having `Nothing`, a variant named as the bearer that holds one, and `Reservation(UniqueKind, Reservation)`; and on
/// its `Command`, `Event` and `Rejection` having a variant `Reservation`.
macro_rules! unique_values {
    (@option) => { None };
    (@option $some:expr) => { Some($some) };
    (
        $(#[$doc:meta])* enum Unique of $context:ident in $namespace:literal borne by $bearer:ident {
            $($(#[$vdoc:meta])* $kind:ident($value:ty) {
                prefix: $prefix:literal, canonical: $canonical:expr, borne: $borne:expr,
                events: $reserved:ident, $confirmed:ident $(, $released:ident after $kept_ms:expr)?,
            })+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum Unique { $($(#[$vdoc])* $kind($value),)+ }

        /// Which kind of unique value it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum UniqueKind { $($(#[$vdoc])* $kind,)+ }

        $crate::events! {
            /// What can have happened to the reservation of a unique value.
            enum ReservationEvent in $namespace {
                $(
                    /// The value was reserved.
                    $reserved($crate::reservations::Reserved),
                    /// The reservation was confirmed: its holder came to bear the value.
                    $confirmed($crate::reservations::Held),
                    $(
                        /// The holder bears the value no more; it is kept for it for a while.
                        $released($crate::reservations::Reserved),
                    )?
                )+
            }
        }

        impl ReservationEvent {
            /// The reservation after it, and of which kind of value.
            #[must_use]
            pub fn reservation(&self) -> (UniqueKind, $crate::reservations::Reservation) {
                match self {
                    $(
                        Self::$reserved(reserved) => (UniqueKind::$kind, reserved.into()),
                        Self::$confirmed(held) => (UniqueKind::$kind, held.into()),
                        $(Self::$released(released) => (UniqueKind::$kind, released.into()),)?
                    )+
                }
            }
        }

        impl From<&ReservationEvent> for State {
            fn from(event: &ReservationEvent) -> Self {
                let (kind, reservation) = event.reservation();
                Self::Reservation(kind, reservation)
            }
        }

        impl $crate::reservations::UniqueValue for Unique {
            type Kind = UniqueKind;
            type Bearer = $bearer;
            type Event = ReservationEvent;

            fn kind(&self) -> UniqueKind {
                match self { $(Self::$kind(_) => UniqueKind::$kind,)+ }
            }

            fn canonical(&self) -> String {
                match self { $(Self::$kind(value) => $canonical(value),)+ }
            }

            fn is_borne_by(&self, bearer: &$bearer) -> bool {
                match self { $(Self::$kind(value) => $borne(bearer, value),)+ }
            }

            fn declared(&self) -> $crate::reservations::Declared<ReservationEvent> {
                match self {
                    $(Self::$kind(_) => $crate::reservations::Declared {
                        prefix: $prefix,
                        reserved: ReservationEvent::$reserved,
                        confirmed: ReservationEvent::$confirmed,
                        released: $crate::reservations::unique_values!(@option $(ReservationEvent::$released)?),
                        kept_ms: $crate::reservations::unique_values!(@option $($kept_ms)?),
                    },)+
                }
            }
        }

        impl From<$crate::reservations::Command<Unique>> for Command {
            fn from(command: $crate::reservations::Command<Unique>) -> Self {
                Self::Reservation(command)
            }
        }

        impl $crate::reservations::Reserves for $context {
            type Unique = Unique;

            fn aggregate(state: &State) -> $crate::reservations::Aggregate<'_, Unique> {
                match state {
                    State::Nothing => $crate::reservations::Aggregate::Nothing,
                    State::$bearer(bearer) => $crate::reservations::Aggregate::Bearer(bearer),
                    State::Reservation(kind, of) => $crate::reservations::Aggregate::Reservation(*kind, of),
                }
            }

            fn reservation_rejection(rejection: &Rejection) -> Option<&$crate::reservations::Rejection> {
                if let Rejection::Reservation(rejection) = rejection { Some(rejection) } else { None }
            }
        }
    };
}

pub(crate) use unique_values;
