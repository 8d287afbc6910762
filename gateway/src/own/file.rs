//! Files that are the same for everybody for as long as a process lives.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, VARY,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::answer::{Response, bare, text};

/// Long enough for one visit, short enough for the next version.
const KEPT: &str = "public, max-age=300";

/// A file.
pub(crate) struct File {
    media_type: &'static str,
    bytes: &'static [u8],
    /// The same compressed, where that is much less.
    gzip: Option<&'static [u8]>,
    /// What a browser may do with it, where it is a page.
    policy: Option<&'static str>,
    /// Of the bytes, without quotes.
    tag: String,
}

impl File {
    /// A file that is sent as it is.
    pub(crate) fn new(media_type: &'static str, bytes: &'static [u8]) -> Self {
        let tag = URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..15]);
        Self { media_type, bytes, gzip: None, policy: None, tag }
    }

    /// The same with the compressed bytes for those who take them.
    pub(crate) fn compressed(media_type: &'static str, bytes: &'static [u8], gzip: &'static [u8]) -> Self {
        Self { gzip: Some(gzip), ..Self::new(media_type, bytes) }
    }

    /// The same as a page that may do just this.
    pub(crate) fn with_policy(self, policy: &'static str) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// The answer to a request for it.
    pub(crate) fn answer(&self, request: &Parts) -> Response {
        let gzip = self.gzip.filter(|_| says(request, &ACCEPT_ENCODING, "gzip"));
        let tag = format!("\"{}{}\"", self.tag, if gzip.is_some() { "-gzip" } else { "" });
        let is_known = says(request, &IF_NONE_MATCH, &tag) || says(request, &IF_NONE_MATCH, "*");
        let mut response = match gzip {
            _ if is_known => bare(StatusCode::NOT_MODIFIED),
            Some(gzip) => text(StatusCode::OK, self.media_type, Bytes::from_static(gzip)),
            None => text(StatusCode::OK, self.media_type, Bytes::from_static(self.bytes)),
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(KEPT));
        if let Ok(tag) = HeaderValue::try_from(tag) {
            headers.insert(ETAG, tag);
        }
        if self.gzip.is_some() {
            headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if gzip.is_some() && !is_known {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Some(policy) = self.policy {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        response
    }
}

/// Whether a list in a header has this entry. One with `q=0` is refused by it; other weights tell nothing here. Of an
/// entity tag it does not matter whether it is weak.
fn says(request: &Parts, name: &HeaderName, entry: &str) -> bool {
    let values = request.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| {
        let (found, weight) = part.split_once(';').unwrap_or((part, ""));
        let weight: String = weight.split_whitespace().collect();
        let refused = weight.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        let found = found.trim();
        !refused && (found.eq_ignore_ascii_case(entry) || found.strip_prefix("W/").is_some_and(|tag| tag == entry))
    })
}

#[cfg(test)]
mod tests;
