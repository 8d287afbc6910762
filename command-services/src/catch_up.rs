//! An instance that was just started: as long as it has not read what was in its logs, it would say of much that it
//! does not exist.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use service_kit::{Gate, Problem};

use crate::logs::Logs;

/// Whether this process has read what was there when it was started. Clones share it.
#[derive(Clone)]
pub struct CatchUp {
    logs: Logs,
    /// An instance that has read it once has read it for good.
    over: Arc<AtomicBool>,
}

impl CatchUp {
    /// Of a process with these logs.
    #[must_use]
    pub fn of(logs: Logs) -> Self {
        Self { logs, over: Arc::default() }
    }

    /// Whether everything is read that was there, of the contexts whose commands this process takes.
    #[must_use]
    pub fn is_over(&self) -> bool {
        if !self.over.load(Ordering::Acquire) && !self.logs.members().any(|log| log.is_catching_up()) {
            self.over.store(true, Ordering::Release);
        }
        self.over.load(Ordering::Acquire)
    }

    /// Lets no request pass that depends on a log before the logs are read.
    #[must_use]
    pub fn gate(self) -> Gate {
        Gate::new(move || {
            if self.is_over() {
                Ok(())
            } else {
                Err(Problem::unavailable("this instance has just begun, and is reading the log; nothing was done", 1))
            }
        })
    }
}

#[cfg(test)]
mod tests;
