use super::*;

fn found(method: &Method, path: &str) -> (Endpoint, &'static str, Class) {
    let Asked { endpoint, pattern, class } = find(method, path).unwrap_or_else(|| panic!("{method} {path}"));
    (endpoint, pattern, class)
}

#[test]
fn every_operation_of_the_contract_is_an_endpoint() {
    let operations = [
        ("POST", "/users/login"),
        ("POST", "/users"),
        ("GET", "/user"),
        ("PUT", "/user"),
        ("GET", "/profiles/{username}"),
        ("POST", "/profiles/{username}/follow"),
        ("DELETE", "/profiles/{username}/follow"),
        ("GET", "/articles/feed"),
        ("GET", "/articles"),
        ("POST", "/articles"),
        ("GET", "/articles/{slug}"),
        ("PUT", "/articles/{slug}"),
        ("DELETE", "/articles/{slug}"),
        ("GET", "/articles/{slug}/comments"),
        ("POST", "/articles/{slug}/comments"),
        ("DELETE", "/articles/{slug}/comments/{id}"),
        ("POST", "/articles/{slug}/favorite"),
        ("DELETE", "/articles/{slug}/favorite"),
        ("GET", "/tags"),
    ];
    for (method, path) in operations {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let path = format!("/api{path}");
        assert_eq!(found(&method, &path).1, path, "{method}");
    }
}

#[test]
fn a_slash_at_the_end_makes_no_difference_and_one_in_between_does() {
    assert_eq!(found(&Method::GET, "/api/articles/").0, Endpoint::Articles);
    assert_eq!(found(&Method::HEAD, "/api/articles/a%2Fb").0, Endpoint::Article("a%2Fb".into()));
    assert_eq!(found(&Method::DELETE, "/api/articles/feed").0, Endpoint::DeleteArticle("feed".into()));
    for path in ["/api", "/api/", "/api//articles", "/api/articles//", "/apiarticles", "/api/articles/a/b"] {
        assert!(find(&Method::GET, path).is_none(), "{path}");
    }
    assert!(is_under("/api") && is_under("/api/nothing") && !is_under("/apis"));
}

#[test]
fn what_is_counted_how_follows_what_is_asked() {
    assert_eq!(found(&Method::POST, "/api/users").2, Class::Attempts);
    assert_eq!(found(&Method::POST, "/api/users/login").2, Class::Attempts);
    assert_eq!(found(&Method::POST, "/api/articles").2, Class::Writes);
    assert_eq!(found(&Method::GET, "/api/articles/feed").2, Class::Reads);
}

#[test]
fn the_methods_of_an_address_are_told() {
    assert_eq!(methods("/api/articles/x").unwrap(), "DELETE, GET, HEAD, OPTIONS, PUT");
    assert_eq!(methods("/api/users/login").unwrap(), "OPTIONS, POST");
    assert_eq!(methods("/api/nothing"), None);
}
