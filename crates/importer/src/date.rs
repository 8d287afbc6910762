//! Reads the shapes in which people write dates: `2019-03-01`, `2019-03-01 9:05:00 -0400`, RFC 3339, and between.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::note::NoteKind;

/// A date as it was read, and what had to be assumed.
pub type ReadDate = (OffsetDateTime, Option<NoteKind>);

/// Reads a date; `None` if it is none. Without a time midnight is assumed, without a zone UTC.
#[must_use]
pub fn read(text: &str) -> Option<ReadDate> {
    let text = text.trim();
    let split = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (day, rest) = text.split_at(split);
    let day = date(day)?;
    let rest = rest.get(1..).unwrap_or_default().trim_start();
    if rest.is_empty() {
        return Some((day.midnight().assume_utc(), Some(NoteKind::DateWithoutTime)));
    }
    let split = rest.find(|c: char| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(split);
    let local = PrimitiveDateTime::new(day, time_of_day(clock)?);
    let zone = zone.trim();
    if zone.is_empty() {
        return Some((local.assume_utc(), Some(NoteKind::TimeWithoutZone)));
    }
    let at = local.assume_offset(offset(zone)?);
    // Only years of four digits have an RFC 3339 form; `checked` also keeps the arithmetic to UTC from overflowing.
    let utc = at.checked_to_offset(UtcOffset::UTC)?;
    (0..=9999).contains(&utc.year()).then_some((utc, None))
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
