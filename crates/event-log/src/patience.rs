//! Waiting at start for a broker or a registry that does not answer yet.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_millis(500);

/// Asks until there is an answer, until a failure is `for_good`, or until it is too late: then the last failure is the
/// answer.
pub(crate) async fn patiently<T, E: Display, A: Future<Output = Result<T, E>>>(
    what: &str,
    until: Instant,
    for_good: impl Fn(&E) -> bool,
    mut ask: impl FnMut() -> A,
) -> Result<T, E> {
    loop {
        match ask().await {
            Err(error) if !for_good(&error) && Instant::now() < until => tracing::warn!(what, %error, "waiting"),
            answer => return answer,
        }
        tokio::time::sleep(PAUSE).await;
    }
}
