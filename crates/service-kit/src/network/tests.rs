use actix_web::test::TestRequest;

use super::*;

/// Where a request from `192.0.2.1` comes from, with these lines of `X-Forwarded-For`.
fn network(trusted: &str, forwarded: &[&str]) -> String {
    let trusted: TrustedProxies = trusted.parse().unwrap();
    let mut request = TestRequest::default().peer_addr("192.0.2.1:99".parse().unwrap()).app_data(trusted);
    for line in forwarded {
        request = request.append_header(("x-forwarded-for", *line));
    }
    Network::of(&request.to_http_request()).0
}

#[test]
fn only_our_own_proxies_are_believed() {
    assert_eq!(network("", &[]), "192.0.2.1");
    assert_eq!(network("", &["198.51.100.7"]), "192.0.2.1", "any caller can send that");
    assert_eq!(network("192.0.2.1", &["203.0.113.9, 198.51.100.7"]), "198.51.100.7");
    assert_eq!(network("192.0.2.1", &["203.0.113.9", "198.51.100.7"]), "198.51.100.7", "two lines are one list");
    assert_eq!(network("192.0.2.1", &[]), "192.0.2.1");
}

#[test]
fn the_last_address_that_is_not_a_proxy_counts() {
    let ours = "192.0.2.0/24, 10.0.0.0/8";
    assert_eq!(network(ours, &["203.0.113.9, 198.51.100.7, 10.1.2.3, 192.0.2.77"]), "198.51.100.7");
    assert_eq!(network(ours, &["198.51.100.7"]), "198.51.100.7");
    assert_eq!(network(ours, &["10.0.0.1, 192.0.2.2"]), "10.0.0.1", "a request of a proxy of ours");
    assert_eq!(network("::ffff:192.0.2.1,192.0.2.1", &["198.51.100.7"]), "198.51.100.7");
}

#[test]
fn addresses_are_read_as_proxies_write_them() {
    for written in
        ["198.51.100.7:4711", " 198.51.100.7 ", "\"198.51.100.7\"", "::ffff:198.51.100.7", "[::ffff:c633:6407]"]
    {
        assert_eq!(network("192.0.2.1", &[written]), "198.51.100.7", "{written}");
    }
    for written in ["2001:db8:1:2::9", "[2001:db8:1:2::9]", "[2001:db8:1:2::9]:443", "\"[2001:db8:1:2::9]:443\""] {
        assert_eq!(network("192.0.2.1", &[written]), "2001:db8:1:2::/64", "{written}");
    }
}

#[test]
fn behind_what_cannot_be_read_is_only_the_proxy() {
    for written in ["nonsense", "unknown", "198.51.100.7, unknown", "198.51.100.7, ", "198.51.100.7:x", "_hidden"] {
        assert_eq!(network("192.0.2.1", &[written]), "192.0.2.1", "{written}");
    }
    assert_eq!(network("192.0.2.1,10.0.0.1", &["unknown, 10.0.0.1"]), "10.0.0.1");
}

#[test]
fn a_network_of_ipv6_is_one_subscriber() {
    let of = |text: &str| network("192.0.2.1", &[text]);
    assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
    assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
}

#[test]
fn a_list_that_is_none_is_refused() {
    for bad in ["proxy.example.org", "10.0.0.0/33", "10.0.0.1:80", "1"] {
        assert!(bad.parse::<TrustedProxies>().unwrap_err().contains(bad), "{bad}");
    }
}

/// It is said once, however many workers and requests there are.
#[test]
fn a_proxy_that_was_forgotten_is_noticed_once() {
    let notices = |proxies: &TrustedProxies, peer: &str, forwarded: bool| {
        let mut request = TestRequest::default();
        if forwarded {
            request = request.insert_header(("X-Forwarded-For", "198.51.100.7"));
        }
        proxies.clone().notice(peer.parse().unwrap(), &request.to_http_request())
    };
    for near in ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "169.254.0.1", "::1", "fd00::1"] {
        let proxies = TrustedProxies::default();
        assert!(!notices(&proxies, near, false), "{near}: a caller who is near");
        assert!(notices(&proxies, near, true), "{near}");
        assert!(!notices(&proxies, near, true), "{near}: again");
    }
    for far in ["198.51.100.1", "100.128.0.1", "172.32.0.1", "2001:db8::1"] {
        assert!(!notices(&TrustedProxies::default(), far, true), "{far}: any client can send the header");
    }
}
