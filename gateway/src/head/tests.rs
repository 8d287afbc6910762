use http::Request;

use super::*;

fn checked(uri: &str, headers: &[(&str, &str)]) -> Result<(), String> {
    let mut request = Request::get(uri).header("host", "blog.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    check(&request.body(()).unwrap().into_parts().0).map_err(|refusal| format!("{} {refusal:?}", refusal.status))
}

#[test]
fn addresses_are_utf8_and_lead_where_they_say() {
    for good in ["/", "/v1/posts/gr%C3%BC%C3%9Fe", "/v1/posts?tag=%FF", "http://blog.example/v1/posts", "/v1/..a"] {
        assert_eq!(checked(good, &[]), Ok(()), "{good}");
    }
    for bad in ["/v1/%FF", "/v1/%", "/v1/%4", "/v1/%zz", "/v1/%00", "/v1/%0d%0a", "/v1/../me", "/v1/%2e%2E/me", "/./"] {
        assert!(checked(bad, &[]).is_err_and(|why| why.starts_with("400")), "{bad}");
    }
    assert!(checked(&format!("/{}", "a".repeat(9_000)), &[]).is_err_and(|why| why.starts_with("414")));
    assert!(checked("ftp://blog.example/", &[]).is_err());
}

#[test]
fn what_could_be_read_in_two_ways_is_not_read() {
    for bad in [
        &[("host", "other.example")][..],
        &[("content-length", "1"), ("content-length", "1")],
        &[("authorization", "Bearer a"), ("authorization", "Bearer b")],
        &[("transfer-encoding", "gzip, chunked")],
        &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
        &[("transfer-encoding", "chunked"), ("content-length", "3")],
        &[("transfer-encoding", "xchunked")],
    ] {
        assert!(checked("/v1/posts", bad).is_err_and(|why| why.starts_with("400")), "{bad:?}");
    }
    assert_eq!(checked("/v1/posts", &[("transfer-encoding", "Chunked")]), Ok(()));
}

#[test]
fn a_service_can_take_all_headers_that_pass() {
    let names: Vec<String> = (0..80).map(|number| format!("x-{number}")).collect();
    let headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(checked("/v1/posts", &headers[..79]), Ok(()), "with Host there are 80");
    assert!(checked("/v1/posts", &headers).is_err_and(|why| why.starts_with("431")));
}
