//! W3C trace context: which trace a request belongs to, so that a command can be followed from the browser to the row.

use std::fmt::Write as _;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};

use crate::Problem;

/// The header that carries it.
pub const TRACEPARENT: &str = "traceparent";

/// A place in a trace: this process's part of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: u128,
    /// This request's part.
    pub span_id: u64,
    /// Whether the trace is recorded.
    pub sampled: bool,
}

impl TraceContext {
    /// The next part of the caller's trace; a new trace where the header is missing or broken.
    #[must_use]
    pub fn continuing(headers: &HeaderMap) -> Self {
        let caller = headers.get(TRACEPARENT).and_then(|value| Self::parse(value.to_str().ok()?));
        caller.map_or_else(Self::begin, Self::child)
    }

    /// A trace of its own.
    #[must_use]
    pub fn begin() -> Self {
        Self { trace_id: rand::random::<u128>().max(1), span_id: rand::random::<u64>().max(1), sampled: true }
    }

    /// A further part of the same trace.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span_id: rand::random::<u64>().max(1), ..self }
    }

    /// Reads a `traceparent`; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let (version, trace_id, span_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // Version 00 ends here; a later one may say more, version ff never comes.
        if (version == "00" && parts.next().is_some()) || version == "ff" || hex(version, 2)? > 0xff {
            return None;
        }
        let span_id = u64::try_from(hex(span_id, 16)?).ok()?;
        let (trace_id, flags) = (hex(trace_id, 32)?, hex(flags, 2)?);
        (trace_id != 0 && span_id != 0).then_some(Self { trace_id, span_id, sampled: flags & 1 == 1 })
    }

    /// The header to send on.
    #[must_use]
    pub fn traceparent(&self) -> String {
        let mut text = String::with_capacity(55);
        let Self { trace_id, span_id, sampled } = self;
        write!(text, "00-{trace_id:032x}-{span_id:016x}-{:02x}", u8::from(*sampled)).expect("a String takes any text");
        text
    }
}

fn hex(text: &str, digits: usize) -> Option<u128> {
    let fine = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    fine.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

impl FromRequest for TraceContext {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().copied();
        ready(Ok(known.unwrap_or_else(|| Self::continuing(request.headers()))))
    }
}

#[cfg(test)]
mod tests;
