//! What a client says of appends that failed.

use std::sync::atomic::{AtomicBool, Ordering};

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;

/// Notes that the broker refused a record, and whether for its size. A gapless producer appends nothing after that.
///
/// The client library takes such a producer for broken first, and then says what became of each record. So whether the
/// producer is broken tells nothing of why: who sends the batch listens until that is said, and only then is a new term
/// begun.
#[derive(Default)]
pub(super) struct Failure {
    pub(super) refused: AtomicBool,
    pub(super) too_large: AtomicBool,
    /// All that can be known is known.
    pub(super) failed: AtomicBool,
}

impl ClientContext for Failure {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "producer");
    }
}

impl ProducerContext for Failure {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let Err((error, _)) = result else { return };
        tracing::debug!(%error, "append failed");
        let too_large = [RDKafkaErrorCode::MessageSizeTooLarge, RDKafkaErrorCode::MessageBatchTooLarge];
        if error.rdkafka_error_code().is_some_and(|code| too_large.contains(&code)) {
            self.too_large.store(true, Ordering::Release);
        }
        self.refused.store(true, Ordering::Release);
    }
}
