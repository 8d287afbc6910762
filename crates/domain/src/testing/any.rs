//! Strategies that contexts share; those of one are in its `any.rs`. The alphabets are small: two people, three texts,
//! a few minutes; so that commands meet what is there.

pub(crate) mod reservations;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::{NOW, ada, ada_id, admin, bob, bob_id, editor, moderator, text};
use crate::reservations::{LEASE_MS, Lease};
use crate::values::Invalid;
use crate::{Actor, Decider, DecisionContext, Timestamp};

/// A context whose commands and events can be drawn, as [`crate::testing::properties`] asks.
pub(crate) trait Drawn: Decider {
    /// Whether an accepted command that is repeated right away yields no event.
    fn is_idempotent(_: &Self::Command) -> bool {
        true
    }

    /// Any command, and the aggregate that it is for: one of few, so that they have histories.
    fn command() -> impl Strategy<Value = (String, Self::Command)>;

    /// Anything that can have happened in the context.
    fn event() -> impl Strategy<Value = Self::Event>;
}

/// Who, and when: within a few lives of a reservation.
pub(crate) fn decision_context() -> impl Strategy<Value = DecisionContext> {
    (actor(), time()).prop_map(|(actor, now)| DecisionContext { actor, now })
}

fn actor() -> impl Strategy<Value = Actor> {
    select(vec![ada(), bob(), moderator(), editor(), admin()])
}

pub(crate) fn account_id() -> impl Strategy<Value = Uuid> {
    select(vec![ada_id(), bob_id()])
}

pub(crate) fn category_id() -> impl Strategy<Value = Uuid> {
    (0..4_u128).prop_map(super::category_id)
}

pub(crate) fn time() -> impl Strategy<Value = Timestamp> {
    (0..4 * LEASE_MS).prop_map(|after| NOW.plus_millis(after))
}

pub(crate) fn any_text<T>() -> impl Strategy<Value = T>
where
    T: std::str::FromStr<Err = Invalid> + Clone + std::fmt::Debug + 'static,
{
    select(vec!["a", "b", "c"]).prop_map(text)
}

pub(crate) fn lease() -> impl Strategy<Value = Lease> {
    option::of(time()).prop_map(|expires_at| Lease { expires_at })
}
