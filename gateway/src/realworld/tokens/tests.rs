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

/// Only what makes it good tells one token from another: with all else changed it is counted as the same.
#[test]
fn a_token_is_known_by_its_secret_whatever_else_is_in_it() {
    let token = |jti: &str, sub: u128, signature: &str| {
        let claims = json!({"sub": Uuid::from_u128(sub), "jti": jti}).to_string();
        format!("e30.{}.{signature}", URL_SAFE_NO_PAD.encode(claims))
    };
    assert_eq!(digest(&token("a", 1, "x")), digest(&token("a", 2, "y")));
    assert_ne!(digest(&token("a", 1, "x")), digest(&token("b", 1, "x")));
    assert_eq!(digest("e30.e30.x"), None);
}
