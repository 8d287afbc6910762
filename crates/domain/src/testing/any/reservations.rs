//! Reservations, which are of no context by themselves.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::time;
use crate::reservations::{Command, Expired, Held, LEASE_MS, Reserved};
use crate::testing::{NOW, post_id};

fn holder_id() -> impl Strategy<Value = Uuid> {
    select(vec![post_id(1), post_id(2)])
}

pub(super) fn reserved() -> impl Strategy<Value = Reserved> {
    (holder_id(), time()).prop_map(|(holder_id, expires_at)| Reserved {
        claimed_value: "a".into(),
        holder_id,
        expires_at,
    })
}

pub(super) fn held() -> impl Strategy<Value = Held> {
    holder_id().prop_map(|holder_id| Held { claimed_value: "a".into(), holder_id })
}

/// A command on a reservation.
pub(crate) fn command() -> impl Strategy<Value = Command> {
    let value = || "a".to_owned();
    let expired = || holder_id().prop_map(|holder_id| Expired { holder_id, expires_at: NOW.plus_millis(LEASE_MS) });
    prop_oneof![
        4 => (holder_id(), option::of(expired())).prop_map(move |(holder_id, instead_of)| {
            Command::Reserve { value: value(), holder_id, instead_of }
        }),
        1 => holder_id().prop_map(move |holder_id| Command::Confirm { value: value(), holder_id }),
    ]
}

/// The same, of values that can be given up.
pub(super) fn releasable_command() -> impl Strategy<Value = Command> {
    let release = (holder_id(), 0..2 * LEASE_MS).prop_map(|(holder_id, after_ms)| Command::Release {
        value: "a".to_owned(),
        holder_id,
        after_ms,
    });
    prop_oneof![3 => command(), 1 => release]
}
