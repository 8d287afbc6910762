use super::*;

fn found(method: &Method, path: &str) -> (Name, Class, &'static str) {
    let routes = Routes::of_services().unwrap();
    match routes.find(method, path) {
        Found::Route(route) => (route.upstream, route.class, route.pattern),
        other => panic!("{method} {path}: {other:?}"),
    }
}

#[test]
fn one_address_may_have_several_services() {
    assert_eq!(found(&Method::GET, "/v1/posts/hello"), (Name::Queries, Class::Reads, "/v1/posts/{slug}"));
    assert_eq!(found(&Method::HEAD, "/v1/posts/hello").0, Name::Queries);
    assert_eq!(found(&Method::PATCH, "/v1/posts/x"), (Name::Publishing, Class::Writes, "/v1/posts/{id}"));
    assert_eq!(found(&Method::PUT, "/v1/categories/order").2, "/v1/categories/order");
    assert_eq!(found(&Method::PATCH, "/v1/categories/order").2, "/v1/categories/{id}");
    assert_eq!(found(&Method::GET, "/v1/categories/order").0, Name::Queries, "a category may be called so");
}

#[test]
fn classes_follow_what_a_route_does() {
    assert_eq!(found(&Method::POST, "/v1/register"), (Name::Identity, Class::Attempts, "/v1/register"));
    assert_eq!(found(&Method::POST, "/v1/media").1, Class::Uploads);
    assert_eq!(found(&Method::POST, "/v1/bulk").1, Class::Bulk);
    assert_eq!(found(&Method::GET, "/v1/me/export").1, Class::Exports);
    assert_eq!(found(&Method::POST, "/v1/comments/x").0, Name::Community);
    assert_eq!(found(&Method::GET, "/.well-known/jwks.json").0, Name::Identity);
}

#[test]
fn other_methods_are_named_and_other_addresses_are_nothing() {
    let routes = Routes::of_services().unwrap();
    let Found::Methods(allowed) = routes.find(&Method::POST, "/v1/archive") else { panic!("POST is none of them") };
    assert_eq!(allowed, "GET, HEAD, OPTIONS");
    for path in ["/", "/v1", "/v1/", "/v1/posts/", "/v1//posts", "/v1/nothing", "/v1/posts/a/b/c/d/e"] {
        assert!(matches!(routes.find(&Method::GET, path), Found::Nothing), "{path}");
    }
}
