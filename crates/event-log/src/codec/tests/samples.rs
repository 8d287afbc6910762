//! One event of each type, with every field filled, a file for each context. They are in the golden files: a sample
//! is never changed, except to fill a field that the type gained.

mod accounts;
mod following;
pub(super) mod posts;
mod security;

use domain::reservations::{Held, Reserved};
use domain::values::Invalid;
use domain::{AnyEvent, BoundedContext, Recorded, Timestamp};
use uuid::Uuid;

use crate::record::{CommandRef, EventRecord, Record, Stamp, TermStarted};

pub(super) const AGGREGATE: &str = "018f0000-0000-7000-8000-000000000001";
const AT: Timestamp = Timestamp(1_790_000_000_123);
const BEFORE: Timestamp = Timestamp(-86_400_001);

/// All of them. A context without a line here has no sample, which its golden test tells.
fn all() -> Vec<AnyEvent> {
    let mut all: Vec<AnyEvent> = Vec::new();
    all.extend(accounts::filled().into_iter().map(AnyEvent::from));
    all.extend(following::filled().into_iter().map(AnyEvent::from));
    all.extend(posts::filled().into_iter().map(AnyEvent::from));
    all.extend(security::filled().into_iter().map(AnyEvent::from));
    all
}

/// Those of a context.
pub(super) fn of<C: BoundedContext>() -> Vec<C::Event> {
    all().iter().filter_map(C::event).cloned().collect()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn text<T: std::str::FromStr<Err = Invalid>>(text: &str) -> T {
    text.parse().unwrap()
}

fn reserved(value: &str) -> Reserved {
    Reserved { claimed_value: value.into(), holder_id: id(1), expires_at: AT.plus_millis(60_000) }
}

fn held(value: &str) -> Held {
    Held { claimed_value: value.into(), holder_id: id(1) }
}

pub(super) fn record<E>(event: E) -> Record<E> {
    let command = CommandRef { id: id(5), digest: 0x0123_4567_89ab_cdef, correlation_id: id(6), traceparent: None };
    let recorded = Recorded { aggregate_id: AGGREGATE.into(), version: 300, occurred_at: AT, actor_id: id(2), event };
    Record::Event(EventRecord { stamp: Stamp { term: 7, seq: 70_000 }, command, recorded })
}

pub(super) fn term<E>() -> Record<E> {
    let address = "http://127.0.0.1:9081".into();
    Record::TermStarted(TermStarted { term: 7, owner: id(7), address, nonce: id(8) })
}
