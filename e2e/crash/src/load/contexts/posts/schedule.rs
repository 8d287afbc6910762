//! Schedules whose times come while the lab runs, with faults around them.

use checker::zones;
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Map, Value, json};
use service_kit::times;

use super::{Known, intent};
use crate::load::Intent;
use crate::load::values::{id, one_of};

/// How far off, in seconds, what is planned is.
const AHEAD: std::ops::Range<i64> = 1..9;
/// The zones whose clocks times are given by: ahead of UTC and behind, by hours, halves and quarters, with daylight
/// saving on either half of the globe and without.
const ZONES: [&str; 8] = [
    "Etc/UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Asia/Kathmandu",
    "Pacific/Pago_Pago",
];
/// Times at which clocks are turned: shown by none of the clocks of their zone, or twice.
const TURNS: [(&str, &str); 7] = [
    ("2035-03-25T02:30:00", "Europe/Berlin"),
    ("2035-10-28T02:30", "Europe/Berlin"),
    ("2035-03-11T02:59:59", "America/New_York"),
    ("2035-11-04T01:00:00", "America/New_York"),
    ("2035-10-07T02:15:00", "Australia/Lord_Howe"),
    ("2035-04-01T01:45:00", "Australia/Lord_Howe"),
    ("2035-11-04T01:30:00", "America/St_Johns"),
];

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
    if field == "expires_at" && rng.random_bool(0.2) {
        // It does not come while the lab runs, so what it comes to is left to the checker.
        let (local_time, time_zone) = one_of(rng, &TURNS);
        let body = json!({"local_time": local_time, "time_zone": time_zone});
        // In the log it has seconds.
        let to_the_second = Value::from(format!("{local_time}:00").get(..19));
        return Intent { body, recorded: Map::from_iter([("local_time".to_owned(), to_the_second)]), ..intent };
    }
    let at = times::now().0 / 1_000 * 1_000 + rng.random_range(AHEAD) * 1_000;
    let body = if rng.random_bool(0.5) {
        json!({"at": times::format(domain::Timestamp(at))})
    } else {
        let time_zone = one_of(rng, &ZONES);
        json!({"local_time": zones::shown(at, time_zone), "time_zone": time_zone})
    };
    Intent { body, recorded: Map::from_iter([(field.to_owned(), Value::from(at))]), ..intent }
}
