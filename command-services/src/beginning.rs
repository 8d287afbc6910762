//! An instance that has just begun: as long as it has not read what was in its logs, it would say of much that it does not exist.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::Decider;
use event_log::EventLog;
use service_kit::{Gate, Problem};

/// Whether this process has read what was there when it began; its [`Gate`] is shut until then.
#[derive(Clone)]
pub struct Beginning(Arc<Inner>);

struct Inner {
    behind: Vec<Box<dyn Fn() -> bool + Send + Sync>>,
    /// Whoever has read it once has read it for good.
    over: AtomicBool,
}

impl Beginning {
    /// Of a process that has these parts of all logs.
    #[must_use]
    pub fn of(behind: Vec<Box<dyn Fn() -> bool + Send + Sync>>) -> Self {
        Self(Arc::new(Inner { behind, over: AtomicBool::new(false) }))
    }

    /// Whether everything is read that was there.
    #[must_use]
    pub fn is_over(&self) -> bool {
        if !self.0.over.load(Ordering::Acquire) && !self.0.behind.iter().any(|behind| behind()) {
            self.0.over.store(true, Ordering::Release);
        }
        self.0.over.load(Ordering::Acquire)
    }
}

/// Lets no request pass that depends on a log before the logs are read.
#[must_use]
pub fn gate(beginning: Beginning) -> Gate {
    Gate::new(move || {
        if beginning.is_over() {
            Ok(())
        } else {
            Err(Problem::unavailable("this instance has just begun, and is reading the log; nothing was done", 1))
        }
    })
}

/// Whether a log is behind, to be asked again.
pub fn behind<C: Decider>(log: &Arc<EventLog<C>>) -> Box<dyn Fn() -> bool + Send + Sync> {
    let log = Arc::clone(log);
    Box::new(move || log.is_catching_up())
}

#[cfg(test)]
mod tests;
