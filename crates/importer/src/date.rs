//! Reads the shapes in which people write dates: `2019-03-01`, `2019-03-01 9:05:00 -0400`, RFC 3339, and between.

use std::str::FromStr;
use std::sync::LazyLock;

use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::note::NoteKind;

/// A date as it was read, and what had to be assumed.
pub type ReadDate = (OffsetDateTime, Option<NoteKind>);

/// The zones that the program has with it: the same on every machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone of dates that name none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// That of who says nothing else.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The instant that is meant by a time on the clocks of this zone: of one that they skip by the offset before, of
    /// one that they show twice the first (RFC 5545, 3.3.5). `None` where its year has not four digits in UTC.
    fn instant(&self, local: PrimitiveDateTime) -> Option<OffsetDateTime> {
        let small = |n: u8| i8::try_from(n).ok();
        let (year, month, day) = local.date().to_calendar_date();
        let (hour, minute, second, nano) = local.time().as_hms_nano();
        let day = jiff::civil::Date::new(i16::try_from(year).ok()?, small(month.into())?, small(day)?).ok()?;
        let clock = jiff::civil::Time::new(small(hour)?, small(minute)?, small(second)?, i32::try_from(nano).ok()?);
        let offset = match self.0.to_ambiguous_timestamp(day.to_datetime(clock.ok()?)).offset() {
            AmbiguousOffset::Unambiguous { offset }
            | AmbiguousOffset::Gap { before: offset, .. }
            | AmbiguousOffset::Fold { before: offset, .. } => offset,
        };
        utc(local.assume_offset(UtcOffset::from_whole_seconds(offset.seconds()).ok()?))
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let zone = ZONES.get(name).map_err(|_| "is no IANA time zone, such as Europe/Lisbon".to_owned())?;
        Ok(Self(zone))
    }
}

/// Reads a date; `None` if it is none. Without a time midnight is assumed, without a zone this one.
#[must_use]
pub fn read(text: &str, zone: &Zone) -> Option<ReadDate> {
    let text = text.trim();
    let split = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (day, rest) = text.split_at(split);
    let day = date(day)?;
    let rest = rest.get(1..).unwrap_or_default().trim_start();
    if rest.is_empty() {
        return Some((zone.instant(day.midnight())?, Some(NoteKind::DateWithoutTime)));
    }
    let split = rest.find(|c: char| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(rest.len());
    let (clock, named) = rest.split_at(split);
    let local = PrimitiveDateTime::new(day, time_of_day(clock)?);
    let named = named.trim();
    if named.is_empty() {
        return Some((zone.instant(local)?, Some(NoteKind::TimeWithoutZone)));
    }
    let at = local.assume_offset(offset(named)?);
    Some((utc(at)?, None))
}

/// Only years of four digits have an RFC 3339 form; `checked` also keeps the arithmetic to UTC from overflowing.
fn utc(at: OffsetDateTime) -> Option<OffsetDateTime> {
    at.checked_to_offset(UtcOffset::UTC).filter(|utc| (0..=9999).contains(&utc.year()))
}

/// Whether a date is the one that WordPress gives to what was never published: the year 0, on export the year -1.
#[must_use]
pub fn is_never(text: &str) -> bool {
    ["-0001-11-30", "0000-00-00"].iter().any(|never| text.trim().starts_with(never))
}

/// Whether a date is how Hugo writes that there is none: the first moment of the year 1.
#[must_use]
pub fn is_none(text: &str) -> bool {
    text.trim() == "0001-01-01T00:00:00Z"
}

/// `YYYY-MM-DD`, or with slashes.
fn date(text: &str) -> Option<Date> {
    let mut parts = text.split(['-', '/']);
    let year = parts.next().filter(|year| year.len() == 4)?;
    let (year, month, day) = (number(year)?, number(parts.next()?)?, number(parts.next()?)?);
    if parts.next().is_some() {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

/// `H:MM`, `HH:MM:SS`, `HH:MM:SS.fff`; what is finer than a millisecond is dropped.
fn time_of_day(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let second = parts.next().map_or(Some(0), number)?;
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millisecond = format!("{fraction:0<3}").get(..3).and_then(number)?;
    let small = |n: u16| u8::try_from(n).ok();
    Time::from_hms_milli(small(hour)?, small(minute)?, small(second)?, millisecond).ok()
}

/// `Z`, `UTC`, `GMT`, `+02`, `-0400`, `+05:30`.
fn offset(text: &str) -> Option<UtcOffset> {
    if ["z", "utc", "gmt"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(UtcOffset::UTC);
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = text[1..].replacen(':', "", 1);
    let (hours, minutes) = match digits.len() {
        1 | 2 => (number(&digits)?, 0),
        4 => (number(digits.get(..2)?)?, number(digits.get(2..)?)?),
        _ => return None,
    };
    let part = |n: u16| i8::try_from(n).ok().map(|n| sign * n);
    (minutes < 60).then_some(())?;
    UtcOffset::from_hms(part(hours)?, part(minutes)?, 0).ok()
}

/// A number of one to four digits, and nothing else: `parse` alone would take a sign.
fn number(text: &str) -> Option<u16> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests;
