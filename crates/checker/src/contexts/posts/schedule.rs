//! What is to happen to a post by itself: `docs/topics.md` says what, when, and what it does to a schedule that
//! something else happens to the post.

use serde_json::Value;

use crate::history::Event;
use crate::state::{self, State};

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
        for (column, argument) in [(self.at, self.at), (self.local_time, "local_time"), (self.time_zone, "time_zone")] {
            let (found, wanted) = (state.get(column).unwrap_or(&Value::Null), &asked[argument]);
            if found != wanted {
                return Err(format!("`{column}` is {found} and not {wanted}"));
            }
        }
        Ok(())
    }

    fn is_withdrawn(&self, state: &State) -> Result<(), String> {
        self.time(state).map_or(Ok(()), |at| Err(format!("`{}` is {at}", self.at)))
    }
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
