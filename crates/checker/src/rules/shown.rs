//! What a post shows is not swept: neither log orders the other, so it is judged by what is certain of when each was
//! appended. A sweep is decided after the event of the item by which it is due; what a post showed before that, and
//! until after the sweep, was shown as it was decided. What came to be shown later may be swept: it is as if it had
//! come later still.

use std::collections::{BTreeSet, HashMap};

use crate::bounds::Bounds;
use crate::contexts;
use crate::log::{Log, Place};
use crate::state::State;
use crate::verdict::{Kind, Verdict};

/// That an aggregate shows something: by which event it came to, and by which it does no more.
struct Showing<'h> {
    aggregate: &'h str,
    from: Place,
    until: Option<Place>,
}

/// A sweep, and the event by which it was due.
struct Sweep<'h> {
    name: &'h str,
    due_by: Place,
    place: Place,
}

pub(crate) fn judge(log: &Log<'_>, bounds: &Bounds, verdict: &mut Verdict) {
    let sweeps = sweeps(log);
    let swept: BTreeSet<&str> = sweeps.iter().map(|sweep| sweep.name).collect();
    let shown = if swept.is_empty() { HashMap::new() } else { shown(log, &swept) };
    for Sweep { name, due_by, place } in sweeps {
        let was_shown = |showing: &&Showing<'_>| {
            let is_gone = showing.until.is_some_and(|until| bounds.earliest(until) <= bounds.latest(place));
            bounds.latest(showing.from) < bounds.earliest(due_by) && !is_gone
        };
        let showing = shown.get(name).into_iter().flatten().find(was_shown);
        if let Some(Showing { aggregate, from, .. }) = showing {
            verdict.add(Kind::Schedule, || {
                let (what, since) = (log.told(place), log.told(*from));
                format!("{what} came although {aggregate} shows it, since {since}")
            });
        }
    }
}

fn sweeps<'h>(log: &Log<'h>) -> Vec<Sweep<'h>> {
    let mut sweeps = Vec::new();
    for aggregate in &log.aggregates {
        let context = contexts::named(aggregate.context);
        let Some(name) = context.shown_as(aggregate.id) else { continue };
        let (mut state, mut due_by) = (State::new(), None);
        for place in &aggregate.events {
            let event = log.events[*place].event;
            let (_, verb) = contexts::of_event(&event.event_type);
            if let Some(due_by) = due_by.filter(|_| context.sweeps(verb)) {
                sweeps.push(Sweep { name, due_by, place: *place });
            }
            let before = context.due(&state);
            contexts::fold(&mut state, event);
            if context.due(&state) != before {
                due_by = Some(*place);
            }
        }
    }
    sweeps
}

/// Who shows what was swept at any time.
fn shown<'h>(log: &Log<'h>, swept: &BTreeSet<&'h str>) -> HashMap<&'h str, Vec<Showing<'h>>> {
    let mut all: HashMap<&str, Vec<Showing<'_>>> = HashMap::new();
    for aggregate in &log.aggregates {
        let (context, mut state, mut before) = (contexts::named(aggregate.context), State::new(), BTreeSet::new());
        for place in &aggregate.events {
            contexts::fold(&mut state, log.events[*place].event);
            let shows = context.shows(&state);
            let now: BTreeSet<&str> = swept.iter().copied().filter(|name| shows.contains(*name)).collect();
            for name in now.difference(&before).copied() {
                let showing = Showing { aggregate: aggregate.id, from: *place, until: None };
                all.entry(name).or_default().push(showing);
            }
            for name in before.difference(&now).copied() {
                // The last of this aggregate's is the one that is open.
                if let Some(open) = all.get_mut(name).and_then(|all| all.last_mut()) {
                    open.until = Some(*place);
                }
            }
            before = now;
        }
    }
    all
}

#[cfg(test)]
mod tests;
