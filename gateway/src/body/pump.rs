//! An answer that is fetched whether its client takes it or not, a frame ahead: over HTTP/2 a client that takes nothing
//! blocks no connection, so nobody would notice it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;

use crate::answer::BoxError;

type Next = Result<Frame<Bytes>, BoxError>;

struct Pumped {
    frames: mpsc::Receiver<Next>,
    cut: Arc<AtomicBool>,
    size: SizeHint,
}

/// The same body, given up where its client takes nothing for so long: what it holds is free then.
pub(crate) fn pumped<B>(mut body: B, patience: Duration) -> impl Body<Data = Bytes, Error = BoxError> + Send + 'static
where
    B: Body<Data = Bytes, Error = BoxError> + Send + Unpin + 'static,
{
    let (sender, frames) = mpsc::channel(1);
    let (cut, size) = (Arc::new(AtomicBool::new(false)), body.size_hint());
    let is_cut = Arc::clone(&cut);
    tokio::spawn(async move {
        while let Some(next) = body.frame().await {
            match tokio::time::timeout(patience, sender.send(next)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => return is_cut.store(true, Ordering::Release),
            }
        }
    });
    Pumped { frames, cut, size }
}

impl Body for Pumped {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Next>> {
        match self.frames.poll_recv(cx) {
            Poll::Ready(None) if self.cut.load(Ordering::Acquire) => {
                Poll::Ready(Some(Err("the client took nothing of its answer".into())))
            }
            other => other,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}
