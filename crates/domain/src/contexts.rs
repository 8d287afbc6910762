//! What the one list of contexts, on the front page of this crate, is made into. Everything that must know all contexts
//! is made from that list or visits it: the published schemas and topics, decoding, the owner's export. Projectors read
//! the contexts of their views.

use crate::{AnyEvent, Decider};

/// A context of the list: its events are among [`AnyEvent`].
pub trait BoundedContext: Decider<Event: Into<AnyEvent>> {
    /// The event, if it is of this context.
    fn event(any: &AnyEvent) -> Option<&Self::Event>;
}

/// What is done for each context; see [`crate::for_each_context`].
pub trait ContextVisitor {
    /// Does it for one.
    fn visit<C: BoundedContext>(&mut self);
}

/// Declares the contexts. A line `Posts = posts::Posts` expands to
///
/// ```text
/// enum AnyEvent { …, Posts(posts::Event) }               impl From<posts::Event> for AnyEvent
/// impl BoundedContext for posts::Posts                   CONTEXTS: &[…, "posts"]
/// for_each_context: …; visitor.visit::<posts::Posts>()
/// AnyEvent::decode: …; "posts" => posts::Event::decode   all else of AnyEvent: an arm that calls posts::Posts
/// ```
macro_rules! contexts {
    ($($(#[$doc:meta])* $variant:ident = $context:ty,)+) => {
        /// The names of all contexts, in alphabetical order.
        pub const CONTEXTS: &[&str] = &[$(<$context as $crate::Decider>::NAME),+];

        /// Visits every context, in the order of [`CONTEXTS`].
        pub fn for_each_context(visitor: &mut impl $crate::ContextVisitor) {
            $(visitor.visit::<$context>();)+
        }

        /// An event of any context.
        #[allow(clippy::large_enum_variant, reason = "one is there for as long as it is folded, and most are of posts")]
        #[derive(Clone, Debug, PartialEq)]
        pub enum AnyEvent { $($(#[$doc])* $variant(<$context as $crate::Decider>::Event),)+ }

        $(
            impl From<<$context as $crate::Decider>::Event> for AnyEvent {
                fn from(event: <$context as $crate::Decider>::Event) -> Self {
                    Self::$variant(event)
                }
            }

            impl $crate::BoundedContext for $context {
                fn event(any: &AnyEvent) -> Option<&Self::Event> {
                    let AnyEvent::$variant(event) = any else { return None };
                    Some(event)
                }
            }
        )+

        impl AnyEvent {
            /// The name of its context.
            #[must_use]
            pub fn context(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$context as $crate::Decider>::NAME,)+ }
            }

            /// The full Avro name of its record.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(event) => event.name(),)+ }
            }

            /// Hands its payload to an encoder.
            pub fn encode<E: $crate::context::PayloadEncoder>(&self, encoder: E) -> E::Output {
                match self { $(Self::$variant(event) => event.encode(encoder),)+ }
            }

            /// Asks a decoder for the payload that goes with `name` in `context`; `None` if there is no such event.
            pub fn decode<D: $crate::context::PayloadDecoder>(
                context: &str,
                name: &str,
                decoder: D,
            ) -> Option<Result<Self, D::Error>> {
                $(if context == <$context as $crate::Decider>::NAME {
                    let decoded = <$context as $crate::Decider>::Event::decode(name, decoder)?;
                    return Some(decoded.map(Self::$variant));
                })+
                None
            }

            /// See [`Decider::concerns`].
            #[must_use]
            pub fn concerns(&self) -> Vec<uuid::Uuid> {
                match self { $(Self::$variant(event) => <$context>::concerns(event),)+ }
            }

            /// See [`Decider::belongs_to`].
            #[must_use]
            pub fn belongs_to(&self) -> Option<uuid::Uuid> {
                match self { $(Self::$variant(event) => <$context>::belongs_to(event),)+ }
            }

            /// See [`Decider::sealed_for`].
            #[must_use]
            pub fn sealed_for(&self, aggregate_id: &str) -> Option<uuid::Uuid> {
                match self { $(Self::$variant(event) => <$context>::sealed_for(aggregate_id, event),)+ }
            }

            /// See [`Decider::open`].
            ///
            /// # Errors
            /// See [`Decider::open`].
            pub fn open(&mut self, open: &mut $crate::personal::Open<'_>) -> Result<(), $crate::values::Invalid> {
                match self { $(Self::$variant(event) => <$context>::open(event, open),)+ }
            }

            /// See [`Decider::erases`].
            #[must_use]
            pub fn erases(&self, aggregate_id: &str) -> Option<uuid::Uuid> {
                match self { $(Self::$variant(event) => <$context>::erases(aggregate_id, event),)+ }
            }

            /// See [`Decider::text_bytes`].
            #[must_use]
            pub fn text_bytes(&self) -> usize {
                match self { $(Self::$variant(event) => <$context>::text_bytes(event),)+ }
            }
        }
    };
}

pub(crate) use contexts;

#[cfg(test)]
mod tests;
