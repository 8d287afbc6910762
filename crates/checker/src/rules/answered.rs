//! What is accepted as an answer to something answers what was before readers, and no one who blocks the caller, or
//! whom the caller blocks: at some moment while it was asked, or as long before as what an instance has read is looked
//! at (docs/adr/0009). What was so at no such moment cannot have been what it was decided by.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::states::Visible;
use crate::bounds::Bounds;
use crate::commands::{self, Commands};
use crate::context::{LookedUp, Who};
use crate::contexts;
use crate::history::{Call, Nanos};
use crate::log::{Log, Place};
use crate::verdict::{Kind, Verdict};

/// What answers are held against.
struct Against<'a, 'h> {
    log: &'a Log<'h>,
    bounds: &'a Bounds,
    visible: &'a Visible,
    /// The pairs of which the one ever blocked the other, by who did.
    blocks: HashMap<(&'h str, &'h str), usize>,
}

/// When something can have been looked up.
type Window = (Nanos, Nanos);

pub(crate) fn judge(log: &Log<'_>, commands: &Commands<'_>, bounds: &Bounds, visible: &Visible, verdict: &mut Verdict) {
    let blocks = log.aggregates.iter().enumerate().filter(|(_, aggregate)| aggregate.context == "moderation");
    let blocks =
        blocks.filter_map(|(number, aggregate)| Some((aggregate.id.strip_prefix("block:")?.split_once(':')?, number)));
    let against = Against { log, bounds, visible, blocks: blocks.collect() };
    for place in 0..log.events.len() {
        let Some(window) = bounds.looked_up(log, commands, place) else { continue };
        let began = commands.may_have_begun(log.events[place].event.command_id);
        if let Some(call) = began.map(|number| &commands.calls[number]) {
            against.judge(call, place, window, verdict);
        }
    }
}

impl Against<'_, '_> {
    fn judge(&self, call: &Call, place: Place, window: Window, verdict: &mut Verdict) {
        let Some((context, command)) = contexts::of_kind(&call.kind) else { return };
        for it in context.answers(command.verb, call) {
            if !self.was_shown(&it, window) {
                verdict.add(Kind::Access, || {
                    let LookedUp { context, aggregate_id, .. } = &it;
                    format!("{} was accepted, and {context} {aggregate_id} was before no one", commands::told(call))
                });
            }
        }
        let actor = self.log.events[place].event.actor_id.as_str();
        for (one, other) in context.meets(command.verb, call) {
            if let Some((one, other)) = self.only(&one, actor, window).zip(self.only(&other, actor, window))
                && self.were_apart(&one, &other, window)
            {
                verdict.add(Kind::Access, || {
                    format!("{} was accepted, and of {one} and {other} the one blocked the other", commands::told(call))
                });
            }
        }
    }

    /// Whether something was before readers at some moment. Of what has no event nothing is said.
    fn was_shown(&self, it: &LookedUp, (from, to): Window) -> bool {
        let Some(aggregate) = self.log.aggregate(it.context, &it.aggregate_id) else { return true };
        let versions = self.bounds.versions_between(self.log, Some(aggregate), from, to);
        let seen = |version| self.visible.seen(self.log, it, Some(aggregate), version);
        // Mostly the last is.
        versions.rev().any(|version| seen(version).is_some_and(|seen| !seen.draft && !seen.deleted))
    }

    /// Who that is, if it is one account all the while.
    fn only(&self, who: &Who, actor: &str, window: Window) -> Option<String> {
        match who {
            Who::Actor => Some(actor.to_owned()),
            Who::Account(id) => Some(id.clone()),
            Who::AuthorOf(post, number) => self.author(post, *number).map(str::to_owned),
            Who::OwnerOf(post) => self.owner(post, window),
        }
    }

    fn author(&self, post: &str, number: i64) -> Option<&str> {
        let thread = &self.log.aggregates[self.log.aggregate("comments", post)?];
        let mut events = thread.events.iter().map(|place| self.log.events[*place].event);
        let written = events.find(|event| event.fields.get("number") == Some(&Value::from(number)))?;
        written.fields.get("author_id")?.as_str()
    }

    fn owner(&self, post: &str, (from, to): Window) -> Option<String> {
        let post = self.log.aggregate("posts", post)?;
        let versions = self.bounds.versions_between(self.log, Some(post), from, to);
        let (mut owner, mut owners) = (None, BTreeSet::new());
        for version in 1..=*versions.end() {
            let event = self.log.events[self.log.place(Some(post), version)?].event;
            let named = ["author_id", "to_account_id"].into_iter().find_map(|field| event.fields.get(field)?.as_str());
            owner = named.or(owner);
            if version >= *versions.start() {
                owners.extend(owner);
            }
        }
        owners.first().filter(|_| owners.len() == 1).map(|owner| (*owner).to_owned())
    }

    /// Whether the one of two blocked the other all the while.
    fn were_apart(&self, one: &str, other: &str, (from, to): Window) -> bool {
        [(one, other), (other, one)].iter().any(|pair| {
            let Some(pair) = self.blocks.get(pair).copied() else { return false };
            let is_block = |version| {
                let place = self.log.place(Some(pair), version);
                place.is_some_and(|place| self.log.events[place].event.event_type.ends_with(".PersonBlocked"))
            };
            self.bounds.versions_between(self.log, Some(pair), from, to).all(is_block)
        })
    }
}

#[cfg(test)]
mod tests;
