//! A replica: one process that answers for an upstream.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use http::uri::Authority;
use parking_lot::Mutex;

/// Failures without a success between them, after which a replica is passed over.
const FAILURES: u32 = 5;
/// For so long, and so much longer each time.
const EJECTED: Duration = Duration::from_secs(2);
/// And no longer than this.
const LONGEST: Duration = Duration::from_secs(30);

/// What its last checks said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Readiness {
    /// It was not asked yet.
    Unknown,
    /// It is ready.
    Ready,
    /// It says that it is not, or says nothing.
    Unready,
}

/// One process.
#[derive(Debug)]
pub(crate) struct Replica {
    /// Where it is.
    pub(crate) authority: Authority,
    under_way: AtomicU32,
    readiness: AtomicU8,
    record: Mutex<Record>,
}

/// How requests went lately.
#[derive(Debug, Default)]
struct Record {
    failures: u32,
    ejections: u32,
    until: Option<Instant>,
}

/// A request that a replica has.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<Replica>);

impl Replica {
    pub(crate) fn new(authority: Authority) -> Self {
        let readiness = AtomicU8::new(Readiness::Unknown as u8);
        Self { authority, under_way: AtomicU32::new(0), readiness, record: Mutex::default() }
    }

    /// It has one request more for as long as what is returned lives.
    pub(crate) fn take(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    pub(crate) fn load(&self) -> u32 {
        self.under_way.load(Ordering::Relaxed)
    }

    pub(crate) fn readiness(&self) -> Readiness {
        match self.readiness.load(Ordering::Relaxed) {
            ready if ready == Readiness::Ready as u8 => Readiness::Ready,
            unready if unready == Readiness::Unready as u8 => Readiness::Unready,
            _ => Readiness::Unknown,
        }
    }

    /// Takes what a check said. Says whether it is another than before.
    pub(crate) fn checked(&self, readiness: Readiness) -> bool {
        self.readiness.swap(readiness as u8, Ordering::Relaxed) != readiness as u8
    }

    /// Whether it is passed over, for what it did to requests.
    pub(crate) fn is_ejected(&self, now: Instant) -> bool {
        self.record.lock().until.is_some_and(|until| now < until)
    }

    /// How a request went. Says whether the replica is passed over from now on.
    pub(crate) fn record(&self, now: Instant, is_good: bool) -> bool {
        let mut record = self.record.lock();
        if is_good {
            *record = Record::default();
            return false;
        }
        record.failures += 1;
        let is_ejected = record.until.is_some_and(|until| now < until);
        if record.failures < FAILURES || is_ejected {
            return false;
        }
        record.failures = 0;
        record.ejections += 1;
        record.until = Some(now + (EJECTED * record.ejections).min(LONGEST));
        true
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
