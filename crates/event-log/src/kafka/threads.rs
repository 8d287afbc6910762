//! The threads of a log: few, named, and not waited for without an end. One that panics or hangs ends the process: the
//! others would go on and answer from what it no longer does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::thread::{JoinHandle, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::fatal::{AllOrNothing, end_process};

/// How often to look whether a thread has ended.
const LOOK: Duration = Duration::from_millis(1);
/// No thread waits for longer than this before it shows that it lives.
pub(super) const IDLE: Duration = Duration::from_secs(1);
/// How often to look whether threads live.
const ROUND: Duration = Duration::from_secs(1);
/// A thread that has not shown that it lives in so many rounds hangs: nothing that it waits for has a deadline of half
/// as long. Rounds are counted, and not time, for a process that was stopped is not to end when it goes on.
const HANGS_AFTER: u32 = 30;

/// How a thread shows that it lives.
#[derive(Debug, Default)]
pub(super) struct Pulse(Arc<AtomicU64>);

impl Pulse {
    pub(super) fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A thread that is looked after, for as long as it has its pulse.
struct Watched {
    name: String,
    thread: ThreadId,
    beats: Weak<AtomicU64>,
    seen: u64,
    rounds: u32,
}

static WATCHED: LazyLock<Mutex<Vec<Watched>>> = LazyLock::new(|| {
    let look_after = || loop {
        std::thread::sleep(ROUND);
        if let Some(name) = hanging(&mut WATCHED.lock()) {
            end_process(&name, "it hangs");
        }
    };
    let builder = std::thread::Builder::new().name("pulses".into()).stack_size(128 * 1024);
    builder.spawn(look_after).expect("a process can start a handful of threads");
    Mutex::default()
});

/// A thread that has not shown that it lives for too long. To be asked once a round.
fn hanging(watched: &mut Vec<Watched>) -> Option<String> {
    watched.retain_mut(|it| {
        let Some(beats) = it.beats.upgrade() else { return false };
        let beats = beats.load(Ordering::Relaxed);
        it.rounds = if beats == it.seen { it.rounds + 1 } else { 0 };
        it.seen = beats;
        true
    });
    watched.iter().find(|it| it.rounds >= HANGS_AFTER).map(|it| it.name.clone())
}

/// Starts a thread that shows that it lives, and ends the process if it does not.
pub(super) fn spawn(what: &str, context: &str, run: impl FnOnce(Pulse) + Send + 'static) -> JoinHandle<()> {
    let name = format!("{what}-{context}");
    let builder = std::thread::Builder::new().name(name.clone()).stack_size(512 * 1024);
    let (pulse, of) = (Pulse::default(), name.clone());
    let beats = Arc::downgrade(&pulse.0);
    let started = builder.spawn(move || {
        let _all = AllOrNothing::of(&of);
        run(pulse);
    });
    let started = started.expect("a process can start a handful of threads");
    WATCHED.lock().push(Watched { name, thread: started.thread().id(), beats, seen: 0, rounds: 0 });
    started
}

/// Drops a client in the background: it flushes, and waits for its own threads, which look up only ten times a second.
pub(crate) fn drop_aside<T: Send + 'static>(client: T) {
    let builder = std::thread::Builder::new().name("drop".into()).stack_size(128 * 1024);
    // Where no thread can be started, the caller waits.
    drop(builder.spawn(move || drop(client)));
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
            WATCHED.lock().retain(|watched| watched.thread != thread.thread().id());
        } else if thread.join().is_err() {
            tracing::error!(thread = name, "a thread of the log panicked");
        }
    }
}

#[cfg(test)]
mod tests;
