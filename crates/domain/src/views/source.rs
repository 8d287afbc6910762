//! What views are made of: the events of one context, or of several.

use std::fmt::Debug;

use uuid::Uuid;

use crate::{AnyEvent, BoundedContext, Recorded, Timestamp};

/// An event as it comes from the log, of whichever context.
pub type ViewEvent = Recorded<AnyEvent>;

/// What a view is made of. Every context is one, by its decider; [`crate::sources!`] makes one of several.
pub trait Source: Copy + Debug + 'static {
    /// One of its events.
    type Event<'a>: Copy + Debug;
    /// The names of its contexts.
    const CONTEXTS: &'static [&'static str];

    /// The event, if it is one of its own.
    fn event(any: &AnyEvent) -> Option<Self::Event<'_>>;
}

impl<C: BoundedContext> Source for C {
    type Event<'a> = &'a C::Event;
    const CONTEXTS: &'static [&'static str] = &[C::NAME];

    fn event(any: &AnyEvent) -> Option<&C::Event> {
        <C as BoundedContext>::event(any)
    }
}

/// An event of a source, with what every record carries.
#[derive(Clone, Copy, Debug)]
pub struct SourceEvent<'a, S: Source> {
    /// The aggregate it happened to.
    pub aggregate_id: &'a str,
    /// Its number within the aggregate, from 1.
    pub version: u64,
    /// When.
    pub occurred_at: Timestamp,
    /// Who did it.
    pub actor_id: Uuid,
    /// What happened.
    pub event: S::Event<'a>,
}

impl<'a, S: Source> SourceEvent<'a, S> {
    /// The event, if it is one of the source's.
    #[must_use]
    pub fn of(recorded: &'a ViewEvent) -> Option<Self> {
        let Recorded { aggregate_id, version, occurred_at, actor_id, event } = recorded;
        let event = S::event(event)?;
        Some(Self { aggregate_id, version: *version, occurred_at: *occurred_at, actor_id: *actor_id, event })
    }

    /// The aggregate's id, where it is a UUID.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        self.aggregate_id.parse().ok()
    }
}

/// Declares a source of several contexts, and the enum of its events, which a view matches exhaustively.
///
/// `struct Activity of ActivityEvent { Posts = posts::Posts, Following = following::Following }` expands to the unit
/// struct `Activity`, `enum ActivityEvent<'a> { Posts(&'a posts::Event), Following(&'a following::Event) }`, and
/// `impl Source for Activity`.
#[macro_export]
macro_rules! sources {
    ($(#[$doc:meta])* $vis:vis struct $name:ident of $event:ident {
        $($(#[$vdoc:meta])* $variant:ident = $context:ty,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        $vis struct $name;

        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        $vis enum $event<'a> { $($(#[$vdoc])* $variant(&'a <$context as $crate::Decider>::Event),)+ }

        impl $crate::views::Source for $name {
            type Event<'a> = $event<'a>;
            const CONTEXTS: &'static [&'static str] = &[$(<$context as $crate::Decider>::NAME),+];

            fn event(any: &$crate::AnyEvent) -> Option<$event<'_>> {
                None$(.or_else(|| <$context as $crate::BoundedContext>::event(any).map($event::$variant)))+
            }
        }
    };
}
