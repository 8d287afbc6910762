//! THE STORED FORMAT of schedules; see `posts/event.rs`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::values::{LocalTime, TimeZone};

/// A post is to be published at a time; this takes the place of a former such time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scheduled {
    /// When.
    pub release_at: Timestamp,
    /// The time as it was given, where it was given as local time; `release_at` is what it came to then.
    pub local_time: Option<LocalTime>,
    /// The zone of `local_time`.
    pub time_zone: Option<TimeZone>,
}

/// A post is not to be published by itself any more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Unscheduled {}

/// A post is to be readable by everyone until a time; this takes the place of a former such time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpirySet {
    /// Until when.
    pub expires_at: Timestamp,
    /// The time as it was given, where it was given as local time; `expires_at` is what it came to then.
    pub local_time: Option<LocalTime>,
    /// The zone of `local_time`.
    pub time_zone: Option<TimeZone>,
}

/// A post does not expire any more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExpiryWithdrawn {}
