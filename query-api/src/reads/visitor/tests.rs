use actix_web::http::Method;
use actix_web::test::TestRequest;
use uuid::Uuid;

use super::{Visitor, is_a_reader};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

fn by(agent: &str) -> TestRequest {
    TestRequest::get().insert_header(("User-Agent", agent)).peer_addr("192.0.2.7:1234".parse().unwrap())
}

#[test]
fn persons_read_and_programs_do_not() {
    let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.6 Mobile/15E148 Safari/604.1";
    for agent in [FIREFOX, phone] {
        assert!(is_a_reader(&by(agent).to_http_request()), "{agent}");
    }
    let google = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    for agent in
        [google, "curl/8.5.0", "python-requests/2.32.0", "Feedly/1.0 (+http://www.feedly.com/fetcher.html)", ""]
    {
        assert!(!is_a_reader(&by(agent).to_http_request()), "{agent}");
    }
    assert!(!is_a_reader(&TestRequest::get().to_http_request()));
    assert!(!is_a_reader(&by(FIREFOX).method(Method::HEAD).to_http_request()));
}

#[test]
fn what_is_fetched_ahead_is_not_read() {
    for (name, value) in [
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Purpose", "prefetch"),
        ("X-Purpose", "preview"),
        ("X-Moz", "prefetch"),
    ] {
        assert!(!is_a_reader(&by(FIREFOX).insert_header((name, value)).to_http_request()), "{name}");
    }
}

#[test]
fn a_visitor_is_the_same_for_one_post_network_and_program_alone() {
    let (post, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let visitor = Visitor::of(&by(FIREFOX).to_http_request(), post);
    assert_eq!(visitor, Visitor::of(&by(FIREFOX).insert_header(("Accept", "*/*")).to_http_request(), post));
    assert_ne!(visitor, Visitor::of(&by(FIREFOX).to_http_request(), other));
    assert_ne!(visitor, Visitor::of(&by("Mozilla/5.0").to_http_request(), post));
    let elsewhere = by(FIREFOX).peer_addr("192.0.2.8:1234".parse().unwrap());
    assert_ne!(visitor, Visitor::of(&elsewhere.to_http_request(), post));
}
