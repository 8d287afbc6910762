//! Many callers that each call again as soon as they are answered.

use std::time::{Duration, Instant};

use crate::latency::Latencies;

/// For how long to call: the warm-up does not count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Calls answered per second.
    pub(crate) rate: f64,
    /// How long each took.
    pub(crate) latencies: Latencies,
}

impl Window {
    /// A window of this many seconds, and a quarter of that before it.
    pub(crate) fn seconds(seconds: f64) -> Self {
        Self { warm_up: Duration::from_secs_f64(seconds / 4.0), measured: Duration::from_secs_f64(seconds) }
    }

    /// What was measured, from how long (in microseconds) those calls took that were answered within the window.
    pub(crate) fn of(self, samples: impl IntoIterator<Item = u32>) -> Measured {
        let mut latencies = Latencies::new();
        samples.into_iter().for_each(|micros| latencies.record_micros(u64::from(micros)));
        Measured { rate: latencies.count() as f64 / self.measured.as_secs_f64(), latencies }
    }
}

/// Runs `callers` tasks; each makes its call with `call(caller, n)`, n counting up.
///
/// # Errors
/// A call failed.
pub(crate) async fn drive<F, Fut>(callers: usize, window: Window, call: F) -> anyhow::Result<Measured>
where
    F: Fn(usize, u64) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let from = Instant::now() + window.warm_up;
    let until = from + window.measured;
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let call = call.clone();
            tokio::spawn(async move {
                let mut samples = Vec::new();
                for n in 0.. {
                    let began = Instant::now();
                    call(caller, n).await?;
                    let ended = Instant::now();
                    if ended >= until {
                        break;
                    }
                    if ended >= from {
                        samples.push(micros(ended - began));
                    }
                }
                anyhow::Ok(samples)
            })
        })
        .collect();
    let mut samples = Vec::new();
    for task in tasks {
        samples.extend(task.await??);
    }
    Ok(window.of(samples))
}

/// A duration as a sample.
pub(crate) fn micros(took: Duration) -> u32 {
    u32::try_from(took.as_micros()).unwrap_or(u32::MAX)
}
