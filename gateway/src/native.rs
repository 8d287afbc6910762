//! Native requests that another interface of the gateway makes of a client's: each goes the way that the client's own
//! would have gone, but is not counted again.

use bytes::{Bytes, BytesMut};
use futures::FutureExt as _;
use http::{Request, Response};
use http_body_util::BodyExt as _;

use crate::answer::Body;
use crate::forward::Given;
use crate::interface::{Answered, Services};
use crate::pipeline::Pipeline;
use crate::refusal::Refusal;
use crate::routes::Found;
use crate::seen::Seen;

/// A longer answer is not taken whole.
const LONGEST_BYTES: usize = 16 * 1024 * 1024;

impl Pipeline {
    /// What the service answers to this native request, whole. The client's token and all else that the service is to
    /// know is in its headers; ids and the time that is left are put there. Whoever asks has counted the client's
    /// request.
    ///
    /// # Errors
    /// There is no such route, or no answer.
    pub(crate) async fn ask(&self, seen: &Seen, request: Request<Bytes>) -> Result<Response<Bytes>, Refusal> {
        let (parts, body) = request.into_parts();
        let Found::Route(route) = self.routes.find(&parts.method, parts.uri.path()) else {
            return Err(Refusal::no_such_address());
        };
        let (parts, body) = self.passed_on(seen, route, parts, Given::There(body)).await?.into_parts();
        Ok(Response::from_parts(parts, whole(body).await?))
    }
}

async fn whole(mut body: Body) -> Result<Bytes, Refusal> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Refusal::garbage())?.into_data() {
            whole.extend_from_slice(&data);
        }
        if whole.len() > LONGEST_BYTES {
            return Err(Refusal::garbage());
        }
    }
    Ok(whole.freeze())
}

impl Services for Pipeline {
    fn ask<'a>(&'a self, seen: &'a Seen, request: Request<Bytes>) -> Answered<'a> {
        Self::ask(self, seen, request).boxed()
    }
}
