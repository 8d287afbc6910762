//! What the process takes of the machine, as the kernel says.

use std::time::{SystemTime, UNIX_EPOCH};

use measures::{Value, http};
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};

/// A look at it. What the kernel does not say is left as it was.
pub(super) fn look() -> impl Fn() + Send + 'static {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    http::STARTED.set(since.as_secs_f64());
    let counted = Mutex::new(0);
    move || {
        let spent = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
        let more = spent.saturating_sub(std::mem::replace(&mut *counted.lock(), spent));
        http::CPU.with::<Value>([]).increment(more);
        if let Some(bytes) = resident_bytes() {
            http::MEMORY.set(bytes);
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            // The folder itself is one of them.
            http::FILES.set(f64::from(u32::try_from(files.count().saturating_sub(1)).unwrap_or(u32::MAX)));
        }
    }
}

fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u32 = kilobytes.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(f64::from(kilobytes) * 1_024.0)
}
