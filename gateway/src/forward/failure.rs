//! Why a replica gave no answer.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper_util::client::legacy;
use rustix::io::Errno;

use crate::body::Fault;
use crate::refusal::Refusal;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The gateway itself has no file or port left for a connection: nothing was sent.
    #[error("there is no file or port left for a connection")]
    Exhausted,
    /// It takes no connection: nothing was sent.
    #[error("the replica cannot be reached")]
    Unreachable,
    /// The connection broke before an answer.
    #[error("the connection to the replica broke")]
    Broken,
    /// What it answers is no HTTP.
    #[error("the replica's answer cannot be read")]
    Garbage,
    /// It does not answer.
    #[error("the replica did not answer in time")]
    Late,
    /// It did not answer in the time that the client gave it.
    #[error("the replica did not answer in the client's time")]
    Hurried,
    /// The client's body is at fault.
    #[error("{0}")]
    Client(Fault),
}

impl Failure {
    pub(super) fn of(error: &legacy::Error) -> Self {
        if error.is_connect() {
            return if is_exhausted(error) { Self::Exhausted } else { Self::Unreachable };
        }
        let mut source = error.source();
        while let Some(cause) = source {
            if cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
                return Self::Garbage;
            }
            source = cause.source();
        }
        Self::Broken
    }

    /// For metrics.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::Garbage => "garbage",
            Self::Late | Self::Hurried => "late",
            Self::Client(_) => "client",
        }
    }

    /// What the client is told; `most` bytes were taken.
    pub(super) fn refusal(self, most: u64) -> Refusal {
        let soon = Duration::from_secs(1);
        match self {
            Self::Exhausted => Refusal::unavailable("the gateway is out of connections; nothing was done", soon),
            Self::Unreachable => Refusal::unavailable("the service cannot be reached; nothing was done", soon),
            Self::Broken => Refusal::unavailable(
                "the connection to the service broke; where the request changes something, ask again with the same \
                 Idempotency-Key",
                soon,
            ),
            Self::Garbage => Refusal::garbage(),
            Self::Late | Self::Hurried => Refusal::late(),
            Self::Client(Fault::TooLarge) => Refusal::too_large(most),
            Self::Client(Fault::TooSlow) => Refusal::too_slow(),
            Self::Client(Fault::Broken) => Refusal::malformed("the body is malformed, or broke off"),
        }
    }
}

/// Whether the system says so: no replica is at fault then.
fn is_exhausted(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| (*error).source());
    let ours = [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL].map(|errno| Some(errno.raw_os_error()));
    causes.any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|io| ours.contains(&io.raw_os_error())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("connecting")]
    struct Connecting(#[source] io::Error);

    #[test]
    fn what_the_gateway_itself_lacks_is_no_fault_of_a_replica() {
        let is_ours = |errno: Errno| is_exhausted(&Connecting(io::Error::from(errno)));
        assert!(is_ours(Errno::MFILE) && is_ours(Errno::ADDRNOTAVAIL));
        assert!(!is_ours(Errno::CONNREFUSED) && !is_ours(Errno::TIMEDOUT));
    }
}
