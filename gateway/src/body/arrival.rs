//! A small body is waited for before a service is asked: who takes its time for it takes no turn of others meanwhile.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout_at;

use super::fault::Fault;

/// A larger body is sent on while it arrives.
pub(crate) const SMALL_BYTES: u64 = 64 * 1024;
/// A small body takes so many times as long as a client may pause, at most.
const PAUSES: u32 = 4;

/// A body that is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whole {
    pub(super) data: Bytes,
    pub(super) trailers: Option<HeaderMap>,
}

impl From<Bytes> for Whole {
    fn from(data: Bytes) -> Self {
        Self { data, trailers: None }
    }
}

/// What has come of a body.
#[derive(Debug)]
pub(crate) enum Arrived {
    /// All of it.
    Whole(Whole),
    /// The beginning of one that is not small.
    Beginning(Bytes),
}

/// Reads a body of at most so many bytes to its end, or until it is not small any more.
///
/// # Errors
/// What is wrong with it.
pub(crate) async fn arrival(body: &mut Incoming, most: u64, patience: Duration) -> Result<Arrived, Fault> {
    let (end, mut data, mut trailers) = (Instant::now() + PAUSES * patience, BytesMut::new(), None);
    loop {
        let pause = Instant::now() + patience;
        let next = timeout_at(pause.min(end).into(), body.frame()).await.map_err(|_| Fault::TooSlow)?;
        let Some(frame) = next else { return Ok(Arrived::Whole(Whole { data: data.freeze(), trailers })) };
        match frame.map_err(|_| Fault::Broken)?.into_data() {
            Ok(more) => data.extend_from_slice(&more),
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
        if data.len() as u64 > most {
            return Err(Fault::TooLarge);
        }
        if data.len() as u64 > SMALL_BYTES {
            return Ok(Arrived::Beginning(data.freeze()));
        }
    }
}
