//! JSON lines: a body of many JSON texts, one a line.

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use super::body::{arriving, essence_of};
use crate::Problem;

/// The media type of JSON lines.
pub const MEDIA_TYPE: &str = "application/x-ndjson";

/// A body of JSON lines, of at most `LIMIT` bytes: none of them is read yet. Its bytes are the request's share of what
/// bodies may hold, for as long as the request lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines<const LIMIT: usize>(pub Bytes);

impl<const LIMIT: usize> Lines<LIMIT> {
    /// The lines that are not blank, each with its number from 1.
    pub fn each(&self) -> impl Iterator<Item = (usize, Bytes)> {
        let lines = self.0.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        (1..).zip(lines).filter(|(_, line)| !line.is_empty()).map(|(number, line)| (number, self.0.slice_ref(line)))
    }
}

impl<const LIMIT: usize> FromRequest for Lines<LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_lines = essence_of(request.headers().get(CONTENT_TYPE)) == MEDIA_TYPE;
        let body = arriving(request, payload, LIMIT);
        async move {
            if !is_lines {
                let detail = "the body must be JSON lines, with Content-Type: application/x-ndjson";
                return Err(Problem::unsupported_media_type(detail));
            }
            body.await.map(Self)
        }
        .boxed_local()
    }
}
