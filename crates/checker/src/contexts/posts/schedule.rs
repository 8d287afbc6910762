//! What is to happen to a post by itself: `docs/topics.md` says what, when, and what it does to a schedule that
//! something else happens to the post.

use serde_json::Value;

use crate::context::Command;
use crate::history::Event;
use crate::state::{self, State};
use crate::zones;

/// A post's columns that a schedule gives it.
pub(super) const COLUMNS: [&str; 6] =
    ["release_at", "release_local_time", "release_time_zone", "expires_at", "expiry_local_time", "expiry_time_zone"];

/// A schedule: the field that has its time, and the columns that say how it was given.
struct Kind {
    at: &'static str,
    local_time: &'static str,
    time_zone: &'static str,
}

const RELEASE: Kind = Kind { at: "release_at", local_time: COLUMNS[1], time_zone: COLUMNS[2] };
const EXPIRY: Kind = Kind { at: "expires_at", local_time: COLUMNS[4], time_zone: COLUMNS[5] };

pub(super) fn fold(state: &mut State, verb: &str, event: &Event) {
    match verb {
        "Scheduled" => RELEASE.set(state, event),
        "Unscheduled" | "Published" => RELEASE.withdraw(state),
        "ExpirySet" => EXPIRY.set(state, event),
        "ExpiryWithdrawn" => EXPIRY.withdraw(state),
        _ => {}
    }
}

impl Kind {
    fn set(&self, state: &mut State, event: &Event) {
        for (column, field) in [(self.local_time, "local_time"), (self.time_zone, "time_zone")] {
            state.remove(field);
            state::set(state, column, event.fields.get(field).cloned().unwrap_or_default());
        }
    }

    fn withdraw(&self, state: &mut State) {
        for column in [self.at, self.local_time, self.time_zone] {
            state.remove(column);
        }
    }

    fn time(&self, state: &State) -> Option<i64> {
        state::of(state, self.at).and_then(Value::as_i64)
    }

    /// Whether a post's time is the one that is asked for. `Err` says what differs.
    fn is_set(&self, asked: &Value, state: &State) -> Result<(), String> {
        let asked = &self.meant(asked);
        for (column, argument) in [(self.at, self.at), (self.local_time, "local_time"), (self.time_zone, "time_zone")] {
            let (found, wanted) = (state.get(column).unwrap_or(&Value::Null), &asked[argument]);
            if found != wanted {
                return Err(format!("`{column}` is {found} and not {wanted}"));
            }
        }
        Ok(())
    }

    /// What is asked for, with the instant that a local time comes to where none is said.
    fn meant(&self, asked: &Value) -> Value {
        let mut meant = asked.clone();
        if meant[self.at].is_null()
            && let (Some(time), Some(zone)) = (asked["local_time"].as_str(), asked["time_zone"].as_str())
        {
            meant[self.at] = zones::meant(time, zone).into();
        }
        meant
    }

    /// Whether an event's instant is what its local time comes to. `Err` says what that is.
    fn comes_to(&self, event: &Event) -> Result<(), String> {
        let field = |name: &str| event.fields.get(name).and_then(Value::as_str);
        let (Some(time), Some(zone)) = (field("local_time"), field("time_zone")) else { return Ok(()) };
        let (meant, says) = (zones::meant(time, zone), event.fields.get(self.at).and_then(Value::as_i64));
        if meant == says {
            Ok(())
        } else {
            Err(format!("{time} in {zone} is {meant:?}, and `{}` is {says:?}", self.at))
        }
    }

    fn is_withdrawn(&self, state: &State) -> Result<(), String> {
        self.time(state).map_or(Ok(()), |at| Err(format!("`{}` is {at}", self.at)))
    }
}

/// The kind of schedule that a command sets.
fn set_by(command: &Command) -> Option<&'static Kind> {
    match command.verb {
        "schedule" => Some(&RELEASE),
        "expire" => Some(&EXPIRY),
        _ => None,
    }
}

/// What a command asks for, with the instant that its local time comes to.
pub(super) fn meant(command: &Command, asked: &Value) -> Value {
    set_by(command).map_or_else(|| asked.clone(), |kind| kind.meant(asked))
}

/// What an event says of its time that does not go together.
pub(super) fn unasked(command: &Command, event: &Event) -> Option<String> {
    set_by(command).and_then(|kind| kind.comes_to(event).err())
}

pub(super) fn is_scheduled(asked: &Value, state: &State) -> Result<(), String> {
    RELEASE.is_set(asked, state)
}

pub(super) fn is_unscheduled(_: &Value, state: &State) -> Result<(), String> {
    RELEASE.is_withdrawn(state)
}

pub(super) fn expires(asked: &Value, state: &State) -> Result<(), String> {
    EXPIRY.is_set(asked, state)
}

pub(super) fn does_not_expire(_: &Value, state: &State) -> Result<(), String> {
    EXPIRY.is_withdrawn(state)
}

/// Whether it becomes public by itself.
pub(super) fn is_to_be_released(post: &State) -> bool {
    RELEASE.time(post).is_some()
}

/// When something is to happen next by itself. A draft does not expire.
pub(super) fn due(post: &State) -> Option<i64> {
    RELEASE.time(post).or_else(|| EXPIRY.time(post).filter(|_| state::flag(post, "published")))
}

/// Whether this is what happens then, at this time: a deleted post, and one that has expired by then, is not released.
pub(super) fn carries_out(post: &State, verb: &str, at: i64) -> bool {
    if RELEASE.time(post).is_none() {
        return verb == "Unpublished";
    }
    let is_void = state::flag(post, "deleted") || EXPIRY.time(post).is_some_and(|expiry| expiry <= at);
    verb == if is_void { "Unscheduled" } else { "Published" }
}

/// The owner, whose deactivated or erased account releases nothing, if this is what becomes of a release then. What
/// expires, expires.
pub(super) fn called_off_with<'s>(post: &'s State, verb: &str) -> Option<&'s str> {
    let is_called_off = verb == "Unscheduled" && RELEASE.time(post).is_some();
    state::of(post, "author_id").and_then(Value::as_str).filter(|_| is_called_off)
}
