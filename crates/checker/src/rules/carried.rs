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

/// That things stand as a decision says of which it is said that all of it was carried out. `decision` is what is left
/// of its aggregate in the end.
pub(crate) fn stands(log: &Log<'_>, aggregate: &Aggregate<'_>, decision: &State, verdict: &mut Verdict) {
    let Some((other, id)) = contexts::named(aggregate.context).is_carried_out_on(decision) else { return };
    let Some(thing) = log.aggregate(other, &id) else { return };
    let mut state = State::new();
    log.aggregates[thing].events.iter().for_each(|place| contexts::fold(&mut state, log.events[*place].event));
    if let Some(difference) = contexts::named(other).contradicts(&state, decision) {
        verdict.add(Kind::Undecided, || format!("{} says that it was carried out, and {difference}", aggregate.id));
    }
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
