//! `given(events).when(command).by(actor)[.at(time)]`, then one of `.then(event)`, `.then_nothing()`,
//! `.then_refused(rejection)`. The types see to the order.

use super::NOW;
use crate::{Actor, Decider, DecisionContext, Timestamp};

/// An aggregate that these events happened to.
pub(crate) fn given<C: Decider>(events: impl IntoIterator<Item = C::Event>) -> Given<C> {
    let state = events.into_iter().fold(C::State::default(), |state, event| C::evolve(state, &event));
    Given { state }
}

pub(crate) struct Given<C: Decider> {
    state: C::State,
}

pub(crate) struct When<C: Decider> {
    state: C::State,
    command: C::Command,
}

#[must_use]
pub(crate) struct Asked<C: Decider> {
    when: When<C>,
    context: DecisionContext,
}

impl<C: Decider> Given<C> {
    pub(crate) fn when(self, command: C::Command) -> When<C> {
        When { state: self.state, command }
    }
}

impl<C: Decider> When<C> {
    pub(crate) fn by(self, actor: Actor) -> Asked<C> {
        Asked { when: self, context: DecisionContext { actor, now: NOW } }
    }
}

impl<C: Decider> Asked<C> {
    /// At a time other than [`NOW`].
    pub(crate) fn at(mut self, now: Timestamp) -> Self {
        self.context.now = now;
        self
    }

    #[track_caller]
    pub(crate) fn then(self, event: C::Event) {
        assert_eq!(self.decide(), Ok(Some(event)));
    }

    #[track_caller]
    pub(crate) fn then_nothing(self) {
        assert_eq!(self.decide(), Ok(None));
    }

    #[track_caller]
    pub(crate) fn then_refused(self, rejection: impl Into<C::Rejection>) {
        assert_eq!(self.decide(), Err(rejection.into()));
    }

    fn decide(&self) -> Result<Option<C::Event>, C::Rejection> {
        C::decide(&self.when.state, &self.when.command, &self.context)
    }
}
