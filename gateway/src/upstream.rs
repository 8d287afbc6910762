//! The services behind the gateway, each with its replicas.

use std::time::Duration;

use bytes::Bytes;

/// All of them.
#[derive(Clone, Debug)]
pub(crate) struct Upstreams;

impl Upstreams {
    /// What query-api answers a `GET` of this path with, if it is a 200 of at most 256 KiB and comes in time: for pages
    /// of the gateway's own.
    pub(crate) async fn read(&self, _path_and_query: &str, _within: Duration) -> Option<Bytes> {
        None
    }

    /// Each upstream's name, how many of its replicas are healthy, and how many there are.
    pub(crate) fn states(&self) -> Vec<(&'static str, usize, usize)> {
        Vec::new()
    }
}
