use actix_web::test::TestRequest;

use super::*;

fn network(proxies: usize, forwarded: Option<&str>) -> String {
    let mut request = TestRequest::default().peer_addr("192.0.2.1:99".parse().unwrap()).app_data(Proxies(proxies));
    if let Some(forwarded) = forwarded {
        request = request.insert_header(("x-forwarded-for", forwarded));
    }
    Network::of(&request.to_http_request()).0
}

#[test]
fn only_our_own_proxies_are_believed() {
    assert_eq!(network(0, None), "192.0.2.1");
    assert_eq!(network(0, Some("198.51.100.7")), "192.0.2.1", "any caller can send that");
    assert_eq!(network(1, Some("203.0.113.9, 198.51.100.7")), "198.51.100.7");
    assert_eq!(network(2, Some("203.0.113.9, 198.51.100.7")), "203.0.113.9");
    assert_eq!(network(1, None), "192.0.2.1");
    assert_eq!(network(1, Some("nonsense")), "192.0.2.1");
}

#[test]
fn a_network_of_ipv6_is_one_subscriber() {
    let of = |text: &str| Network::of_address(text.parse().ok());
    assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
    assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
}
