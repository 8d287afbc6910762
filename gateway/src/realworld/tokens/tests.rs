use super::*;

fn of(value: &str) -> Option<String> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::try_from(value).unwrap());
    presented(&headers).map(str::to_owned)
}

#[test]
fn both_schemes_are_read_and_what_clients_without_a_token_send_is_none() {
    assert_eq!(of("Token a.b.c").as_deref(), Some("a.b.c"));
    assert_eq!(of("bearer  a.b.c ").as_deref(), Some("a.b.c"));
    for none in ["Token", "Token ", "Token undefined", "Token null", "Basic YTpi"] {
        assert_eq!(of(none), None, "{none}");
    }
}
