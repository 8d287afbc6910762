//! Clients that have lost all brokers.
//!
//! Since 2.10 the client library forgets brokers that an answer about topics does not name. A broker that is just
//! starting may name none, and if the client gave up its last connection at the wrong moment of that, it has no broker
//! left to ask, for good, and says nothing (confluentinc/librdkafka#5301; crash lab, seeds 921 and, for a producer,
//! 5002). The thread that uses a client which has been quiet therefore has it ask something, and tells it of the
//! brokers again if it gets no answer. (Producers are not asked: one whose batch does not land is replaced.)

use std::ffi::CString;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};

/// A client that has been quiet for so long is asked.
const QUIET: Duration = Duration::from_secs(5);
/// How long an answer may take: the asking thread does nothing else meanwhile.
const ANSWER: Duration = Duration::from_secs(1);
/// While there is no answer, the pause between two questions doubles up to this: each time the client library notes the
/// brokers anew.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Notices when a client has lost all brokers, and tells it of them again.
#[derive(Debug)]
pub(crate) struct BrokerWatchdog {
    brokers: CString,
    topic: String,
    ask_at: Instant,
    pause: Duration,
}

impl BrokerWatchdog {
    /// Of a client that was just made for these brokers (`host:port,…`) and talks about this topic.
    pub(crate) fn new(brokers: &str, topic: &str) -> Self {
        Self::asking_after(brokers, topic, QUIET)
    }

    fn asking_after(brokers: &str, topic: &str, pause: Duration) -> Self {
        let brokers = CString::new(brokers).expect("the client was made with them, and text for C has no zero");
        Self { brokers, topic: topic.to_owned(), ask_at: Instant::now() + pause, pause }
    }

    /// Something was heard, or not.
    pub(crate) fn note<C: ConsumerContext>(&mut self, heard: bool, client: &BaseConsumer<C>) {
        if heard {
            self.heard();
        } else {
            self.silent(client);
        }
    }

    fn heard(&mut self) {
        (self.ask_at, self.pause) = (Instant::now() + QUIET, QUIET);
    }

    /// Nothing was heard just now, or no answer to a question. Takes up to two seconds, if it is time to ask.
    pub(crate) fn silent<C: ConsumerContext>(&mut self, client: &BaseConsumer<C>) {
        if Instant::now() < self.ask_at {
            return;
        }
        let answers = || client.fetch_metadata(Some(&self.topic), ANSWER).is_ok();
        if answers() {
            return self.heard();
        }
        tell_of_brokers(client, &self.brokers);
        if answers() {
            tracing::warn!(topic = self.topic, "a client had lost all brokers, and was told of them again");
            return self.heard();
        }
        self.ask_at = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

#[allow(unsafe_code, reason = "rust-rdkafka has no way to tell a client of further brokers")]
fn tell_of_brokers<C: ConsumerContext>(client: &BaseConsumer<C>, brokers: &CString) {
    // SAFETY: the client lives for as long as the borrow, and so does the text, which is only read.
    let _ = unsafe { rdkafka::bindings::rd_kafka_brokers_add(client.client().native_ptr(), brokers.as_ptr()) };
}

#[cfg(test)]
mod tests;
