//! Times as clients see them: RFC 3339, UTC, always with milliseconds (`2026-01-02T03:04:05.006Z`), so that one
//! instant is one text.

use domain::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known;
use time::macros::format_description;

const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
/// 0000-01-01 and 9999-12-31: what RFC 3339 can say.
const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// A text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a time such as 2026-01-02T03:04:05Z (RFC 3339)")]
pub struct NotATime;

/// Writes a time. One that RFC 3339 cannot say becomes the nearest that it can.
#[must_use]
pub fn format(at: Timestamp) -> String {
    let millis = at.0.clamp(*RANGE.start(), *RANGE.end());
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    at.ok().and_then(|at| at.format(FORMAT).ok()).expect("a time in the range of RFC 3339 can be written")
}

/// Reads a time with any offset; digits beyond the millisecond are dropped.
///
/// # Errors
/// The text is no RFC 3339 time, or a leap second: neither our times nor those of most readers have any.
pub fn parse(text: &str) -> Result<Timestamp, NotATime> {
    if text.get(17..19) == Some("60") {
        return Err(NotATime);
    }
    let at = OffsetDateTime::parse(text, &well_known::Rfc3339).map_err(|_| NotATime)?;
    let millis = i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).map_err(|_| NotATime)?;
    if RANGE.contains(&millis) { Ok(Timestamp(millis)) } else { Err(NotATime) }
}

/// The time now.
#[must_use]
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A time that is read from a text, and written as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rfc3339(#[serde(with = "rfc3339")] pub Timestamp);

/// For `#[serde(with = "times::rfc3339")]` on a [`Timestamp`].
pub mod rfc3339 {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    /// Writes the time as a text.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::format(*at))
    }

    /// Reads the time from a text.
    ///
    /// # Errors
    /// It is no time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        super::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }

    /// For `#[serde(default, with = "times::rfc3339::option")]` on an `Option<Timestamp>`.
    pub mod option {
        use super::super::{Deserialize, Deserializer, Serializer, Timestamp};

        /// Writes the time as a text, or null.
        ///
        /// # Errors
        /// The serializer's.
        pub fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads the time from a text, or null.
        ///
        /// # Errors
        /// It is no time.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
            let text = Option::<String>::deserialize(deserializer)?;
            text.map(|text| super::super::parse(&text).map_err(serde::de::Error::custom)).transpose()
        }
    }
}

#[cfg(test)]
mod tests;
