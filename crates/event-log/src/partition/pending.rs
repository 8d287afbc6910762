//! A command while it waits in a partition: until when it may be begun, and how much memory it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{Decider, Timestamp};
use serde::Serialize;

use super::Request;

/// A command as it arrives.
#[derive(Clone, Debug)]
pub struct Pending<C: Decider> {
    request: Arc<Request<C>>,
    until: Timestamp,
    bytes: usize,
}

impl<C: Decider> Pending<C> {
    /// A command that is not begun after `until` any more: its caller has been told that it was not applied. It is
    /// weighed here, and so outside the lock of the partition that takes it.
    pub fn new(request: impl Into<Arc<Request<C>>>, until: Timestamp) -> Self {
        let request = request.into();
        let bytes = size(&*request);
        Self { request, until, bytes }
    }
}

impl<C: Decider> From<Request<C>> for Pending<C> {
    /// One whose caller waits for ever.
    fn from(request: Request<C>) -> Self {
        Self::new(request, Timestamp(i64::MAX))
    }
}

/// A command that was taken: what it weighs counts for as long as any part of the partition keeps it.
#[derive(Debug)]
pub(super) struct Taken<C: Decider> {
    pub(super) request: Arc<Request<C>>,
    pub(super) until: Timestamp,
    weight: Arc<Weight>,
}

#[derive(Debug)]
struct Weight {
    bytes: usize,
    sum: Arc<AtomicUsize>,
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.sum.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

impl<C: Decider> Clone for Taken<C> {
    fn clone(&self) -> Self {
        Self { request: Arc::clone(&self.request), until: self.until, weight: Arc::clone(&self.weight) }
    }
}

/// The bytes of all commands that a partition has taken and not let go.
#[derive(Debug, Default)]
pub(super) struct Load(Arc<AtomicUsize>);

impl Load {
    /// Takes a command, unless there are others and it would be too much with them.
    pub(super) fn take<C: Decider>(&self, pending: Pending<C>, most: usize) -> Option<Taken<C>> {
        let Pending { request, until, bytes } = pending;
        let before = self.0.load(Ordering::Acquire);
        if before > 0 && before + bytes > most {
            return None;
        }
        self.0.fetch_add(bytes, Ordering::AcqRel);
        Some(Taken { request, until, weight: Arc::new(Weight { bytes, sum: Arc::clone(&self.0) }) })
    }
}

/// About what a command takes in memory: as long as it is in JSON.
fn size(command: &impl Serialize) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // What cannot be written is not forwarded either; it weighs what was written of it.
    let _ = serde_json::to_writer(&mut count, command);
    count.0
}
