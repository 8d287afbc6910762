//! The body of an answer as the client takes it: in small pieces, and not for ever.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::exchanges::Exchange;
use crate::answer::{self, BoxError};

/// What is handed over at a time, and so what HTTP/2 holds of a stream whose client takes nothing.
const PIECE: usize = 16 * 1024;
/// Over the time that it takes in all, a client takes so many bytes a second at least.
const LEAST_PER_SECOND: u64 = 4 * 1024;

/// An answer that is handed over.
pub(crate) struct Taken {
    body: answer::Body,
    /// What came of the body, and is yet to be handed over.
    rest: Bytes,
    exchange: Exchange,
    /// How long a client may rest before its rate counts.
    grace: Duration,
    taken: u64,
    /// How long the client was waited for.
    waited: Duration,
}

impl Taken {
    pub(crate) fn new(body: answer::Body, exchange: Exchange, grace: Duration) -> Self {
        Self { body, rest: Bytes::new(), exchange, grace, taken: 0, waited: Duration::ZERO }
    }

    fn is_too_slow(&self) -> bool {
        let earned = Duration::from_millis(self.taken.saturating_mul(1_000) / LEAST_PER_SECOND);
        self.waited > self.grace + earned
    }
}

impl Body for Taken {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        this.waited += this.exchange.asked();
        if this.is_too_slow() {
            return Poll::Ready(Some(Err("the client takes its answer too slowly".into())));
        }
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)?) {
                None => return Poll::Ready(None),
                Some(frame) => match frame.into_data() {
                    Ok(data) => this.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
            }
        }
        let piece = this.rest.split_to(PIECE.min(this.rest.len()));
        this.taken += piece.len() as u64;
        this.exchange.handed();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, inner) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::{BodyExt as _, StreamBody};

    use super::*;
    use crate::answer::full;
    use crate::body::exchanges::Exchanges;

    #[tokio::test]
    async fn a_body_is_handed_over_in_pieces() {
        let body = full(vec![b'a'; 40_000]);
        let mut taken = Taken::new(body, Exchanges::new().begin(), Duration::ZERO);
        let mut pieces = Vec::new();
        while let Some(piece) = taken.frame().await {
            pieces.push(piece.unwrap().into_data().unwrap().len());
            assert_eq!(taken.size_hint().exact(), Some(40_000 - pieces.iter().sum::<usize>() as u64));
        }
        assert_eq!(pieces, [PIECE, PIECE, 40_000 - 2 * PIECE]);
        assert!(taken.is_end_stream());
    }

    #[tokio::test]
    async fn who_takes_a_little_now_and_then_is_given_up() {
        let frames = futures::stream::repeat_with(|| Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"a"))));
        let body = StreamBody::new(frames).map_err(|never| match never {}).boxed_unsync();
        let mut taken = Taken::new(body, Exchanges::new().begin(), Duration::from_millis(50));
        let mut pieces = 0;
        while taken.frame().await.is_some_and(|piece| piece.is_ok()) {
            pieces += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!((1..=3).contains(&pieces), "{pieces}");
    }
}
