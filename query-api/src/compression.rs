//! Answers are compressed for readers who say that they can read it. A compressed answer is another representation, so
//! it has an entity tag of its own: that of the plain one, with a suffix. Either is good in `If-None-Match` and
//! `If-Match`.

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CONTENT_ENCODING, ETAG, Encoding, Header as _, HeaderMap, HeaderName, HeaderValue,
    IF_MATCH, IF_NONE_MATCH, VARY,
};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::web::{self, ServiceConfig};

/// A shorter answer fits into the packet that its head needs anyway.
const WORTH_BYTES: u64 = 1024;
/// What the tag of a compressed answer ends with.
const SUFFIX: &str = "-gzip\"";

const IDENTITY: HeaderValue = HeaderValue::from_static("identity");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// Registers what `configure` does, with answers that are compressed. All that is registered after it is not reached.
pub(crate) fn compressed(config: &mut ServiceConfig, configure: impl FnOnce(&mut ServiceConfig)) {
    let scope = web::scope("").configure(configure);
    config.service(scope.wrap(from_fn(spare)).wrap(Compress::default()).wrap(from_fn(tell)));
}

/// What is not worth it goes through as it is.
async fn spare(request: ServiceRequest, next: Next<impl MessageBody>) -> Answered<impl MessageBody> {
    let mut response = next.call(request).await?;
    if matches!(response.response().body().size(), BodySize::Sized(length) if length < WORTH_BYTES) {
        response.headers_mut().insert(CONTENT_ENCODING, IDENTITY);
    }
    Ok(response)
}

/// Between a reader and what compresses: which of them it is asked to be, and by which tag it is known.
async fn tell(mut request: ServiceRequest, next: Next<impl MessageBody>) -> Answered<impl MessageBody> {
    let accepted = accepts_gzip(&request);
    let headers = request.headers_mut();
    let asked: Vec<HeaderValue> = headers.get_all(IF_NONE_MATCH).cloned().collect();
    if accepted {
        headers.insert(ACCEPT_ENCODING, GZIP);
        plain_tags(headers, &IF_MATCH);
        plain_tags(headers, &IF_NONE_MATCH);
    } else {
        headers.remove(ACCEPT_ENCODING);
    }
    let mut response = next.call(request).await?;
    let status = response.status();
    let headers = response.headers_mut();
    let compressed = headers.get(CONTENT_ENCODING) == Some(&GZIP);
    if headers.get(CONTENT_ENCODING) == Some(&IDENTITY) {
        headers.remove(CONTENT_ENCODING);
    }
    if let Some(tag) = tag_with_suffix(headers).filter(|_| accepted)
        && (compressed || (status == 304 && asked.iter().any(|tags| names(tags, &tag))))
    {
        headers.insert(ETAG, tag);
    }
    if !compressed {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
    Ok(response)
}

type Answered<B> = Result<ServiceResponse<B>, Error>;

/// A header that cannot be read asks for nothing.
fn accepts_gzip(request: &ServiceRequest) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    let accepted = AcceptEncoding::parse(request).ok().filter(|_| request.headers().contains_key(ACCEPT_ENCODING));
    accepted.and_then(|accepted| accepted.negotiate(offered.iter())) == Some(Encoding::gzip())
}

/// Whether a list of tags has this one in it.
fn names(tags: &HeaderValue, tag: &HeaderValue) -> bool {
    tags.to_str().is_ok_and(|tags| tag.to_str().is_ok_and(|tag| tags.contains(tag)))
}

/// The tags that are asked about, as those who answer know them.
fn plain_tags(headers: &mut HeaderMap, name: &HeaderName) {
    let asked: Vec<HeaderValue> = headers.get_all(name).cloned().collect();
    headers.remove(name);
    for tags in asked {
        let plain = tags.to_str().ok().and_then(|tags| HeaderValue::try_from(tags.replace(SUFFIX, "\"")).ok());
        headers.append(name.clone(), plain.unwrap_or(tags));
    }
}

fn tag_with_suffix(headers: &HeaderMap) -> Option<HeaderValue> {
    let tag = headers.get(ETAG)?.to_str().ok()?.strip_suffix('"')?;
    HeaderValue::try_from(format!("{tag}{SUFFIX}")).ok()
}
