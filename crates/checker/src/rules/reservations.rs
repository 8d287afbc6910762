//! A value that is unique in its context (a slug, a user name, an e-mail address) is one aggregate's until it has
//! another, or for ever: at no moment do two bear it, and the one that bears it holds the reservation on it. The
//! converse holds too: a reservation is confirmed only for an aggregate that bears the value at that moment. Where it
//! is given up later, it stays confirmed until it is released, which a process that dies leaves to the next.

use std::collections::HashMap;

use serde_json::Value;

use crate::context::Unique;
use crate::contexts;
use crate::history::Event;
use crate::log::{Aggregate, Log, Place};
use crate::verdict::{Kind, Verdict};

/// By how much the clocks of two machines may differ, in milliseconds (ADR 4).
const TOLERATED_MS: i64 = 30_000;

/// Which aggregates bore what, by context and reservation.
type Bearings<'h> = HashMap<(&'h str, String), Vec<Bearing>>;

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
    let (mut bearings, mut reservations) = (Bearings::new(), Vec::new());
    for aggregate in &log.aggregates {
        let unique = contexts::named(aggregate.context).unique_values();
        if unique.iter().any(|unique| unique.is_reserved_by(aggregate.id)) {
            reservations.push(aggregate);
        } else {
            unique.iter().for_each(|unique| gather(log, aggregate, unique, &mut bearings));
        }
    }
    for reservation in reservations {
        judge_reservation(log, reservation, verdict);
        let borne = bearings.get(&(reservation.context, reservation.id.to_owned())).map_or(&[][..], Vec::as_slice);
        is_borne_when_confirmed(log, reservation, borne, verdict);
    }
    for ((context, reservation), mut bearings) in bearings {
        bearings.sort_by_key(|bearing| (bearing.from, bearing.place));
        one_at_a_time(log, &reservation, &bearings, verdict);
        for bearing in bearings.iter().filter(|bearing| bearing.until == i64::MAX) {
            holds_the_reservation(log, (context, &reservation), bearing.place, verdict);
        }
    }
}

/// Gathers which values of one kind an aggregate bore, and when.
fn gather<'h>(log: &Log<'h>, aggregate: &Aggregate<'h>, unique: &Unique, bearings: &mut Bearings<'h>) {
    let mut present: Option<String> = None;
    for place in &aggregate.events {
        let event = log.events[*place].event;
        let (_, verb) = contexts::of_event(&event.event_type);
        let given = unique.given(verb, event);
        let is_replaced = given.is_some() && !unique.is_kept;
        let is_over = |former: &mut String| is_replaced || unique.is_given_up(verb, event, former);
        if let Some(former) = present.take_if(is_over)
            && let Some(bearing) = bearings.get_mut(&(aggregate.context, former)).and_then(|known| known.last_mut())
        {
            bearing.until = event.occurred_at;
        }
        // One that it had before the present one, and kept until now.
        if let Some(former) = unique.given_up(verb, event)
            && let Some(bearing) = bearings.get_mut(&(aggregate.context, former)).and_then(|known| known.last_mut())
            && log.events[bearing.place].event.aggregate_id == aggregate.id
        {
            bearing.until = bearing.until.min(event.occurred_at);
        }
        let Some(reservation) = given else { continue };
        let known = bearings.entry((aggregate.context, reservation.clone())).or_default();
        let is_mine = |last: &Bearing| log.events[last.place].event.aggregate_id == aggregate.id;
        if known.last().is_none_or(|last| last.until != i64::MAX || !is_mine(last)) {
            known.push(Bearing { place: *place, from: event.occurred_at, until: i64::MAX });
        }
        present = Some(reservation);
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

/// The last holder is the bearer: no aggregate takes over from one that bears the value.
fn holds_the_reservation(log: &Log<'_>, (context, reservation): (&str, &str), place: Place, verdict: &mut Verdict) {
    let aggregate = log.aggregate(context, reservation);
    let last = log.place(aggregate, log.versions(aggregate));
    let holder = last.and_then(|last| holder(log.events[last].event));
    if holder != Some(log.events[place].event.aggregate_id.as_str()) {
        verdict.add(Kind::Reservation, || {
            format!("{} bears what {reservation} says is held by {}", log.told(place), holder.unwrap_or("none"))
        });
    }
}

/// Confirmed is what its holder bears: as far as clocks tell that differ by no more than is tolerated.
fn is_borne_when_confirmed(log: &Log<'_>, reservation: &Aggregate<'_>, bearings: &[Bearing], verdict: &mut Verdict) {
    for place in &reservation.events {
        let event = log.events[*place].event;
        if !event.event_type.ends_with("Confirmed") {
            continue;
        }
        let (earliest, latest) = (event.occurred_at - TOLERATED_MS, event.occurred_at + TOLERATED_MS);
        let is_holders =
            |bearing: &Bearing| Some(log.events[bearing.place].event.aggregate_id.as_str()) == holder(event);
        let is_borne = |bearing: &Bearing| bearing.from <= latest && bearing.until >= earliest;
        if !bearings.iter().any(|bearing| is_holders(bearing) && is_borne(bearing)) {
            let holder = holder(event).unwrap_or("none");
            verdict.add(Kind::Reservation, || format!("{} and {holder} does not bear it then", log.told(*place)));
        }
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
        && !log.events[*first].event.event_type.ends_with("Claimed")
    {
        verdict.add(Kind::Reservation, || format!("{} is of what no caller reserved", log.told(*first)));
    }
}

/// What is wrong with one event of a reservation after another. A released reservation is one that expires.
fn wrong_after(before: &Event, after: &Event) -> Option<&'static str> {
    let is = |event: &Event, what: &str| event.event_type.ends_with(what);
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
