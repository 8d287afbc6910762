//! What other interfaces of the gateway are made of: services, asked natively.

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};

use crate::refusal::Refusal;
use crate::seen::Seen;

/// What a native request is answered to, whole.
pub(crate) type Answered<'a> = BoxFuture<'a, Result<Response<Bytes>, Refusal>>;

/// Whoever answers native requests that are made of a client's.
pub(crate) trait Services: Sync {
    /// Asks the service whose route it is.
    fn ask<'a>(&'a self, seen: &'a Seen, request: Request<Bytes>) -> Answered<'a>;
}
