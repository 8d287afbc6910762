//! The HTTP client of all upstreams: HTTP/1.1, with connections that are kept.

use std::time::Duration;

use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

pub(crate) use crate::body::Outgoing;

/// Asks replicas.
pub(crate) type Client = legacy::Client<HttpConnector, Outgoing>;

/// A replica that does not take a connection by then is not there.
const CONNECT: Duration = Duration::from_secs(1);
/// Connections that are idle are closed here before the services close them (75 s), so that none is used that closes.
const IDLE: Duration = Duration::from_secs(30);
/// Idle connections that are kept for each replica.
const KEPT: usize = 256;

/// What is read ahead of an answer; also the largest head.
const BUFFER_BYTES: usize = 64 * 1024;

/// A client. Needs a running Tokio.
pub(super) fn new() -> Client {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_nodelay(true);
    legacy::Client::builder(TokioExecutor::new())
        .http1_max_buf_size(BUFFER_BYTES)
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(KEPT)
        .build(connector)
}
