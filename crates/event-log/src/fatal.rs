//! The end of a process that cannot be trusted any more: it would go on answering from what one of its threads did not
//! finish. What it held, other instances take over; what it did not answer, callers ask again.

/// Ends the process, with a line in the log.
#[allow(clippy::disallowed_methods, reason = "what would be finished first may be what hangs")]
pub(crate) fn end_process(what: &str, why: &str) -> ! {
    tracing::error!(what, why, "this process cannot be trusted any more, and ends");
    std::process::abort();
}

/// Ends the process if a panic gets past it: what it guards was left half done.
pub(crate) struct AllOrNothing<'a> {
    what: &'a str,
    /// What cleans up after another panic is not what panicked.
    was_panicking: bool,
}

impl<'a> AllOrNothing<'a> {
    pub(crate) fn of(what: &'a str) -> Self {
        Self { what, was_panicking: std::thread::panicking() }
    }
}

impl Drop for AllOrNothing<'_> {
    fn drop(&mut self) {
        if !self.was_panicking && std::thread::panicking() {
            end_process(self.what, "it panicked");
        }
    }
}
