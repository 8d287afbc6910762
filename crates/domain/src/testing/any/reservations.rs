//! Reservations, which are of no context by themselves.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::time;
use crate::reservations::{Command, Expired, Held, LEASE_MS, Reserved, UniqueValue};
use crate::testing::{NOW, post_id};

fn holder_id() -> impl Strategy<Value = Uuid> {
    select(vec![post_id(1), post_id(2)])
}

pub(crate) fn reserved() -> impl Strategy<Value = Reserved> {
    (holder_id(), time()).prop_map(|(holder_id, expires_at)| Reserved {
        claimed_value: "a".into(),
        holder_id,
        expires_at,
    })
}

pub(crate) fn held() -> impl Strategy<Value = Held> {
    holder_id().prop_map(|holder_id| Held { claimed_value: "a".into(), holder_id })
}

/// A command on the reservation of one of these values.
pub(crate) fn command<U: UniqueValue>(value: impl Strategy<Value = U>) -> impl Strategy<Value = Command<U>> {
    let expires_at = NOW.plus_millis(LEASE_MS);
    let expired = holder_id().prop_map(move |holder_id| Expired { holder_id, expires_at });
    (value, holder_id(), option::of(expired), 0..6).prop_map(move |(value, holder_id, instead_of, what)| match what {
        0 => Command::Confirm { value, holder_id, expires_at },
        1 => Command::Release { value, holder_id },
        _ => Command::Reserve { value, holder_id, instead_of },
    })
}
