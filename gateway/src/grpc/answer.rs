//! Answers to calls: messages, and in the last headers how it ended.

use bytes::Bytes;
use futures::stream;
use futures::{Stream, StreamExt as _};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};

use super::frames::framed;
use super::metadata::GRPC;
use super::status::Status;
use crate::answer::{BoxError, Response, empty};

const ENCODINGS: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// One message, and that all is well.
pub(super) fn message(message: &[u8], metadata: HeaderMap, status: &Status) -> Response {
    let frames = [Frame::data(framed(message)), end(status)].map(Ok::<_, BoxError>);
    with_body(StreamBody::new(stream::iter(frames)).boxed_unsync(), metadata)
}

/// Messages as they come. One that is a status is the last.
pub(super) fn messages(messages: impl Stream<Item = Result<Bytes, Status>> + Send + 'static) -> Response {
    let frames = messages.map(|message| {
        Ok::<_, BoxError>(match message {
            Ok(message) => Frame::data(framed(&message)),
            Err(status) => end(&status),
        })
    });
    with_body(StreamBody::new(frames).boxed_unsync(), HeaderMap::new())
}

/// No message, and why.
pub(super) fn none(status: &Status, metadata: HeaderMap) -> Response {
    let mut response = with_body(empty(), metadata);
    status.show(response.headers_mut());
    response
}

fn end(status: &Status) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    status.show(&mut trailers);
    Frame::trailers(trailers)
}

fn with_body(body: crate::answer::Body, metadata: HeaderMap) -> Response {
    let mut response = Response::new(body);
    *response.headers_mut() = metadata;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(GRPC));
    response.headers_mut().insert(ENCODINGS, HeaderValue::from_static("identity"));
    response
}
