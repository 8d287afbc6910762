//! Messages on their way: each with its length before it, and bounded.

use std::time::{Duration, Instant};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::StatusCode;
use http_body::Body;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use service_kit::network::Network;
use tokio::time::timeout_at;

use super::LONG_MESSAGES;
use super::status::{Code, Status};
use crate::body::SMALL_BYTES;
use crate::places::Place;

/// What stands before a message: whether it is compressed, and its length.
const HEAD: usize = 5;
/// A message takes so many times as long as a client may pause, at most.
const PAUSES: u32 = 4;

/// The messages of a client.
pub(super) struct Messages<B = Incoming> {
    body: B,
    come: BytesMut,
    /// The longest in bytes.
    most: u64,
    /// How long the client may pause.
    patience: Duration,
    /// Where they come from.
    network: Network,
    /// What a message takes of which more has come than small ones have, until the call is over.
    place: Option<Place>,
}

impl<B: Body<Data = Bytes> + Unpin> Messages<B> {
    pub(super) fn new(body: B, most: u64, patience: Duration, network: &Network) -> Self {
        Self { body, come: BytesMut::new(), most, patience, network: network.clone(), place: None }
    }

    /// The one message that there is.
    ///
    /// # Errors
    /// There is none, or another, or it does not come.
    pub(super) async fn only(&mut self) -> Result<Bytes, Status> {
        let message = self.next().await?.ok_or_else(|| Status::malformed("there is no message"))?;
        match self.next().await? {
            None => Ok(message),
            Some(_) => Err(Status::malformed("there is more than one message")),
        }
    }

    /// The next one; `None` at the end.
    ///
    /// # Errors
    /// It is malformed, too long, or does not come.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Status> {
        let end = Instant::now() + PAUSES * self.patience;
        loop {
            if let Some(message) = self.message()? {
                return Ok(Some(message));
            }
            let pause = Instant::now() + self.patience;
            match timeout_at(pause.min(end).into(), self.body.frame()).await.map_err(|_| too_slow())? {
                Some(frame) => {
                    let data = frame.map_err(|_| Status::malformed("the message broke off"))?.into_data();
                    self.come.extend_from_slice(&data.unwrap_or_default());
                }
                None if self.come.is_empty() => return Ok(None),
                None => return Err(Status::malformed("the last message is not whole")),
            }
        }
    }

    /// One that has come.
    fn message(&mut self) -> Result<Option<Bytes>, Status> {
        let Some(head) = self.come.first_chunk::<HEAD>() else { return Ok(None) };
        if head[0] != 0 {
            let message = "messages are not taken compressed";
            return Err(Status::new(Code::Unimplemented, StatusCode::UNSUPPORTED_MEDIA_TYPE, "COMPRESSED", message));
        }
        let length = (&head[1..]).get_u32();
        if u64::from(length) > self.most {
            let (http, message) = (StatusCode::PAYLOAD_TOO_LARGE, format!("at most {} bytes are taken", self.most));
            return Err(Status::new(Code::ResourceExhausted, http, "BODY_TOO_LARGE", &message));
        }
        // Not for what is only announced: who sends nothing takes no place of others.
        let is_long = u64::from(length) > SMALL_BYTES && self.come.len() as u64 > SMALL_BYTES;
        if is_long && self.place.is_none() {
            self.place = Some(LONG_MESSAGES.take(&self.network).ok_or_else(too_many)?);
        }
        let whole = HEAD + length as usize;
        if self.come.len() < whole {
            return Ok(None);
        }
        let mut message = self.come.split_to(whole);
        message.advance(HEAD);
        Ok(Some(message.freeze()))
    }
}

fn too_slow() -> Status {
    let message = "the message made no progress for too long";
    Status::new(Code::DeadlineExceeded, StatusCode::REQUEST_TIMEOUT, "BODY_TOO_SLOW", message)
}

fn too_many() -> Status {
    let message = "as many long messages are under way as there may be; nothing was done";
    Status::new(Code::Unavailable, StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED", message).again(Duration::from_secs(1))
}

/// A message as it is sent.
pub(super) fn framed(message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(HEAD + message.len());
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(message.len()).expect("answers are taken whole, and are much shorter"));
    bytes.put_slice(message);
    bytes.freeze()
}

#[cfg(test)]
mod tests;
