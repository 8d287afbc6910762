//! What a bounded context says of itself: its kinds of command, what its events do to a state, its views, the values
//! that are unique in it. The rules are general and ask for this.

mod permits;
mod sight;

pub(crate) use permits::{Permits, Ranked, Who, is_below, rank, verb};
pub(crate) use sight::{LookedUp, Visibility};

use std::collections::BTreeSet;

use serde_json::Value;

use crate::history::{Call, Event};
use crate::state::{self, State};
use crate::views::{Rows, View};

/// A bounded context.
pub(crate) trait Context: Permits + Sync {
    /// Its name: `posts` in the event type `inklog.posts.Published` and in the kind of command `posts.publish`.
    fn name(&self) -> &'static str;

    /// The kinds of command that are known; of others only the general rules are judged.
    fn commands(&self) -> &'static [Command] {
        &[]
    }

    /// Whether each of its events answers a caller's command, or is a step of one. Else the services write it by
    /// themselves.
    fn has_callers(&self) -> bool {
        true
    }

    /// The verbs of events that the services write where an account is forgotten, in its own name.
    fn ends_with_accounts(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether something can happen to its aggregates by itself, once a time has come.
    fn has_schedules(&self) -> bool {
        false
    }

    /// When something is to happen next by itself, in milliseconds.
    fn due(&self, _state: &State) -> Option<i64> {
        None
    }

    /// Whether an event of this verb, at this time, is what is to happen next by itself.
    fn carries_out(&self, _state: &State, _verb: &str, _at: i64) -> bool {
        false
    }

    /// The names of what an aggregate shows of others'.
    fn shows(&self, _state: &State) -> BTreeSet<String> {
        BTreeSet::new()
    }

    /// The name by which others show an aggregate, if they do.
    fn shown_as<'i>(&self, _id: &'i str) -> Option<&'i str> {
        None
    }

    /// Whether an event of this verb takes an aggregate away by itself, because none shows it.
    fn sweeps(&self, _verb: &str) -> bool {
        false
    }

    /// The account whose end calls off what is to happen by itself, if an event of this verb says that it is called
    /// off.
    fn called_off_with<'s>(&self, _state: &'s State, _verb: &str) -> Option<&'s str> {
        None
    }

    /// The aggregate of another context whose decision an event carries out: the context, and the aggregate's id. No
    /// caller asks for such an event.
    fn carries_out_of_another(&self, _event: &Event) -> Option<(&'static str, String)> {
        None
    }

    /// The aggregate of another context by which something in an event was judged at the edge: the context, and the
    /// aggregate's id.
    fn judged_by_another(&self, _event: &Event) -> Option<(&'static str, String)> {
        None
    }

    /// Whether a state is the decision that an event of another context carries out, or that it was judged by.
    fn orders(&self, _state: &State, _event: &Event) -> bool {
        false
    }

    /// What an event does to a state, beside its version and times. `verb` is the last part of its type.
    fn fold(&self, state: &mut State, _verb: &str, event: &Event) {
        state::replace(state, event);
    }

    /// A field as readers are shown it.
    fn shown(&self, state: &State, field: &str) -> Value {
        state.get(field).cloned().unwrap_or_default()
    }

    /// What readers may see of a state.
    fn visibility(&self, _state: &State) -> Visibility {
        Visibility::default()
    }

    /// What an event says that the command did not ask for.
    fn unasked(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        self.unasked_field(command, arguments, event)
    }

    /// A field that an event changes, and whose value is neither what was asked nor left to the service.
    fn unasked_field(&self, command: &Command, arguments: &Value, event: &Event) -> Option<String> {
        let is_asked = |field: &str, value: &Value| {
            let is_left_out = arguments.get(field).is_none_or(Value::is_null);
            command.asked(arguments, field).as_ref() == Some(value)
                || is_left_out && self.is_left_to_the_service(command, field, value)
        };
        let mut changed = event.fields.iter().filter(|(_, value)| !value.is_null() && !state::is_forgotten(value));
        let unasked = changed.find(|(field, value)| !is_asked(field, value));
        unasked.map(|(field, value)| format!("`{field}` became {value}"))
    }

    /// Whether the service may give a field this value when the caller left the field out.
    fn is_left_to_the_service(&self, _command: &Command, _field: &str, _value: &Value) -> bool {
        false
    }

    /// Whether a request can have been wrong by itself: clients send only what is right, but for what a context says
    /// here. `had` tells the values that a field had at any moment while it was asked.
    fn is_wrong(&self, _command: &Command, _call: &Call, _had: &dyn Fn(&str) -> Vec<Value>) -> bool {
        false
    }

    /// Whether "not found" can be said of something else than the aggregate: then it tells nothing of its version.
    fn may_miss_another(&self, _command: &Command) -> bool {
        false
    }

    /// What the service looks up elsewhere before a command of this kind is decided. Then it is refused for what it
    /// finds there, or does not find, and for nothing else than that and what is wrong with the request itself.
    fn looks_up(&self, _command: &Command, _call: &Call) -> Vec<LookedUp> {
        Vec::new()
    }

    /// What readers may see of a part of an aggregate after these events of it; `None` if it has no such part.
    fn part(&self, _number: i64, _events: &mut dyn Iterator<Item = &Event>) -> Option<Visibility> {
        None
    }

    /// Whether what a command asks of a state is to be approved by an editor first, where that is demanded. `is_meant`
    /// tells whether a digest is that of what the command releases.
    fn waits_for_approval(&self, _: &Command, _: &State, _is_meant: &dyn Fn(&str) -> bool) -> bool {
        false
    }

    /// Whether a caller who may not see an aggregate is told that there is none. Where it is not recorded who called,
    /// "not found" is right of what is not before everyone.
    fn hides(&self) -> bool {
        false
    }

    /// Whether an account that is no editor's may know of an aggregate that is hidden from others.
    fn is_known_to(&self, _state: &State, _account_id: &str) -> bool {
        false
    }

    /// The values that are one aggregate's alone.
    fn unique_values(&self) -> &'static [Unique] {
        &[]
    }

    /// Whether its aggregates are accounts, or what is noted about them: what happens to one is its own.
    fn is_of_accounts(&self) -> bool {
        false
    }

    /// The fields of events that name an account, or several, whose own the event is, too.
    fn concerns(&self) -> &'static [&'static str] {
        &[]
    }

    /// Those of them that events of this verb have: all, but where a context says that it is told of some only.
    fn concerned_by(&self, _verb: &str) -> &'static [&'static str] {
        self.concerns()
    }

    /// The verbs of the events, and their fields, by which an aggregate is an account's: the events of it from then on
    /// may be.
    fn belongs_to(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The views of its events.
    fn views(&self) -> &'static [View] {
        &[]
    }

    /// The rows that an aggregate gives those views.
    fn rows(&self, _aggregate: &Folded<'_>, _rows: &mut Rows) {}
}

/// A kind of command.
pub(crate) struct Command {
    /// `publish` of `posts.publish`.
    pub(crate) verb: &'static str,
    /// The verbs of the events that it may lead to.
    pub(crate) leads_to: &'static [&'static str],
    /// What it asks of the state.
    pub(crate) asks: Asks,
}

/// What a command asks of the state.
pub(crate) enum Asks {
    /// That the fields that its arguments name have these values.
    Change,
    /// The same, and that those of these texts that the arguments leave out are empty.
    Whole(&'static [&'static str]),
    /// That a flag is set, or is not.
    Flag(&'static str, bool),
    /// What the context itself says; `Err` says what differs.
    Special(fn(&Value, &State) -> Result<(), String>),
}

/// A value that at no moment two aggregates of a context bear: the one that bears it holds a reservation on it, which
/// is an aggregate by itself.
pub(crate) struct Unique {
    /// What the ids of its reservations begin with: `slug` of `slug:on-engines`.
    pub(crate) prefix: &'static str,
    /// What the verbs of its reservations' events begin with: `Slug` of `SlugClaimed`.
    pub(crate) verbs: &'static str,
    /// The field of events and commands that has it.
    pub(crate) field: &'static str,
    /// The verbs of the events that give it to their aggregate.
    pub(crate) given_by: &'static [&'static str],
    /// The verbs of the events that take it without giving another: that one if they name it, else any.
    pub(crate) given_up_by: &'static [&'static str],
    /// Whether a former value stays the aggregate's for ever.
    pub(crate) is_kept: bool,
    /// Whether values that differ only in upper and lower case are one.
    pub(crate) ignores_case: bool,
}

/// An aggregate, folded to its end.
pub(crate) struct Folded<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// What its events left.
    pub(crate) state: State,
    /// Its events, each with its verb.
    pub(crate) events: Vec<(&'a str, &'a Event)>,
}

impl Folded<'_> {
    /// Whether the first event is the one with which such an aggregate begins.
    pub(crate) fn begins_with(&self, verb: &str) -> bool {
        self.events.first().is_some_and(|(first, _)| *first == verb)
    }
}

impl Command {
    /// What was asked of a field: the argument, or what stands for one that was left out.
    fn asked(&self, arguments: &Value, field: &str) -> Option<Value> {
        let empty = || match &self.asks {
            Asks::Whole(texts) => texts.contains(&field).then(|| Value::from("")),
            Asks::Change | Asks::Flag(..) | Asks::Special(_) => None,
        };
        arguments.get(field).filter(|argument| !argument.is_null()).cloned().or_else(empty)
    }

    /// Whether the state is as the command asks. `Err` says what differs.
    pub(crate) fn holds(&self, arguments: &Value, state: &State) -> Result<(), String> {
        match &self.asks {
            Asks::Change => change_holds(arguments, state),
            Asks::Whole(texts) => {
                change_holds(arguments, state)?;
                let mut left_out = texts.iter().filter(|name| arguments.get(**name).is_none_or(Value::is_null));
                left_out.try_for_each(|name| field_holds(name, &Value::from(""), state))
            }
            Asks::Flag(name, wanted) => flag_holds(name, *wanted, state),
            Asks::Special(holds) => holds(arguments, state),
        }
    }
}

/// Whether the fields that arguments name are as asked. `Err` says what differs.
pub(crate) fn change_holds(arguments: &Value, state: &State) -> Result<(), String> {
    let mut given = arguments.as_object().into_iter().flatten().filter(|(_, wanted)| !wanted.is_null());
    given.try_for_each(|(field, wanted)| field_holds(field, wanted, state))
}

/// Whether a flag is as asked. `Err` says what differs.
pub(crate) fn flag_holds(name: &str, wanted: bool, state: &State) -> Result<(), String> {
    if state::flag(state, name) == wanted { Ok(()) } else { Err(format!("`{name}` is {}", !wanted)) }
}

fn field_holds(field: &str, wanted: &Value, state: &State) -> Result<(), String> {
    match state::of(state, field) {
        Some(found) if state::is_as(found, wanted) => Ok(()),
        found => Err(format!("`{field}` is {} and not {wanted}", found.unwrap_or(&Value::Null))),
    }
}

impl Unique {
    /// The id of the reservation on a value.
    pub(crate) fn reservation(&self, value: &str) -> String {
        let value = if self.ignores_case { value.to_ascii_lowercase() } else { value.to_owned() };
        format!("{}:{value}", self.prefix)
    }

    /// Whether an aggregate is a reservation on such a value.
    pub(crate) fn is_reserved_by(&self, aggregate_id: &str) -> bool {
        aggregate_id.strip_prefix(self.prefix).is_some_and(|rest| rest.starts_with(':'))
    }

    /// Whether an event is a step on such a reservation.
    pub(crate) fn is_step(&self, verb: &str) -> bool {
        matches!(verb.strip_prefix(self.verbs), Some("Claimed" | "Confirmed" | "Released"))
    }

    /// The reservation on the value that an event gives its aggregate.
    pub(crate) fn given(&self, verb: &str, event: &Event) -> Option<String> {
        self.given_by.contains(&verb).then(|| self.named(event)).flatten()
    }

    /// Whether an event takes the value of this reservation from its aggregate without giving another.
    pub(crate) fn is_given_up(&self, verb: &str, event: &Event, reservation: &str) -> bool {
        self.given_up_by.contains(&verb) && self.named(event).is_none_or(|named| named == reservation)
    }

    /// The reservation on the value that an event takes from its aggregate by name.
    pub(crate) fn given_up(&self, verb: &str, event: &Event) -> Option<String> {
        self.given_up_by.contains(&verb).then(|| self.named(event)).flatten()
    }

    fn named(&self, event: &Event) -> Option<String> {
        let value = event.fields.get(self.field).and_then(Value::as_str).filter(|value| !value.is_empty());
        value.map(|value| self.reservation(value))
    }
}
