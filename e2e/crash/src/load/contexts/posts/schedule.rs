//! Schedules whose times come while the lab runs, with faults around them.

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use service_kit::times;

use super::{Known, intent};
use crate::load::Intent;
use crate::load::values::id;

/// How far off, in seconds, what is planned is.
const AHEAD: std::ops::Range<i64> = 1..9;

/// A schedule or an expiry is set, moved or withdrawn.
pub(super) fn command(rng: &mut StdRng, known: &Known) -> Intent {
    let (post, key) = (known.id.clone(), id(rng).to_string());
    match rng.random_range(0..10) {
        0..4 => timed(rng, "release_at", intent("posts.schedule", "PUT", post, "/schedule", Value::Null, key)),
        4 => intent("posts.unschedule", "DELETE", post, "/schedule", Value::Null, key),
        5..9 => timed(rng, "expires_at", intent("posts.expire", "PUT", post, "/expiry", Value::Null, key)),
        _ => intent("posts.withdraw_expiry", "DELETE", post, "/expiry", Value::Null, key),
    }
}

/// With a time to come, given in one of the two ways; in the event it is milliseconds.
fn timed(rng: &mut StdRng, field: &str, intent: Intent) -> Intent {
    let at = times::now().0 / 1_000 * 1_000 + rng.random_range(AHEAD) * 1_000;
    let written = times::format(domain::Timestamp(at));
    let body = if rng.random_bool(0.5) {
        json!({ "at": written })
    } else {
        json!({"local_time": written[..19], "time_zone": "Etc/UTC"})
    };
    Intent { body, recorded: Map::from_iter([(field.to_owned(), Value::from(at))]), ..intent }
}
