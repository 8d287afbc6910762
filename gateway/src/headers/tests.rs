use service_kit::network::TrustedProxies;

use super::*;

fn sent_on(peer: &str, trusted: &str, headers: &[(&str, &str)]) -> HeaderMap {
    let mut request = http::Request::get("/v1/posts").header("host", "blog.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let parts = request.body(()).unwrap().into_parts().0;
    let trusted: TrustedProxies = trusted.parse().unwrap();
    let origin = Origin::of(&parts, peer.parse().unwrap(), &trusted);
    let (trace, request_id) = (TraceContext::begin(), HeaderValue::from_static("one"));
    let mut headers = parts.headers;
    Told { origin: &origin, trace, request_id: &request_id, left: Duration::from_millis(1500) }.apply(&mut headers);
    headers
}

#[test]
fn what_concerns_one_connection_stays_there() {
    let headers = sent_on(
        "192.0.2.1:9",
        "",
        &[
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "gzip;q=0.5, trailers"),
            ("upgrade", "websocket"),
            ("proxy-authorization", "Basic x"),
            ("expect", "100-continue"),
            ("x-end-to-end", "1"),
        ],
    );
    for name in ["connection", "x-hop", "keep-alive", "upgrade", "proxy-authorization", "expect"] {
        assert!(!headers.contains_key(name), "{name}");
    }
    assert_eq!(headers["te"], "trailers");
    assert_eq!(headers["x-end-to-end"], "1");
    assert_eq!(headers["inklog-timeout-ms"], "1500");
}

#[test]
fn what_a_caller_says_of_itself_is_replaced() {
    let says = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https"), ("forwarded", "for=203.0.113.9")];
    let headers = sent_on("192.0.2.1:9", "", &says);
    assert_eq!(headers["x-forwarded-for"], "192.0.2.1");
    assert_eq!(headers["x-forwarded-proto"], "http");
    assert_eq!(headers["forwarded"], "for=192.0.2.1;proto=http;host=\"blog.example\"");
    let headers = sent_on("192.0.2.1:9", "192.0.2.0/24", &says);
    assert_eq!(headers["x-forwarded-for"], "203.0.113.9");
    assert_eq!(headers["x-forwarded-proto"], "https");
    let headers = sent_on("[2001:db8::7]:9", "", &[]);
    assert_eq!(headers["forwarded"], "for=\"[2001:db8::7]\";proto=http;host=\"blog.example\"");
    assert_eq!(headers["x-forwarded-host"], "blog.example");
}

#[test]
fn an_answer_keeps_what_it_says_itself() {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    secure(&mut headers, false);
    assert_eq!(headers[CONTENT_SECURITY_POLICY], "sandbox");
    assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
    secure(&mut headers, true);
    assert!(headers.contains_key(STRICT_TRANSPORT_SECURITY));
}
