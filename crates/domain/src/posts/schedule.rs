//! When a post is to be released, and when it expires. Both are facts; they are carried out by a command that anyone
//! may bring, for it does only what was decided before, and when its time has come.

pub(super) mod event;

use serde::{Deserialize, Serialize};

use super::event::{Event, Published, Unpublished};
use crate::Timestamp;
use crate::values::{LocalTime, TimeZone};
use event::{ExpirySet, ExpiryWithdrawn, Scheduled, Unscheduled};

/// 9999-01-01T00:00:00Z. In every time zone it is a year of four digits.
const LATEST: Timestamp = Timestamp(253_370_764_800_000);

/// A time, and how it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// The instant that is meant.
    pub at: Timestamp,
    /// The local time that came to it, where it was given as one.
    pub local: Option<(LocalTime, TimeZone)>,
}

/// What can be asked of a post's schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Publish it then; `None`: not by itself.
    Release(Option<Moment>),
    /// Unpublish it then; `None`: not by itself.
    Expire(Option<Moment>),
}

/// Why a schedule was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Rejection {
    /// What is published cannot be scheduled.
    #[error("the post is published already")]
    Published,
    /// A schedule is for a time to come.
    #[error("must be later than now, and before the year 9999")]
    NotToCome,
    /// A post is released before it expires.
    #[error("the post would expire before it is released")]
    ExpiresBeforeRelease,
    /// Its expiry has passed.
    #[error("the post's expiry has passed; change or withdraw that first")]
    Expired,
    /// What is due later is not carried out.
    #[error("its time has not come")]
    NotYet,
}

/// Something that is to happen to a post by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// What.
    pub what: Planned,
    /// When.
    pub at: Timestamp,
}

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Planned {
    /// It is published.
    Release,
    /// It was to be published, and is not: its owner may publish nothing.
    Withdrawal,
    /// It is unpublished.
    Expiry,
}

impl Due {
    /// What happens instead where the owner may publish nothing: a release is withdrawn. An expiry is not, for it makes
    /// nothing public.
    #[must_use]
    pub fn called_off(self) -> Self {
        match self.what {
            Planned::Release | Planned::Withdrawal => Self { what: Planned::Withdrawal, ..self },
            Planned::Expiry => self,
        }
    }

    /// What was planned.
    fn planned(self) -> Self {
        match self.what {
            Planned::Release | Planned::Withdrawal => Self { what: Planned::Release, ..self },
            Planned::Expiry => self,
        }
    }
}

/// What a decision knows of a post's schedule. Most posts have none, so it is small.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    release: Option<Box<Moment>>,
    expiry: Option<Box<Moment>>,
}

/// How a post stands, as far as a schedule asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) published: bool,
    pub(super) deleted: bool,
}

impl Plan {
    /// What changes in the schedule of a post that is not deleted.
    pub(super) fn change(
        &self,
        asked: &Command,
        Standing { published, .. }: Standing,
        now: Timestamp,
    ) -> Result<Option<Event>, Rejection> {
        match asked {
            Command::Release(to) | Command::Expire(to) if self.has(asked) == to.as_ref() => Ok(None),
            Command::Release(None) => Ok(Some(Event::Unscheduled(Unscheduled {}))),
            Command::Expire(None) => Ok(Some(Event::ExpiryWithdrawn(ExpiryWithdrawn {}))),
            Command::Release(Some(_)) if published => Err(Rejection::Published),
            Command::Release(Some(moment)) => {
                in_order(moment, Some(moment), self.expiry.as_deref(), now)?;
                Ok(Some(Event::Scheduled(moment.clone().into())))
            }
            Command::Expire(Some(moment)) => {
                in_order(moment, self.release.as_deref(), Some(moment), now)?;
                Ok(Some(Event::ExpirySet(moment.clone().into())))
            }
        }
    }

    fn has(&self, asked: &Command) -> Option<&Moment> {
        match asked {
            Command::Release(_) => self.release.as_deref(),
            Command::Expire(_) => self.expiry.as_deref(),
        }
    }

    /// What happens next by itself. A deleted post's schedule runs on, so that one that is restored is as public as it
    /// would be, and no later.
    pub(super) fn due(&self, Standing { published, .. }: Standing) -> Option<Due> {
        let due = |what| move |moment: &Moment| Due { what, at: moment.at };
        let release = self.release.as_deref().map(due(Planned::Release));
        release.or_else(|| self.expiry.as_deref().filter(|_| published).map(due(Planned::Expiry)))
    }

    /// Carries out what is due, if it still is. A release that comes too late, or of a deleted post, is withdrawn: what
    /// its author would not expect any more does not become public.
    pub(super) fn carry_out(&self, due: Due, standing: Standing, now: Timestamp) -> Result<Option<Event>, Rejection> {
        if self.due(standing) != Some(due.planned()) {
            return Ok(None);
        }
        if now < due.at {
            return Err(Rejection::NotYet);
        }
        let is_void = standing.deleted || self.is_expired(now);
        Ok(Some(match due.what {
            Planned::Release if !is_void => Event::Published(Published {}),
            Planned::Release | Planned::Withdrawal => Event::Unscheduled(Unscheduled {}),
            Planned::Expiry => Event::Unpublished(Unpublished {}),
        }))
    }

    /// Publishes a draft: not for the moment that an expiry which has passed would leave it.
    pub(super) fn publish(&self, now: Timestamp) -> Result<Option<Event>, Rejection> {
        if self.is_expired(now) { Err(Rejection::Expired) } else { Ok(Some(Event::Published(Published {}))) }
    }

    /// Keeps a draft one: it is not published by itself either.
    pub(super) fn keep_back(&self) -> Option<Event> {
        self.release.as_ref().map(|_| Event::Unscheduled(Unscheduled {}))
    }

    /// Whether it is to be published by itself.
    pub(super) fn is_to_be_released(&self) -> bool {
        self.release.is_some()
    }

    fn is_expired(&self, now: Timestamp) -> bool {
        self.expiry.as_deref().is_some_and(|expiry| expiry.at <= now)
    }

    /// It is to be released as an event says, or not by itself.
    pub(super) fn release(&mut self, by: Option<&Scheduled>) {
        self.release = by.cloned().map(|Scheduled { release_at: at, local_time, time_zone }| {
            Box::new(Moment { at, local: local_time.zip(time_zone) })
        });
    }

    /// It expires as an event says, or not by itself.
    pub(super) fn expire(&mut self, by: Option<&ExpirySet>) {
        self.expiry = by.cloned().map(|ExpirySet { expires_at: at, local_time, time_zone }| {
            Box::new(Moment { at, local: local_time.zip(time_zone) })
        });
    }
}

/// Whether `new` is a time to come, and a post is released before it expires.
fn in_order(new: &Moment, release: Option<&Moment>, expiry: Option<&Moment>, now: Timestamp) -> Result<(), Rejection> {
    if new.at <= now || new.at >= LATEST {
        return Err(Rejection::NotToCome);
    }
    let in_order = release.zip(expiry).is_none_or(|(release, expiry)| release.at < expiry.at);
    if in_order { Ok(()) } else { Err(Rejection::ExpiresBeforeRelease) }
}

impl From<Moment> for Scheduled {
    fn from(Moment { at, local }: Moment) -> Self {
        let (local_time, time_zone) = local.unzip();
        Self { release_at: at, local_time, time_zone }
    }
}

impl From<Moment> for ExpirySet {
    fn from(Moment { at, local }: Moment) -> Self {
        let (local_time, time_zone) = local.unzip();
        Self { expires_at: at, local_time, time_zone }
    }
}

#[cfg(test)]
mod tests;
