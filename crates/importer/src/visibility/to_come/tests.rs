use time::macros::datetime;

use super::super::{by_fields, fields};
use super::*;
use crate::date::Zone;
use crate::front_matter;

const RULES: Rules = Rules { now: datetime!(2025-06-01 12:00 UTC), publish_expired: false, zone: Zone::UTC };

fn to_come(yaml: &str) -> (Option<OffsetDateTime>, Option<OffsetDateTime>) {
    let text = format!("---\n{yaml}\n---\n");
    let page = front_matter::read(&text, &fields().collect::<Vec<_>>()).unwrap();
    let seen = by_fields(&page.fields, &[], &RULES).unwrap();
    let ToCome { release, expiry } = ToCome::of(&page.fields, None, &seen, &RULES);
    (release, expiry)
}

const JULY: OffsetDateTime = datetime!(2025-07-01 00:00 UTC);
const AUGUST: OffsetDateTime = datetime!(2025-08-01 00:00 UTC);

#[test]
fn dates_to_come_release_and_take_down() {
    assert_eq!(to_come("publishDate: 2025-07-01"), (Some(JULY), None));
    assert_eq!(to_come("date: 2025-07-01\npublishDate: 2025-08-01"), (Some(AUGUST), None));
    assert_eq!(to_come("date: 2025-07-01\npublishDate: 2025-05-01"), (Some(JULY), None));
    assert_eq!(to_come("expiryDate: 2025-08-01\nunpublishdate: 2025-07-01"), (None, Some(JULY)));
    assert_eq!(to_come("date: 2025-07-01\nexpiryDate: 2025-08-01"), (Some(JULY), Some(AUGUST)));
}

#[test]
fn dates_that_have_passed_do_neither() {
    assert_eq!(to_come("date: 2025-05-01\nexpiryDate: 2025-05-31"), (None, None));
}

#[test]
fn what_is_hidden_otherwise_is_not_released() {
    assert_eq!(to_come("date: 2025-07-01\ndraft: true"), (None, None));
    assert_eq!(to_come("date: 2025-07-01\nexpiryDate: 2025-05-01"), (None, None));
    assert_eq!(to_come("date: 2025-08-01\nexpiryDate: 2025-07-01"), (None, Some(JULY)));
}
