//! Nothing is accepted that a context forbids: what an aggregate's own events rule out, and what is done by a lesser
//! role than that of the account that it is done to. And what is said to be carried out stands so in the end.

use super::carried;
use crate::bounds::Bounds;
use crate::commands::Commands;
use crate::context::{Ranked, rank};
use crate::contexts;
use crate::log::{Aggregate, Log, Place};
use crate::state::{self, State};
use crate::verdict::{Kind, Verdict};

pub(crate) fn judge(log: &Log<'_>, commands: &Commands<'_>, bounds: &Bounds, verdict: &mut Verdict) {
    for aggregate in &log.aggregates {
        judge_aggregate(log, commands, bounds, aggregate, verdict);
    }
}

fn judge_aggregate(
    log: &Log<'_>,
    commands: &Commands<'_>,
    bounds: &Bounds,
    aggregate: &Aggregate<'_>,
    verdict: &mut Verdict,
) {
    let (context, mut state) = (contexts::named(aggregate.context), State::new());
    for place in &aggregate.events {
        let event = log.events[*place].event;
        let call = commands.may_have_begun(event.command_id).map(|number| &commands.calls[number]);
        let role = call.and_then(|call| call.caller.as_ref()?.role.as_deref());
        if let Some((kind, why)) = context.forbids(&state, event, role) {
            verdict.add(kind, || format!("{}: {why}", log.told(*place)));
        }
        if let Some(ranked) = context.outranks(event)
            && !may_be(log, commands, bounds, (*place, &ranked))
        {
            verdict.add(Kind::Access, || {
                let Ranked { account_id, by, .. } = &ranked;
                format!("{}: it was made by the role {by}, and {account_id} had no lesser one", log.told(*place))
            });
        }
        contexts::fold(&mut state, event);
    }
    carried::stands(log, aggregate, &state, verdict);
}

/// Whether an account had such a role at some moment at which it can have been looked up. Where no call is recorded, or
/// the account is not known, it may have had.
fn may_be(log: &Log<'_>, commands: &Commands<'_>, bounds: &Bounds, (place, ranked): (Place, &Ranked)) -> bool {
    let Some((from, to)) = bounds.looked_up(log, commands, place) else { return true };
    let Some(account) = log.aggregate("accounts", &ranked.account_id) else { return true };
    let versions = bounds.versions_between(log, Some(account), from, to);
    let (by, mut state) = (rank(&ranked.by), State::new());
    let mut may = *versions.start() == 0;
    for version in 1..=*versions.end() {
        let Some(place) = log.place(Some(account), version) else { break };
        contexts::fold(&mut state, log.events[place].event);
        let roles = state.get("roles").and_then(serde_json::Value::as_array).into_iter().flatten();
        let theirs = roles.filter_map(serde_json::Value::as_str).map(rank).max().unwrap_or(0);
        // Of who is forgotten nothing is left, no role either.
        let is_less = theirs < by || theirs == by && !ranked.is_lesser || state::flag(&state, "erased");
        may |= version >= *versions.start() && is_less;
    }
    may
}

#[cfg(test)]
mod tests;
