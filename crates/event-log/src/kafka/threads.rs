//! The threads of a log: few, named, and not waited for without an end.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often to look whether a thread has ended.
const LOOK: Duration = Duration::from_millis(1);

pub(super) fn spawn(what: &str, context: &str, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let builder = std::thread::Builder::new().name(format!("{what}-{context}")).stack_size(512 * 1024);
    builder.spawn(run).expect("a process can start a handful of threads")
}

/// Waits for threads that were told to end, all together for as long as `patience`. One that does not is left behind: a
/// closing process takes it along, and what it held, others take over when its session has ended.
pub(super) fn join_all(threads: Vec<JoinHandle<()>>, patience: Duration) {
    let until = Instant::now() + patience;
    for thread in threads {
        while !thread.is_finished() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
        let name = thread.thread().name().unwrap_or_default().to_owned();
        if !thread.is_finished() {
            tracing::warn!(thread = name, "a thread of the log does not end");
        } else if thread.join().is_err() {
            tracing::error!(thread = name, "a thread of the log panicked");
        }
    }
}

#[cfg(test)]
mod tests;
