//! What a context carries out of what another decided was decided so, and what was judged by another's rules was judged
//! so: by the log alone, for an event says what it carries out or was judged by, and the other's events say what was
//! decided. That all of it is carried out is a schedule of the other; where it says that it was, things stand so in the
//! end.

use crate::contexts;
use crate::log::{Aggregate, Log, Place};
use crate::state::State;
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(log: &Log<'_>, verdict: &mut Verdict) {
    for aggregate in &log.aggregates {
        stands_as_decided(log, aggregate, verdict);
        let context = contexts::named(aggregate.context);
        for place in &aggregate.events {
            let event = log.events[*place].event;
            let order = context.carries_out_of_another(event).or_else(|| context.judged_by_another(event));
            if let Some((other, id)) = order
                && !is_ordered(log, *place, other, &id)
            {
                verdict.add(Kind::Undecided, || format!("{}: {other} {id} did not decide so", log.told(*place)));
            }
        }
    }
}

fn stands_as_decided(log: &Log<'_>, aggregate: &Aggregate<'_>, verdict: &mut Verdict) {
    let decided = folded(log, aggregate);
    let Some((other, id)) = contexts::named(aggregate.context).is_carried_out_on(&decided) else { return };
    let Some(thing) = log.aggregate(other, &id).map(|thing| folded(log, &log.aggregates[thing])) else { return };
    if let Some(difference) = contexts::named(other).contradicts(&thing, &decided) {
        verdict.add(Kind::Undecided, || format!("{} says that it was carried out, and {difference}", aggregate.id));
    }
}

/// What is left of an aggregate in the end.
fn folded(log: &Log<'_>, aggregate: &Aggregate<'_>) -> State {
    let mut state = State::new();
    aggregate.events.iter().for_each(|place| contexts::fold(&mut state, log.events[*place].event));
    state
}

/// Whether another aggregate decided what an event says, at any of its versions.
fn is_ordered(log: &Log<'_>, place: Place, other: &str, id: &str) -> bool {
    let (context, event) = (contexts::named(other), log.events[place].event);
    let events = log.aggregate(other, id).map(|aggregate| &log.aggregates[aggregate].events);
    let mut state = State::new();
    events.into_iter().flatten().any(|place| {
        contexts::fold(&mut state, log.events[*place].event);
        context.orders(&state, event)
    })
}

#[cfg(test)]
mod tests;
