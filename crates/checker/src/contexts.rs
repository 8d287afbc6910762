//! The contexts, written anew from the documents, a file for each. What is asked here by the type of an event or the
//! kind of a command is answered by the context that stands in it, and by no other.

mod accounts;
mod bookmarks;
mod cells;
mod comments;
mod following;
mod media;
mod moderation;
mod posts;
mod reactions;
mod security;
mod series;
mod taxonomy;

use serde_json::{Value, json};

use crate::context::{Command, Context, LookedUp, Permits};
use crate::history::{Call, Event};
use crate::state::State;

/// All contexts: a further one is a file beside these, its `mod`, and a line here.
pub(crate) const ALL: &[&dyn Context] = &[
    &accounts::Accounts,
    &bookmarks::Bookmarks,
    &cells::Cells, // of the simulator
    &comments::Comments,
    &following::Following,
    &media::Media,
    &moderation::Moderation,
    &posts::Posts,
    &reactions::Reactions,
    &security::Security,
    &series::Series,
    &taxonomy::Taxonomy,
];

/// Stands for a context that is not in [`ALL`]: only the general rules are judged of it.
struct Unlisted;

impl Context for Unlisted {
    fn name(&self) -> &'static str {
        "unlisted"
    }
}

// Of these, the rules that hold for all say what is forbidden.
impl Permits for accounts::Accounts {}
impl Permits for bookmarks::Bookmarks {}
impl Permits for cells::Cells {}
impl Permits for media::Media {}
impl Permits for security::Security {}
impl Permits for series::Series {}
impl Permits for taxonomy::Taxonomy {}
impl Permits for Unlisted {}

/// The context of this name.
pub(crate) fn named(name: &str) -> &'static dyn Context {
    ALL.iter().copied().find(|context| context.name() == name).unwrap_or(&Unlisted)
}

/// The context and the verb in the type of an event: `posts` and `Published` of `inklog.posts.Published`.
pub(crate) fn of_event(event_type: &str) -> (&'static dyn Context, &str) {
    let parts = event_type.strip_prefix("inklog.").and_then(|name| name.split_once('.'));
    parts.map_or((&Unlisted, event_type), |(context, verb)| (named(context), verb))
}

/// The context of a command, and the command; `None` if the kind is not known.
pub(crate) fn of_kind(kind: &str) -> Option<(&'static dyn Context, &'static Command)> {
    let (context, verb) = kind.split_once('.')?;
    let context = named(context);
    Some((context, context.commands().iter().find(|command| command.verb == verb)?))
}

/// Whether an event is a step of a command on another aggregate.
pub(crate) fn is_step(event_type: &str) -> bool {
    let (context, verb) = of_event(event_type);
    context.unique_values().iter().any(|unique| unique.is_step(verb))
}

/// Whether such an event is written where the account that acts in it is forgotten.
pub(crate) fn ends_with_accounts(event_type: &str) -> bool {
    let (context, verb) = of_event(event_type);
    context.ends_with_accounts().contains(&verb)
}

/// Whether a command of this kind can lead to such an event; `None` if the kind is not known.
pub(crate) fn may_lead_to(kind: &str, event_type: &str) -> Option<bool> {
    let (asked, command) = of_kind(kind)?;
    let (context, verb) = of_event(event_type);
    Some(context.name() == asked.name() && command.leads_to.contains(&verb))
}

/// Folds an event.
pub(crate) fn fold(state: &mut State, event: &Event) {
    let (context, verb) = of_event(&event.event_type);
    if state.is_empty() {
        state.insert("created_at".into(), json!(event.occurred_at));
    }
    context.fold(state, verb, event);
    state.insert("updated_at".into(), json!(event.occurred_at));
    state.insert("version".into(), json!(event.version));
}

/// Whether "not found" in answer to a command of this kind tells nothing of its aggregate.
pub(crate) fn may_miss_another(kind: &str) -> bool {
    of_kind(kind).is_some_and(|(context, command)| context.may_miss_another(command))
}

/// What the service looks up elsewhere before the command is decided.
pub(crate) fn looks_up(call: &Call) -> Vec<LookedUp> {
    of_kind(&call.kind).map(|(context, command)| context.looks_up(command, call)).unwrap_or_default()
}

/// Whether "not found" in answer to a command of this kind may mean that the caller may not see it.
pub(crate) fn hides(kind: &str) -> bool {
    of_kind(kind).is_some_and(|(context, _)| context.hides())
}

/// Whether the state is as a command of this kind asks; so it is with a kind that is not known. `Err` says what
/// differs.
pub(crate) fn holds(kind: &str, arguments: &Value, state: &State) -> Result<(), String> {
    of_kind(kind).map_or(Ok(()), |(_, command)| command.holds(arguments, state))
}

/// A field that an event changes and the command did not ask for.
pub(crate) fn unasked(kind: &str, arguments: &Value, event: &Event) -> Option<String> {
    let (context, command) = of_kind(kind)?;
    context.unasked(command, arguments, event)
}

#[cfg(test)]
mod tests;
