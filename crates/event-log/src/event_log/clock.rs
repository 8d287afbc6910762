//! Is the clock right by which this instance decides? Who has a value is decided by two leaders, whose clocks may
//! differ by no more than half a reservation's life. What is read of the log tells: a record was stamped before it was
//! read, and an event of one's own after it was decided. Neither says more than is certain, however long reading takes.
//!
//! Partitions have brokers of their own, whose clocks may differ as well. So what the records of one show is kept apart
//! from what those of another show: this instance's clock is taken for wrong if any says so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use domain::reservations::LEASE_MS;
use domain::{Decider, Timestamp};
use parking_lot::Mutex;
use uuid::Uuid;

use super::{EventLog, now};
use crate::pace::Pace;
use crate::partition::Action;
use crate::record::{Record, TermStarted};

/// By how much a leader's clock may differ from that of another, in milliseconds.
const FROM_ANOTHER_MS: i64 = LEASE_MS / 2;
/// By how much from the broker's: two that keep to this keep to the other.
const FROM_BROKER_MS: i64 = FROM_ANOTHER_MS / 2;
/// How often a leader whose clock was wrong appends a record to find out whether it still is.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// How long a record shows that the clock is wrong where no record of this instance's can show that it is right: in
/// partitions that others lead, and on topics with their writers' times.
const LAPSES: Duration = Duration::from_secs(60);
/// How often it is said at most that the clock is wrong.
const SAY: Duration = Duration::from_secs(60);

/// When a record was written, and by whose clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamped {
    /// The broker's, when it was appended.
    ByBroker(Timestamp),
    /// That of the instance which wrote it.
    ByWriter(Timestamp),
}

/// The records that an instance appended last to a partition of those that begin a term, or none, by their nonces: one
/// of each kind can be under way, and again after a producer that failed.
#[derive(Debug, Default)]
pub(super) struct Began(VecDeque<(Uuid, Timestamp)>);

impl Began {
    const MOST: usize = 8;

    fn note(&mut self, nonce: Uuid, at: Timestamp) {
        self.0.truncate(Self::MOST - 1);
        self.0.push_front((nonce, at));
    }

    /// When the record was appended, if it is one of them.
    fn of(&self, nonce: Uuid) -> Option<Timestamp> {
        self.0.iter().find(|(began, _)| *began == nonce).map(|(_, at)| *at)
    }
}

/// What a record shows of this instance's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// It differs by no more than is tolerated.
    Right,
    /// By how many milliseconds it is ahead, or behind if negative, at least.
    Ahead(i64),
}

/// What was shown of this instance's clock, in each partition last.
#[derive(Default)]
pub(super) struct Clock {
    /// By how many milliseconds it is ahead; 0 where it is right. Asked for with each command.
    ahead_ms: AtomicI64,
    verdicts: Mutex<Verdicts>,
}

#[derive(Default)]
struct Verdicts {
    /// The partitions whose records showed last that it is wrong.
    wrong: BTreeMap<i32, Verdict>,
    /// Whether the last that was said is that it is wrong.
    is_said: bool,
    said: Pace,
    /// The partition that was asked last.
    asked: Option<i32>,
    tried: Pace,
}

#[derive(Clone, Copy)]
struct Verdict {
    ahead_ms: i64,
    /// Whether it is the broker's time that tells.
    by_broker: bool,
    shown_at: Instant,
}

impl Verdict {
    /// Whether a record of this instance's can show that the clock is right.
    fn can_be_lifted(self, partition: i32, led: &[i32]) -> bool {
        self.by_broker && led.contains(&partition)
    }
}

/// What is to be said of the clock: that it is ahead by so many milliseconds, or right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Wrong(i64),
    Right,
}

impl Clock {
    /// A record of the partition showed this. Returns what is news in it.
    fn show(&self, partition: i32, shown: Shown, by_broker: bool, at: Instant) -> Option<News> {
        let mut verdicts = self.verdicts.lock();
        match shown {
            Shown::Ahead(ahead_ms) => {
                verdicts.wrong.insert(partition, Verdict { ahead_ms, by_broker, shown_at: at });
            }
            // What is asked next is likely to show the same.
            Shown::Right if verdicts.wrong.remove(&partition).is_some() => verdicts.tried = Pace::default(),
            Shown::Right => {}
        }
        self.settle(&mut verdicts, at)
    }

    /// Time has gone by. `led` are the partitions in which this instance's own records tell of its clock.
    fn lapse(&self, led: &[i32], at: Instant) -> Option<News> {
        let mut verdicts = self.verdicts.lock();
        let stands = |verdict: &Verdict| at.saturating_duration_since(verdict.shown_at) < LAPSES;
        verdicts.wrong.retain(|partition, verdict| verdict.can_be_lifted(*partition, led) || stands(verdict));
        self.settle(&mut verdicts, at)
    }

    fn settle(&self, verdicts: &mut Verdicts, at: Instant) -> Option<News> {
        let worst = verdicts.wrong.values().map(|verdict| verdict.ahead_ms).max_by_key(|ms| ms.unsigned_abs());
        self.ahead_ms.store(worst.unwrap_or(0), Ordering::Release);
        match worst {
            Some(ms) if !verdicts.is_said && verdicts.said.is_due_at(at, SAY) => {
                verdicts.is_said = true;
                Some(News::Wrong(ms))
            }
            None if verdicts.is_said => {
                verdicts.is_said = false;
                Some(News::Right)
            }
            _ => None,
        }
    }

    /// The partition in which this instance is to append a record to find out whether its clock is right, if one is due
    /// by now: of those that it leads, and that take it for wrong, each in its turn.
    fn asks(&self, led: &[i32], at: Instant) -> Option<i32> {
        let mut verdicts = self.verdicts.lock();
        let can_tell =
            |(partition, verdict): (&i32, &Verdict)| verdict.can_be_lifted(*partition, led).then_some(*partition);
        let first = verdicts.wrong.iter().find_map(can_tell)?;
        let next = verdicts.asked.and_then(|asked| verdicts.wrong.range(asked.saturating_add(1)..).find_map(can_tell));
        verdicts.tried.is_due_at(at, TRY_AGAIN).then(|| *verdicts.asked.insert(next.unwrap_or(first)))
    }

    /// Whether records of the partition showed last that it is wrong.
    fn is_wrong_by(&self, partition: i32) -> bool {
        // Nearly always it is right.
        self.ahead_ms().is_some() && self.verdicts.lock().wrong.contains_key(&partition)
    }

    /// By how many milliseconds it is ahead, if it is taken for wrong.
    fn ahead_ms(&self) -> Option<i64> {
        Some(self.ahead_ms.load(Ordering::Acquire)).filter(|ms| *ms != 0)
    }
}

/// What a record shows that was stamped so and is read `now`. `decided` is when this very instance wrote it, by its own
/// clock, where it did.
fn shown(stamped: Stamped, decided: Option<Timestamp>, now: Timestamp) -> Option<Shown> {
    let (at, tolerated) = match stamped {
        Stamped::ByBroker(at) => (at, FROM_BROKER_MS),
        Stamped::ByWriter(at) => (at, FROM_ANOTHER_MS),
    };
    if at.0 - now.0 > tolerated {
        return Some(Shown::Ahead(now.0 - at.0));
    }
    match (stamped, decided) {
        (_, Some(decided)) if decided.0 - at.0 > tolerated => Some(Shown::Ahead(decided.0 - at.0)),
        // What was appended long after it was decided shows nothing: appending may take its time.
        (Stamped::ByBroker(_), Some(decided)) => (at.0 - decided.0 <= tolerated).then_some(Shown::Right),
        // It is by one's own clock.
        (Stamped::ByWriter(_), Some(_)) => None,
        // Another instance's, read as it was written.
        (Stamped::ByWriter(_), None) => (now.0 - at.0 <= tolerated).then_some(Shown::Right),
        (Stamped::ByBroker(_), None) => None,
    }
}

impl<C: Decider> EventLog<C> {
    /// A record of the partition was read that was stamped so. To be said in the log's order.
    pub fn stamped(&self, partition: i32, stamped: Stamped, record: &Record<C::Event>) {
        if let Stamped::ByBroker(at) = stamped {
            self.slot(partition).broker_time.stamped(at, Instant::now());
        }
        let now = now();
        let decided = dated(record, now).or_else(|| self.began(partition, record));
        // One that only asks need not be a leader's: what its clock is decides nothing.
        if record.is_barrier() && decided.is_none() {
            return;
        }
        // Nearly always it shows that the clock is right, which is known: that needs no look at whose record it is.
        let is_wrong = self.clock.is_wrong_by(partition);
        let is_news = |shown| if let Some(Shown::Right) = shown { is_wrong } else { shown.is_some() };
        if !is_news(shown(stamped, decided, now)) && !is_news(shown(stamped, None, now)) {
            return;
        }
        let decided = decided.filter(|_| self.is_mine(partition, record));
        if let Some(shown) = shown(stamped, decided, now) {
            self.show(partition, shown, matches!(stamped, Stamped::ByBroker(_)));
        }
    }

    fn show(&self, partition: i32, shown: Shown, by_broker: bool) {
        let news = self.clock.show(partition, shown, by_broker, Instant::now());
        self.say(news);
    }

    fn say(&self, news: Option<News>) {
        let ahead_ms = self.clock_ahead_ms().unwrap_or(0);
        measures::log::CLOCK_AHEAD.with([C::NAME]).set(ahead_ms as f64 / 1_000.0);
        match news {
            Some(News::Right) => tracing::info!(context = C::NAME, "this instance's clock agrees with the others"),
            Some(News::Wrong(ahead_ms)) => {
                measures::log::ALARMS.with([C::NAME]).increment(1);
                tracing::error!(
                    context = C::NAME,
                    ahead_ms,
                    "this instance's clock differs by too much from a broker's, or another instance's: it makes no \
                     value unique until records show that they agree, or no more that they do not"
                );
            }
            None => {}
        }
    }

    /// This instance appends the record now, and will know when it did.
    pub(super) fn note_beginning(&self, partition: i32, record: &Record<C::Event>) {
        if let Record::TermStarted(started) = record {
            self.slot(partition).began.lock().note(started.nonce, now());
        }
    }

    /// When this instance appended the record, if it is one of its last that began a term, or none.
    fn began(&self, partition: i32, record: &Record<C::Event>) -> Option<Timestamp> {
        let Record::TermStarted(started) = record else { return None };
        self.slot(partition).began.lock().of(started.nonce)
    }

    /// What another leader decided says nothing of this one's clock.
    fn is_mine(&self, partition: i32, record: &Record<C::Event>) -> bool {
        match record {
            Record::Event(event) => {
                let standing = self.standing(partition);
                standing.is_leader && standing.term == event.stamp.term
            }
            // It is known by its nonce.
            Record::TermStarted(_) => true,
            Record::Unreadable { .. } | Record::Foreign => false,
        }
    }

    /// By how many milliseconds this instance's clock is ahead, if it is taken for wrong.
    pub(crate) fn clock_ahead_ms(&self) -> Option<i64> {
        self.clock.ahead_ms()
    }

    /// A leader whose clock is taken for wrong appends a record now and then that counts for no reader: its time tells
    /// whether it still is, also where nothing else happens.
    pub(super) fn look_at_clock(&self) {
        if self.clock_ahead_ms().is_none() {
            return;
        }
        let leads = |partition: &i32| !self.slot(*partition).is_stuck() && self.standing(*partition).is_leader;
        let (led, at) = ((0..self.partitions()).filter(leads).collect::<Vec<_>>(), Instant::now());
        self.say(self.clock.lapse(&led, at));
        if let Some(partition) = self.clock.asks(&led, at) {
            let record = TermStarted::nothing(self.me, Uuid::new_v4());
            self.on(partition, |_, act| act.push(Action::Append(Record::TermStarted(record), None)));
        }
    }
}

/// When an event was decided, as it says. One that is dated later than it is now was dated by what its aggregate had
/// seen, and not by a clock.
fn dated<E>(record: &Record<E>, now: Timestamp) -> Option<Timestamp> {
    let Record::Event(event) = record else { return None };
    Some(event.recorded.occurred_at).filter(|decided| *decided <= now)
}

#[cfg(test)]
mod tests;
