use actix_web::http::header::{HeaderName, HeaderValue};

use super::*;

const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn headers(text: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static(TRACEPARENT), HeaderValue::from_str(text).unwrap());
    headers
}

#[test]
fn a_trace_is_continued_under_a_new_span() {
    let given = TraceContext::parse(GIVEN).unwrap();
    assert_eq!(given.traceparent(), GIVEN);
    let ours = TraceContext::continuing(&headers(GIVEN));
    assert_eq!((ours.trace_id, ours.sampled), (given.trace_id, true));
    assert_ne!(ours.span_id, given.span_id);
}

#[test]
fn a_broken_header_begins_a_new_trace() {
    for text in [
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "+1-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ] {
        assert_eq!(TraceContext::parse(text), None, "{text}");
    }
    assert!(TraceContext::continuing(&headers("x")).trace_id > 0);
}

#[test]
fn a_later_version_may_say_more() {
    assert!(TraceContext::parse("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more").is_some());
}
