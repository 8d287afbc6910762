//! An answer that is shown to everybody for a moment, so that it is asked for once.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Mutex;

/// So long it is shown; also that there is none.
const KEPT: Duration = Duration::from_secs(2);

/// The answer, and since when it is known. Whoever asks for it anew has all others wait.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<Option<(Instant, Option<Bytes>)>>);

impl Recent {
    /// What is known, or else what `ask` finds out.
    pub(crate) async fn get(&self, ask: impl Future<Output = Option<Bytes>>) -> Option<Bytes> {
        let mut known = self.0.lock().await;
        if let Some((since, answer)) = &*known
            && since.elapsed() < KEPT
        {
            return answer.clone();
        }
        let answer = ask.await;
        *known = Some((Instant::now(), answer.clone()));
        answer
    }
}
