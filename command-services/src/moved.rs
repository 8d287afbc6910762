//! A context that goes on in another topic, with more partitions, while this process runs: it reads the former one, can
//! answer no command of that context, and is to be started anew.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use event_log::kafka::KafkaConfig;
use service_kit::Shutdown;

use crate::logs::Logs;
use crate::part::Process;

/// How often to look whether a log was sealed, and where a context whose log was is by now.
const LOOK: Duration = Duration::from_millis(500);
/// How long the broker may take to say.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the process ends by itself, if it does.
pub struct Moved(Arc<OnceLock<String>>);

impl Moved {
    /// Requests the process's end when one of its contexts is in another topic than it was when the process started.
    #[must_use]
    pub fn watch(process: &mut Process, shutdown: &Shutdown) -> Self {
        let why = Arc::new(OnceLock::new());
        let (logs, kafka, shutdown, said) =
            (process.logs.clone(), process.kafka.clone(), shutdown.clone(), Arc::clone(&why));
        process.spawn(async move {
            let reason = moved(&logs, &kafka).await;
            tracing::error!(reason, "ending");
            // There is one watch, and it says so once.
            let _ = said.set(reason);
            shutdown.request();
        });
        Self(why)
    }

    /// What the caller of the process is told.
    ///
    /// # Errors
    /// The process ended by itself: it is to be started again.
    pub fn explain(&self) -> anyhow::Result<()> {
        self.0.get().map_or(Ok(()), |why| Err(anyhow::anyhow!("{why}")))
    }
}

/// Waits until a context is elsewhere. As long as it is only being copied it is where it was.
async fn moved(logs: &Logs, before: &KafkaConfig) -> String {
    loop {
        tokio::time::sleep(LOOK).await;
        if !logs.iter().any(|log| log.is_any_sealed()) {
            continue;
        }
        match before.clone().current(PATIENCE).await {
            Ok(now) => {
                let place = |log: &str| (now.topic(log) != before.topic(log)).then(|| now.topic(log));
                let found = logs.iter().find_map(|log| Some((log.context(), place(log.context())?)));
                if let Some((context, topic)) = found {
                    return format!("{context} goes on in {topic}: this process is to be started again");
                }
            }
            Err(error) => tracing::warn!(%error, "a log is sealed, and it is not known where its context is"),
        }
    }
}
