//! What a client says of appends that failed.

use std::sync::atomic::{AtomicBool, Ordering};

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;

/// Notes that an append failed for good, and whether it was too large for the broker. A gapless producer appends
/// nothing after that.
#[derive(Default)]
pub(super) struct Failure {
    pub(super) failed: AtomicBool,
    pub(super) too_large: AtomicBool,
}

impl ClientContext for Failure {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "producer");
    }
}

impl ProducerContext for Failure {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            tracing::debug!(%error, "append failed");
            let too_large = [RDKafkaErrorCode::MessageSizeTooLarge, RDKafkaErrorCode::MessageBatchTooLarge];
            if error.rdkafka_error_code().is_some_and(|code| too_large.contains(&code)) {
                self.too_large.store(true, Ordering::Release);
            }
            self.failed.store(true, Ordering::Release);
        }
    }
}
