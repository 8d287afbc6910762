//! The body of an answer, from a replica to the client.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};

use crate::answer::BoxError;

/// Sent on while it arrives. The client takes as it likes, and the replica sends no faster.
pub(crate) struct Download<H> {
    incoming: Incoming,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// What is held until the answer is whole, or given up.
    _held: H,
}

impl<H> Download<H> {
    /// From a replica that may pause for so long.
    pub(crate) fn new(incoming: Incoming, patience: Duration, held: H) -> Self {
        Self { incoming, patience, waiting: None, _held: held }
    }
}

impl<H: Unpin> Body for Download<H> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(next) = Pin::new(&mut this.incoming).poll_frame(cx) {
            this.waiting = None;
            return Poll::Ready(next.map(|frame| frame.map_err(Into::into)));
        }
        let patience = this.patience;
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        match waiting.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err("the service paused for too long".into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
