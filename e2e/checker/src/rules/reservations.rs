//! A slug is one post's for ever, a user name and an e-mail address one account's until it has another: at no moment do
//! two bear it, and whoever bears it holds the reservation on it.

use std::collections::HashMap;

use serde_json::Value;

use crate::history::Event;
use crate::log::{Aggregate, Log, Place};
use crate::model::verb;
use crate::verdict::{Kind, Verdict};

/// What the ids of reservations begin with.
const RESERVATIONS: [&str; 3] = ["slug:", "user-name:", "email:"];

/// That an aggregate bears a value.
struct Bearing {
    /// The event that gave it.
    place: Place,
    /// From when, by that event.
    from: i64,
    /// Until when, by the event that gave another.
    until: i64,
}

pub(crate) fn judge(log: &Log<'_>, verdict: &mut Verdict) {
    let mut bearings: HashMap<(&str, String), Vec<Bearing>> = HashMap::new();
    for aggregate in &log.aggregates {
        if RESERVATIONS.iter().any(|reservation| aggregate.id.starts_with(reservation)) {
            judge_reservation(log, aggregate, verdict);
        } else {
            gather(log, aggregate, &mut bearings);
        }
    }
    for ((context, reservation), mut bearings) in bearings {
        bearings.sort_by_key(|bearing| (bearing.from, bearing.place));
        one_at_a_time(log, &reservation, &bearings, verdict);
        for bearing in bearings.iter().filter(|bearing| bearing.until == i64::MAX) {
            holds_the_reservation(log, (context, &reservation), bearing.place, verdict);
        }
    }
}

/// The reservations on the values that an event gives to its aggregate.
fn borne(event: &Event) -> impl Iterator<Item = String> {
    let text = |name: &str| event.fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (slug, name, email) = match verb(&event.event_type) {
        "Drafted" | "Edited" => (text("slug"), None, None),
        "Registered" => (None, text("user_name"), text("email_key")),
        "UserNameChanged" => (None, text("user_name"), None),
        "EmailChanged" => (None, None, text("email_key")),
        _ => (None, None, None),
    };
    let slug = slug.map(|slug| format!("slug:{slug}"));
    let name = name.map(|name| format!("user-name:{}", name.to_ascii_lowercase()));
    [slug, name, email.map(|key| format!("email:{key}"))].into_iter().flatten()
}

/// Whether an event takes the address of this reservation from its aggregate without giving another. Whoever is forgotten has
/// none; their user name stays theirs.
fn gives_up(event: &Event, reservation: &str) -> bool {
    let key = event.fields.get("email_key").and_then(Value::as_str);
    match verb(&event.event_type) {
        "EmailGivenUp" => key.is_some_and(|key| *reservation == format!("email:{key}")),
        "Erased" => true,
        _ => false,
    }
}

fn gather<'h>(log: &Log<'h>, aggregate: &Aggregate<'_>, bearings: &mut HashMap<(&'h str, String), Vec<Bearing>>) {
    // What the aggregate bears now, by what reservations of the kind begin with.
    let mut present: HashMap<String, (&str, String)> = HashMap::new();
    for place in &aggregate.events {
        let placed = &log.events[*place];
        if present.get("email").is_some_and(|(_, reservation)| gives_up(placed.event, reservation))
            && let Some(bearing) = present.remove("email").and_then(|former| bearings.get_mut(&former)?.last_mut())
        {
            bearing.until = placed.event.occurred_at;
        }
        for reservation in borne(placed.event) {
            let kind = reservation.split_once(':').map_or("", |(kind, _)| kind).to_owned();
            let (key, from) = ((placed.context, reservation), placed.event.occurred_at);
            // A former slug leads to its post for ever; a former name or address is given up.
            if kind != "slug"
                && let Some(former) = present.insert(kind, key.clone()).and_then(|former| bearings.get_mut(&former))
                && let Some(bearing) = former.last_mut()
            {
                bearing.until = from;
            }
            let known = bearings.entry(key).or_default();
            if known
                .last()
                .is_none_or(|last| last.until != i64::MAX || log.events[last.place].event.aggregate_id != aggregate.id)
            {
                known.push(Bearing { place: *place, from, until: i64::MAX });
            }
        }
    }
}

fn one_at_a_time(log: &Log<'_>, reservation: &str, bearings: &[Bearing], verdict: &mut Verdict) {
    for pair in bearings.windows(2) {
        let id = |bearing: &Bearing| log.events[bearing.place].event.aggregate_id.as_str();
        if id(&pair[0]) != id(&pair[1]) && pair[1].from < pair[0].until {
            verdict.add(Kind::Reservation, || {
                format!("{} and {} both bear {reservation}", log.told(pair[0].place), log.told(pair[1].place))
            });
        }
    }
}

/// The last holder is the bearer: nobody takes over from one who bears the value.
fn holds_the_reservation(log: &Log<'_>, (context, reservation): (&str, &str), place: Place, verdict: &mut Verdict) {
    let aggregate = log.aggregate(context, reservation);
    let last = log.place(aggregate, log.versions(aggregate));
    let holder = last.and_then(|last| holder(log.events[last].event));
    if holder != Some(log.events[place].event.aggregate_id.as_str()) {
        verdict.add(Kind::Reservation, || {
            format!("{} bears what {reservation} says is held by {}", log.told(place), holder.unwrap_or("nobody"))
        });
    }
}

fn holder(event: &Event) -> Option<&str> {
    event.fields.get("holder_id").and_then(Value::as_str)
}

fn judge_reservation(log: &Log<'_>, reservation: &Aggregate<'_>, verdict: &mut Verdict) {
    for pair in reservation.events.windows(2) {
        if let Some(wrong) = wrong_after(log.events[pair[0]].event, log.events[pair[1]].event) {
            verdict.add(Kind::Reservation, || format!("{} {wrong}: {}", log.told(pair[1]), log.told(pair[0])));
        }
    }
    if let Some(first) = reservation.events.first()
        && !verb(&log.events[*first].event.event_type).ends_with("Claimed")
    {
        verdict.add(Kind::Reservation, || format!("{} is of what no caller reserved", log.told(*first)));
    }
}

/// What is wrong with one event of a reservation after another. A released reservation is one that expires.
fn wrong_after(before: &Event, after: &Event) -> Option<&'static str> {
    let is = |event: &Event, what: &str| verb(&event.event_type).ends_with(what);
    let expires = before.fields.get("expires_at").and_then(Value::as_i64).unwrap_or(i64::MAX);
    if holder(before) == holder(after) {
        let fits = if is(after, "Released") { is(before, "Confirmed") } else { !is(before, "Confirmed") };
        (!fits).then_some("does not follow")
    } else if is(before, "Confirmed") {
        Some("takes what is another's for good")
    } else if !is(after, "Claimed") {
        Some("is of what another holds")
    } else {
        (after.occurred_at < expires).then_some("takes over a reservation that has not expired")
    }
}

#[cfg(test)]
mod tests;
