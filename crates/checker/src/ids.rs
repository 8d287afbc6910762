//! The ids that the write side derives, derived anew: how a client's call is recognised in the log.

use uuid::Uuid;

/// The namespace of derived ids, which never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x8f0b_5a1e_31c4_4d0e_9c53_6a62_0d7c_3b19);

/// The id of the command that `actor` sends about an aggregate with this `Idempotency-Key`: the header
/// `ce_commandid` of its event, and `ce_correlationid` of the events of its steps.
#[must_use]
pub fn command(context: &str, aggregate_id: &str, actor: &str, key: &str) -> Uuid {
    derive(&[context, aggregate_id, actor, key])
}

/// The id of the aggregate that a creating command (`POST /v1/posts`) brings into being.
#[must_use]
pub fn created(context: &str, actor: &str, key: &str) -> Uuid {
    derive(&[context, actor, key])
}

fn derive(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes())
}
