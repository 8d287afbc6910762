//! What a time on the clocks of a zone comes to, as docs/topics.md says: one that the clocks skip is read by the offset
//! before the gap, and of one that they show twice the first is meant. By other code and other rules of zones than the
//! services have.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset as _, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

/// So long before a gap its clocks are looked at: no gap that the lab knows of is longer, and none other is so near.
const BEFORE: TimeDelta = TimeDelta::hours(4);

/// The instant that is meant, in milliseconds; `None` where there is no such time or zone.
#[must_use]
pub fn meant(local_time: &str, time_zone: &str) -> Option<i64> {
    let zone: Tz = time_zone.parse().ok()?;
    let with_seconds = NaiveDateTime::parse_from_str(local_time, "%Y-%m-%dT%H:%M:%S");
    let shown = with_seconds.or_else(|_| NaiveDateTime::parse_from_str(local_time, "%Y-%m-%dT%H:%M")).ok()?;
    match zone.from_local_datetime(&shown) {
        LocalResult::Single(meant) | LocalResult::Ambiguous(meant, _) => Some(meant.timestamp_millis()),
        LocalResult::None => {
            let before = zone.from_local_datetime(&(shown - BEFORE)).single()?.offset().fix();
            Some(shown.and_utc().timestamp_millis() - i64::from(before.local_minus_utc()) * 1_000)
        }
    }
}

/// What the clocks of a zone show at an instant in milliseconds, to the second; `None` where there is no such zone.
#[must_use]
pub fn shown(millis: i64, time_zone: &str) -> Option<String> {
    let zone: Tz = time_zone.parse().ok()?;
    let shown = DateTime::from_timestamp_millis(millis)?.with_timezone(&zone);
    Some(shown.format("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(local_time: &str, time_zone: &str) -> String {
        shown(meant(local_time, time_zone).unwrap(), "Etc/UTC").unwrap()
    }

    #[test]
    fn a_time_that_is_skipped_is_read_by_the_offset_before() {
        assert_eq!(utc("2035-03-25T02:30:00", "Europe/Berlin"), "2035-03-25T01:30:00");
        assert_eq!(utc("2035-03-11T02:30", "America/New_York"), "2035-03-11T07:30:00");
        // Half an hour.
        assert_eq!(utc("2035-10-07T02:15:00", "Australia/Lord_Howe"), "2035-10-06T15:45:00");
    }

    #[test]
    fn of_two_the_first_is_meant() {
        assert_eq!(utc("2035-10-28T02:30:00", "Europe/Berlin"), "2035-10-28T00:30:00");
        assert_eq!(utc("2035-11-04T01:30:00", "America/New_York"), "2035-11-04T05:30:00");
        assert_eq!(utc("2035-04-01T01:45:00", "Australia/Lord_Howe"), "2035-03-31T14:45:00");
    }

    #[test]
    fn what_clocks_show_comes_to_the_instant_again() {
        for zone in ["Etc/UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland"] {
            let at = 1_796_000_123_000;
            assert_eq!(meant(&shown(at, zone).unwrap(), zone), Some(at), "{zone}");
        }
        assert_eq!(meant("2035-03-25T02:30:00", "Europe/Atlantis"), None);
    }
}
