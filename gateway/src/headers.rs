//! Headers on their way: what concerns one connection stays there, and what only the gateway can know it says anew.

use std::net::IpAddr;
use std::time::Duration;

use http::header::{
    CONNECTION, CONTENT_SECURITY_POLICY, EXPECT, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, TE, TRANSFER_ENCODING, UPGRADE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use service_kit::TraceContext;
use service_kit::trace::TRACEPARENT;

use crate::origin::Origin;

/// The request's id.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long the caller waits, in milliseconds: what is left of it is passed on, and services keep to it.
pub(crate) const TIMEOUT: HeaderName = HeaderName::from_static("inklog-timeout-ms");

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What concerns one connection (RFC 9110, 7.6.1), and what old clients send like it.
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What proxies say, and only ours may.
const FROM_PROXIES: [HeaderName; 7] = [
    FORWARDED,
    X_FORWARDED_FOR,
    X_FORWARDED_HOST,
    X_FORWARDED_PROTO,
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-prefix"),
    HeaderName::from_static("x-real-ip"),
];

/// Takes out what concerns one connection, whether it is named here or by `Connection`.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
}

/// What a service is told of a request, beside what the client says.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) origin: &'a Origin,
    pub(crate) trace: TraceContext,
    pub(crate) request_id: &'a HeaderValue,
    /// How long the answer may take.
    pub(crate) left: Duration,
}

impl Told<'_> {
    /// The headers of a request, as a service gets them.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        let takes_trailers = headers.get_all(TE).iter().any(|value| has_word(value, "trailers"));
        strip(headers);
        headers.remove(EXPECT);
        FROM_PROXIES.iter().for_each(|name| drop(headers.remove(name)));
        if takes_trailers {
            headers.insert(TE, HeaderValue::from_static("trailers"));
        }
        let mut say = |name: HeaderName, value: &str| {
            headers.extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
        };
        say(X_FORWARDED_FOR, &self.origin.address.to_string());
        say(X_FORWARDED_PROTO, self.origin.scheme());
        say(FORWARDED, &self.forwarded());
        if let Some(host) = &self.origin.host {
            headers.insert(X_FORWARDED_HOST, host.clone());
            headers.insert(HOST, host.clone());
        }
        headers.insert(REQUEST_ID, self.request_id.clone());
        for (name, value) in [
            (HeaderName::from_static(TRACEPARENT), self.trace.traceparent()),
            (TIMEOUT, self.left.as_millis().to_string()),
        ] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }

    /// RFC 7239.
    fn forwarded(&self) -> String {
        let node = match self.origin.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("\"[{address}]\""),
        };
        let host = self.origin.host.as_ref().and_then(|host| host.to_str().ok());
        let host = host.filter(|host| !host.contains(['"', '\\'])).map(|host| format!(";host=\"{host}\""));
        format!("for={node};proto={}{}", self.origin.scheme(), host.unwrap_or_default())
    }
}

fn has_word(value: &HeaderValue, word: &str) -> bool {
    let words = value.to_str().unwrap_or_default().split([',', ';']);
    words.map(str::trim).any(|found| found.eq_ignore_ascii_case(word))
}

/// What browsers are told with every answer, where the answer does not say it itself.
pub(crate) fn secure(headers: &mut HeaderMap, is_https: bool) {
    let mut say = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    say(X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(X_FRAME_OPTIONS, "DENY");
    say(REFERRER_POLICY, "no-referrer");
    say(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    if is_https {
        say(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

#[cfg(test)]
mod tests;
