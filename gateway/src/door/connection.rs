//! A connection: HTTP/1.1 or, where the client begins so, HTTP/2, with limits on all that it may hold.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Request, Version};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use measures::{Gauge, Value};
use service_kit::Shutdown;
use tokio::net::TcpStream;

use crate::body::{End, Exchanges, Patient, Taken};
use crate::pipeline::Pipeline;

/// The largest head of a request; also what one connection buffers of its bodies.
const HEAD_BYTES: usize = 64 * 1024;
/// Headers of a request.
const HEADERS: usize = 100;
/// Requests at a time of one HTTP/2 connection.
const STREAMS: u32 = 128;
/// What a client may send of a body before it is taken, and what is kept of an answer before the client takes it.
const WINDOW: u32 = 256 * 1024;
/// An HTTP/2 client is asked so often whether it is still there.
const PING: Duration = Duration::from_secs(20);
/// And has so long to say so.
const PONG: Duration = Duration::from_secs(10);

/// An idle HTTP/1.1 connection is closed without a word, and its client may be sending a request at that moment. So for
/// this long after no others are taken its next request is still answered, as its last: who asks this often is told,
/// and loses nothing. HTTP/2 says itself which requests were taken.
const LINGER: Duration = Duration::from_secs(2);

/// Serves connections.
#[derive(Clone)]
pub(super) struct Server {
    pipeline: Arc<Pipeline>,
    closing: Shutdown,
    builder: Builder<TokioExecutor>,
}

impl Server {
    /// Until `closing` is requested.
    pub(super) fn new(pipeline: Arc<Pipeline>, closing: Shutdown) -> Self {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(pipeline.edge.head_timeout)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEAD_BYTES as u32)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(4 * WINDOW)
            .max_send_buf_size(WINDOW as usize)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PONG);
        Self { pipeline, closing, builder }
    }

    /// Serves one, until its client goes or the gateway closes.
    pub(super) fn serve(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + Send + 'static {
        let Self { pipeline, closing, builder } = self.clone();
        async move {
            let _counted = Counted::begin();
            if stream.set_nodelay(true).is_err() {
                return;
            }
            let (idle, patience) = (pipeline.edge.head_timeout, pipeline.edge.take_timeout);
            let exchanges = Exchanges::new();
            let under_way = exchanges.clone();
            let linger = LINGER.min(pipeline.edge.drain / 2);
            let is_http2 = Arc::new(AtomicBool::new(false));
            let seen = Arc::clone(&is_http2);
            let service = service_fn(move |request: Request<Incoming>| {
                seen.fetch_or(request.version() == Version::HTTP_2, Ordering::Relaxed);
                let (pipeline, exchange) = (Arc::clone(&pipeline), under_way.begin());
                // Boxed: hyper keeps the room for it for as long as the connection lives, and most are idle.
                Box::pin(async move {
                    let answer = pipeline.answer(peer, request).await;
                    Ok::<_, Infallible>(answer.map(|body| Taken::new(body, exchange, patience)))
                })
            });
            let io = TokioIo::new(Patient::new(stream, idle, patience));
            // Boxed: a place of its own and the one it is moved from would both be the task's.
            let mut connection = Box::pin(builder.serve_connection(io, service));
            tokio::select! {
                biased;
                outcome = connection.as_mut() => return note(outcome),
                () = lingered(&closing, &is_http2, linger) => {}
                end = exchanges.over(idle, patience) => if closed(end) == End::Untaken { return },
            }
            connection.as_mut().graceful_shutdown();
            // It is idle from now on.
            drop(exchanges.begin());
            tokio::select! {
                biased;
                outcome = connection => note(outcome),
                // What hyper still holds nobody takes.
                end = exchanges.over(patience, patience) => {
                    closed(end);
                }
            }
        }
    }
}

/// Waits until the connection is to be closed where it is idle.
async fn lingered(closing: &Shutdown, is_http2: &AtomicBool, linger: Duration) {
    closing.requested().await;
    if !is_http2.load(Ordering::Relaxed) {
        tokio::time::sleep(linger).await;
    }
}

fn note(outcome: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection broke off");
    }
}

fn closed(end: End) -> End {
    let why = if end == End::Idle { "idle" } else { "untaken" };
    measures::gateway::CLOSED.with([why]).increment(1);
    end
}

/// A connection that is open.
struct Counted(Gauge);

impl Counted {
    fn begin() -> Self {
        let all = measures::gateway::CONNECTIONS.with::<Value>([]);
        all.increment(1.0);
        Self(all)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
