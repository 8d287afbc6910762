mod zones;

use service_kit::times;

use super::*;

fn comes_to(local_time: &str, time_zone: &str) -> Result<String, u16> {
    let (local_time, time_zone) = (local_time.parse().ok(), time_zone.parse().ok());
    let moment = When { at: None, local_time, time_zone }.moment();
    moment.map(|moment| times::format(moment.at)).map_err(|problem| problem.details().status)
}

#[test]
fn local_time_keeps_its_meaning_over_a_change_of_daylight_saving() {
    assert_eq!(comes_to("2026-10-24T08:00:00", "Europe/Vienna").as_deref(), Ok("2026-10-24T06:00:00.000Z"));
    assert_eq!(comes_to("2026-10-26T08:00:00", "Europe/Vienna").as_deref(), Ok("2026-10-26T07:00:00.000Z"));
    assert_eq!(comes_to("2027-07-01T08:00", "America/New_York").as_deref(), Ok("2027-07-01T12:00:00.000Z"));
}

#[test]
fn a_time_that_clocks_skip_is_read_by_the_offset_before() {
    assert_eq!(
        comes_to("2027-03-28T02:30:00", "Europe/Vienna").as_deref(),
        Ok("2027-03-28T01:30:00.000Z"),
        "03:30 there"
    );
    assert_eq!(comes_to("2027-03-28T03:30:00", "Europe/Vienna").as_deref(), Ok("2027-03-28T01:30:00.000Z"));
    // A whole day: Samoa had no 30th of December in 2011.
    assert_eq!(comes_to("2011-12-30T12:00:00", "Pacific/Apia").as_deref(), Ok("2011-12-30T22:00:00.000Z"));
}

#[test]
fn of_a_time_that_clocks_show_twice_the_first_is_meant() {
    assert_eq!(comes_to("2026-10-25T02:30:00", "Europe/Vienna").as_deref(), Ok("2026-10-25T00:30:00.000Z"));
    assert_eq!(comes_to("2026-11-01T01:30:00", "America/New_York").as_deref(), Ok("2026-11-01T05:30:00.000Z"));
}

#[test]
fn what_is_no_time_is_refused() {
    for no_time in ["2026-02-30T00:00:00", "2026-13-01T00:00:00", "2026-01-01T24:00:00", "2026-01-01T00:60:00"] {
        assert_eq!(comes_to(no_time, "Europe/Vienna"), Err(422), "{no_time}");
    }
    assert_eq!(comes_to("2026-01-01T00:00:00", "Europe/Atlantis"), Err(422));
    assert_eq!(comes_to("tomorrow", "Europe/Vienna"), Err(422));
}

#[test]
fn a_time_is_given_in_one_way() {
    let at = Some(Rfc3339(Timestamp(7)));
    let (local_time, time_zone) = ("2026-01-01T00:00:00".parse().ok(), "UTC".parse().ok());
    assert_eq!(When { at, ..When::default() }.moment().unwrap(), Moment { at: Timestamp(7), local: None });
    for wrong in [When::default(), When { at, local_time, time_zone }] {
        assert_eq!(wrong.moment().unwrap_err().details().status, 422);
    }
}

/// Every zone that a client may name is one that its time can be read in.
#[test]
fn every_zone_is_known() {
    for name in TimeZone::names() {
        assert!(comes_to("2027-06-01T12:00:00", name).is_ok(), "{name}");
    }
}
