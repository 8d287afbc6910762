//! The body of a request, from the client to a replica.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use tokio::time::{Sleep, sleep};

use super::arrival::Whole;
use super::fault::Fault;
use crate::answer::BoxError;

/// A client that has sent nothing for so long stalls: what waits for it does no work meanwhile.
const STALL: Duration = Duration::from_millis(50);

/// A body that is sent on while it arrives. Clones share it.
#[derive(Clone)]
pub(crate) struct Upload(Arc<Inner>);

struct Inner {
    flow: Mutex<Flow>,
    fault: AtomicU8,
    touched: AtomicBool,
    patience: Duration,
    on_stall: Box<dyn Fn() + Send + Sync>,
}

struct Flow {
    /// What had come before.
    beginning: Bytes,
    incoming: Incoming,
    left: u64,
    progress: Instant,
    waiting: Option<Pin<Box<Sleep>>>,
    stalled: bool,
    ended: bool,
}

/// What the client of upstreams sends.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// The body of an [`Upload`].
    Streamed(Upload),
    /// A body that is there.
    Whole(Whole),
}

impl Outgoing {
    /// No body.
    pub(crate) fn none() -> Self {
        Self::Whole(Whole::default())
    }
}

impl Upload {
    /// Of at most so many bytes, which begins so, from a client that may pause for so long; `on_stall` is called
    /// whenever it begins to.
    pub(crate) fn new(
        beginning: Bytes,
        incoming: Incoming,
        most: u64,
        patience: Duration,
        on_stall: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let ended = beginning.is_empty() && incoming.is_end_stream();
        let left = most.saturating_sub(beginning.len() as u64);
        let progress = Instant::now();
        let flow = Flow { beginning, incoming, left, progress, waiting: None, stalled: false, ended };
        let (fault, touched) = (AtomicU8::new(0), AtomicBool::new(false));
        Self(Arc::new(Inner { flow: Mutex::new(flow), fault, touched, patience, on_stall: Box::new(on_stall) }))
    }

    /// To be sent once, or again while nothing of it was touched.
    pub(crate) fn outgoing(&self) -> Outgoing {
        Outgoing::Streamed(self.clone())
    }

    fn size(&self) -> SizeHint {
        let flow = self.0.flow.lock();
        let (beginning, rest) = (flow.beginning.len() as u64, flow.incoming.size_hint());
        rest.exact().map_or_else(SizeHint::default, |rest| SizeHint::with_exact(beginning + rest))
    }

    /// Whether something of it is gone.
    pub(crate) fn is_touched(&self) -> bool {
        self.0.touched.load(Ordering::Acquire)
    }

    /// Why it broke off, if it did.
    pub(crate) fn fault(&self) -> Option<Fault> {
        match self.0.fault.load(Ordering::Acquire) {
            1 => Some(Fault::TooLarge),
            2 => Some(Fault::TooSlow),
            3 => Some(Fault::Broken),
            _ => None,
        }
    }

    /// When something of it arrived last, or its end.
    pub(crate) fn progress(&self) -> Instant {
        self.0.flow.lock().progress
    }

    /// Whether all of it was sent on.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.flow.lock().ended
    }

    fn fail(&self, fault: Fault) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.fault.store(fault as u8, Ordering::Release);
        Poll::Ready(Some(Err(fault.into())))
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.touched.store(true, Ordering::Release);
        let mut flow = self.0.flow.lock();
        if !flow.beginning.is_empty() {
            let beginning = std::mem::take(&mut flow.beginning);
            flow.ended = flow.incoming.is_end_stream();
            return Poll::Ready(Some(Ok(Frame::data(beginning))));
        }
        let Poll::Ready(next) = Pin::new(&mut flow.incoming).poll_frame(cx) else {
            return if self.has_given_up(&mut flow, cx) { self.fail(Fault::TooSlow) } else { Poll::Pending };
        };
        (flow.waiting, flow.stalled, flow.progress) = (None, false, Instant::now());
        match next {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(left) = flow.left.checked_sub(length) else { return self.fail(Fault::TooLarge) };
                flow.left = left;
                flow.ended = flow.incoming.is_end_stream();
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(_)) => self.fail(Fault::Broken),
            None => {
                flow.ended = true;
                Poll::Ready(None)
            }
        }
    }

    /// Whether the client has paused for too long. The first time it is only noted that it stalls.
    fn has_given_up(&self, flow: &mut Flow, cx: &mut Context<'_>) -> bool {
        let waiting = flow.waiting.get_or_insert_with(|| Box::pin(sleep(STALL.min(self.0.patience))));
        while waiting.as_mut().poll(cx).is_ready() {
            if flow.stalled {
                return true;
            }
            flow.stalled = true;
            (self.0.on_stall)();
            waiting.set(sleep(self.0.patience.saturating_sub(STALL)));
        }
        false
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("fault", &self.fault()).field("touched", &self.is_touched()).finish()
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            Self::Streamed(upload) => upload.poll(cx),
            Self::Whole(whole) if !whole.data.is_empty() => {
                Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut whole.data)))))
            }
            Self::Whole(whole) => Poll::Ready(whole.trailers.take().map(|trailers| Ok(Frame::trailers(trailers)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Streamed(upload) => upload.has_ended(),
            Self::Whole(whole) => whole.data.is_empty() && whole.trailers.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Streamed(upload) => upload.size(),
            // Only what is sent in chunks can have trailers.
            Self::Whole(Whole { trailers: Some(_), .. }) => SizeHint::default(),
            Self::Whole(whole) => SizeHint::with_exact(whole.data.len() as u64),
        }
    }
}
