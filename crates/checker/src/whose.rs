//! Whose events are where: the index by which an export finds what is its owner's. Each context says by which fields an
//! event is an account's. Of accounts that are forgotten nothing is in it.
//!
//! | view | rows |
//! | --- | --- |
//! | `account_events` | every account and every event that is its own |
//! | `aggregate_owners` | every aggregate that belongs to an account: what others do to it is the account's own |
//! | `erased_accounts` | every account that was forgotten |

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::contexts;
use crate::history::Event;
use crate::log::Log;
use crate::views::{Rows, View};

const EVENTS: View = View::keyed("account_events", &["account_id", "context", "partition", "log_offset"]);
const OWNERS: View = View::keyed("aggregate_owners", &["context", "aggregate_id", "account_id"]);
const ERASED: View = View::keyed("erased_accounts", &["account_id"]);

pub(crate) const VIEWS: &[View] = &[EVENTS, OWNERS, ERASED];

pub(crate) fn rows(log: &Log<'_>, rows: &mut Rows) {
    let is_erasure = |event: &&Event| event.event_type == "inklog.accounts.Erased";
    let events = || log.events.iter().map(|placed| placed.event);
    let erased: BTreeSet<&str> = events().filter(is_erasure).map(|event| event.aggregate_id.as_str()).collect();
    erased.iter().for_each(|account| rows.put(ERASED, json!({"account_id": account})));
    // By context and aggregate; the events of an aggregate stand in their order.
    let mut owners: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for placed in &log.events {
        let (context, event) = (placed.context, placed.event);
        let owned = owners.entry((context, &event.aggregate_id)).or_default();
        if let Some(owner) = owner(event).filter(|owner| !erased.contains(owner) && !owned.contains(owner)) {
            owned.push(owner);
            let since = event.version;
            rows.put(
                OWNERS,
                json!({"context": context, "aggregate_id": event.aggregate_id, "account_id": owner,
                    "since_version": since}),
            );
        }
        let accounts: BTreeSet<&str> = named(event).chain(owned.iter().copied()).collect();
        for account in accounts.difference(&erased) {
            rows.put(
                EVENTS,
                json!({"account_id": account, "context": context, "partition": placed.partition,
                    "log_offset": placed.offset}),
            );
        }
    }
}

/// The account to which the aggregate belongs from this event on.
fn owner(event: &Event) -> Option<&str> {
    let (context, verb) = contexts::of_event(&event.event_type);
    let (_, field) = context.belongs_to().iter().find(|(says, _)| *says == verb)?;
    field_of(event, field)
}

/// The accounts whose it is by itself.
fn named(event: &Event) -> impl Iterator<Item = &str> {
    let (context, verb) = contexts::of_event(&event.event_type);
    let happened_to = context.is_of_accounts().then_some(event.aggregate_id.as_str());
    let concerned = context.concerned_by(verb).iter().filter_map(|field| event.fields.get(*field)).flat_map(ids);
    [Some(event.actor_id.as_str()), happened_to].into_iter().flatten().chain(concerned).filter(|id| is_account(id))
}

/// The id that a field is, or those of its list.
fn ids(field: &Value) -> impl Iterator<Item = &str> {
    let list = field.as_array().into_iter().flatten();
    std::iter::once(field).chain(list).filter_map(Value::as_str)
}

fn field_of<'e>(event: &'e Event, field: &str) -> Option<&'e str> {
    event.fields.get(field).and_then(Value::as_str).filter(|id| is_account(id))
}

fn is_account(id: &str) -> bool {
    id.parse().is_ok_and(|id: Uuid| !id.is_nil())
}

#[cfg(test)]
mod tests;
