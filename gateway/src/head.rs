//! What is wrong with the head of a request, whoever it is for. Where two readers could understand two different
//! requests, the gateway understands none. Heads that are no HTTP, lines that are folded and lengths that contradict
//! each other are refused by hyper, before anything comes here; of `Content-Length` beside `Transfer-Encoding` it drops
//! the former, as RFC 9112 has it, and the gateway closes the connection after any request with the latter.

use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode, Version};
use percent_encoding::percent_decode_str;

use crate::refusal::Refusal;

/// A longer address is none of ours.
const LONGEST_URI: usize = 8 * 1024;
/// Services take 96; the gateway adds some.
const MOST_HEADERS: usize = 80;
/// Headers that one request has once at most.
const ONCE: [HeaderName; 4] = [HOST, CONTENT_LENGTH, CONTENT_TYPE, AUTHORIZATION];

/// Looks at a head.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(parts: &Parts) -> Result<(), Refusal> {
    if parts.method == Method::CONNECT {
        return Err(Refusal::method("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"));
    }
    if parts.uri.path_and_query().is_some_and(|path| path.as_str().len() > LONGEST_URI) {
        return Err(Refusal::new(StatusCode::URI_TOO_LONG, "malformed", "the address is too long"));
    }
    if parts.headers.len() > MOST_HEADERS {
        let (status, detail) = (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "there are more than 80 headers");
        return Err(Refusal::new(status, "malformed", detail));
    }
    if parts.uri.scheme_str().is_some_and(|scheme| scheme != "http" && scheme != "https") {
        return Err(Refusal::malformed("the scheme of the address is neither http nor https"));
    }
    path(parts.uri.path())?;
    if let Some(name) = ONCE.iter().find(|name| parts.headers.get_all(*name).iter().nth(1).is_some()) {
        return Err(Refusal::malformed(format!("the header {name} is there more than once")));
    }
    if parts.version == Version::HTTP_11 && !parts.headers.contains_key(HOST) {
        return Err(Refusal::malformed("the header Host is missing"));
    }
    framing(parts.version, &parts.headers)
}

fn path(path: &str) -> Result<(), Refusal> {
    if path == "*" {
        return Ok(());
    }
    let mut escapes = path.split('%').skip(1);
    let is_escape = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if !escapes.all(is_escape) {
        return Err(Refusal::malformed("the address has a percent sign without two digits"));
    }
    let decoded = percent_decode_str(path).decode_utf8().map_err(|_| Refusal::malformed("the address is no UTF-8"))?;
    if decoded.chars().any(char::is_control) {
        return Err(Refusal::malformed("the address has control characters"));
    }
    if decoded.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(Refusal::malformed("the address has segments that lead elsewhere"));
    }
    Ok(())
}

fn framing(version: Version, headers: &HeaderMap) -> Result<(), Refusal> {
    if version == Version::HTTP_2 {
        return Ok(());
    }
    let mut encodings = headers.get_all(TRANSFER_ENCODING).iter();
    let Some(encoding) = encodings.next() else { return Ok(()) };
    if encodings.next().is_some() || !encoding.as_bytes().eq_ignore_ascii_case(b"chunked") {
        return Err(Refusal::malformed("Transfer-Encoding is another than chunked"));
    }
    if headers.contains_key(CONTENT_LENGTH) {
        return Err(Refusal::malformed("there are both Transfer-Encoding and Content-Length"));
    }
    Ok(())
}

/// Whether this request is the last of its connection, whatever the client likes.
pub(crate) fn is_last(parts: &Parts) -> bool {
    let closes = parts.headers.get(CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
    parts.version != Version::HTTP_2 && (closes || parts.headers.contains_key(TRANSFER_ENCODING))
}

#[cfg(test)]
mod tests;
