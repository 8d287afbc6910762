//! What a context carries out of what another decided was decided so, and what was judged by another's rules was judged
//! so: by the log alone, for an event says what it carries out or was judged by, and the other's events say what was
//! decided. That all of it is carried out is a schedule of the other.

use crate::contexts;
use crate::log::{Log, Place};
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
