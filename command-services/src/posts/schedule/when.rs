//! A time as a client gives it. What local time comes to is found here, by the rules of the time zones that this
//! version was built with, and is then a fact: the event has the instant. So all that decide and read are of one
//! opinion, and rules that change later change no schedule that was made before.

use std::sync::LazyLock;

use domain::Timestamp;
use domain::posts::schedule::Moment;
use domain::values::{LocalTime, TimeZone};
use jiff::civil::DateTime;
use jiff::tz::{self, TimeZoneDatabase};
use serde::{Deserialize, Serialize};
use service_kit::json::broken_rule;
use service_kit::times::Rfc3339;
use service_kit::{Problem, schemas};
use utoipa::ToSchema;

/// The zones that the program has with it: the same on every machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time to come, before the year 9999: `at`, or `local_time` in `time_zone`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// An instant (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Rfc3339>,
    /// A time on the clocks of a zone, such as `2026-10-25T02:30:00`; the seconds may be missing. One that the clocks
    /// skip is meant by the offset before (02:30 becomes 03:30); of one that they show twice the first is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::LocalTime>, example = "2026-10-25T02:30:00")]
    pub local_time: Option<LocalTime>,
    /// The zone: its IANA name, such as `Europe/Lisbon`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::TimeZone>, example = "Europe/Lisbon")]
    pub time_zone: Option<TimeZone>,
}

impl When {
    /// The instant that is meant, with how it was given.
    ///
    /// # Errors
    /// Neither is given, or both, or there is no such day or zone (422).
    pub fn moment(&self) -> Result<Moment, Problem> {
        match (&self.at, &self.local_time, &self.time_zone) {
            (Some(Rfc3339(at)), None, None) => Ok(Moment { at: *at, local: None }),
            (None, Some(time), Some(zone)) => {
                Ok(Moment { at: instant(time, zone)?, local: Some((time.clone(), zone.clone())) })
            }
            (None, Some(_), None) => Err(broken_rule("/time_zone", "is needed with `local_time`")),
            (None, None, Some(_)) => Err(broken_rule("/local_time", "is needed with `time_zone`")),
            (Some(_), _, _) => Err(broken_rule("/at", "is given, and so is local time; give one of them")),
            (None, None, None) => Err(broken_rule("/at", "is missing; give it, or `local_time` and `time_zone`")),
        }
    }
}

/// The instant that is meant by a time on the clocks of a zone.
fn instant(time: &LocalTime, zone: &TimeZone) -> Result<Timestamp, Problem> {
    let no_day = |error: jiff::Error| broken_rule("/local_time", format!("is no time: {error}"));
    let shown: DateTime = time.as_str().parse().map_err(no_day)?;
    let zone = ZONES.get(zone.as_str()).map_err(|error| broken_rule("/time_zone", error))?;
    meant(shown, &zone).map_err(no_day)
}

/// The instant at which clocks by these rules show a time, as RFC 5545 has it: one that is skipped is read by the
/// offset before the gap, and of two the first is meant.
fn meant(shown: DateTime, rules: &tz::TimeZone) -> Result<Timestamp, jiff::Error> {
    let meant = rules.to_ambiguous_timestamp(shown).compatible()?;
    Ok(Timestamp(meant.as_millisecond()))
}

#[cfg(test)]
mod tests;
