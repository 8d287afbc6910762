//! A slug is one post's, a user name one account's, for ever (or for longer than any run): at no moment do two bear it,
//! and whoever bears it holds the claim on it.

use std::collections::HashMap;

use serde_json::Value;

use crate::history::Event;
use crate::log::{Aggregate, Log, Place};
use crate::model::verb;
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(log: &Log<'_>, verdict: &mut Verdict) {
    for aggregate in &log.aggregates {
        if aggregate.id.starts_with("slug:") || aggregate.id.starts_with("user-name:") {
            judge_claim(log, aggregate, verdict);
        }
    }
    let mut bearers: HashMap<(&str, String), Place> = HashMap::new();
    for (place, placed) in log.events.iter().enumerate() {
        let Some((claim, id)) = borne(placed.event).zip(Some(&placed.event.aggregate_id)) else { continue };
        let first = *bearers.entry((placed.context, claim.clone())).or_insert(place);
        if log.events[first].event.aggregate_id != *id {
            verdict.add(Kind::Claim, || format!("{} and {} both bear {claim}", log.told(first), log.told(place)));
        } else if first == place {
            holds_the_claim(log, place, &claim, verdict);
        }
    }
}

/// The claim on the value that an event gives to its aggregate.
fn borne(event: &Event) -> Option<String> {
    let text = |name: &str| event.fields.get(name).and_then(Value::as_str);
    match verb(&event.event_type) {
        "Drafted" | "Edited" => text("slug").map(|slug| format!("slug:{slug}")),
        _ => text("user_name").map(|name| format!("user-name:{}", name.to_ascii_lowercase())),
    }
}

/// The last holder is the bearer: nobody takes over from one who bears the value.
fn holds_the_claim(log: &Log<'_>, place: Place, claim: &str, verdict: &mut Verdict) {
    let placed = &log.events[place];
    let aggregate = log.aggregate(placed.context, claim);
    let last = log.place(aggregate, log.versions(aggregate));
    let holder = last.and_then(|last| holder(log.events[last].event));
    if holder != Some(placed.event.aggregate_id.as_str()) {
        verdict.add(Kind::Claim, || {
            format!("{} bears what {claim} says is held by {}", log.told(place), holder.unwrap_or("nobody"))
        });
    }
}

fn holder(event: &Event) -> Option<&str> {
    event.fields.get("holder_id").and_then(Value::as_str)
}

fn judge_claim(log: &Log<'_>, claim: &Aggregate<'_>, verdict: &mut Verdict) {
    for pair in claim.events.windows(2) {
        let (before, after) = (log.events[pair[0]].event, log.events[pair[1]].event);
        let confirmed = verb(&before.event_type).ends_with("Confirmed");
        let confirms = verb(&after.event_type).ends_with("Confirmed");
        let lapses = before.fields.get("expires_at").and_then(Value::as_i64).unwrap_or(i64::MAX);
        let same = holder(before) == holder(after);
        let wrong = if confirmed {
            Some("follows a confirmation")
        } else if confirms && !same {
            Some("confirms what another holds")
        } else if !same && after.occurred_at < lapses {
            Some("takes over a claim that has not lapsed")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            verdict.add(Kind::Claim, || format!("{} {wrong}: {}", log.told(pair[1]), log.told(pair[0])));
        }
    }
    if let Some(first) = claim.events.first()
        && verb(&log.events[*first].event.event_type).ends_with("Confirmed")
    {
        verdict.add(Kind::Claim, || format!("{} confirms what nobody claimed", log.told(*first)));
    }
}

#[cfg(test)]
mod tests;
