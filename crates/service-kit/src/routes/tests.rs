use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service};
use serde_json::Value;
use utoipa::OpenApi;

use super::*;
use crate::{Problem, ProblemDetails};

/// Lists things.
#[utoipa::path(get, path = "/things", tag = "things", responses((status = 200)))]
async fn list() -> &'static str {
    "list"
}

/// Reads a thing.
#[utoipa::path(get, path = "/things/{id}", tag = "things",
    responses((status = 200), (status = 404, description = "No."), (status = 428)))]
async fn read() -> &'static str {
    "thing"
}

/// Removes a thing.
#[utoipa::path(delete, path = "/things/{id}", tag = "things", responses((status = 204)))]
async fn remove() -> &'static str {
    "removed"
}

fn routes() -> Vec<Route> {
    let mut routes = routes! {
        Access::Anyone => list, read;
        Access::Account, Quota::Exports => remove;
    };
    routes[0].always = true;
    routes
}

#[derive(OpenApi)]
#[openapi(components(schemas(ProblemDetails)))]
struct Document;

#[actix_web::test]
async fn the_methods_of_one_path_are_one_resource() {
    let app = init_service(App::new().configure(|config| configure(&routes(), config))).await;
    for (method, uri, status) in
        [("GET", "/things", 200), ("HEAD", "/things/1", 200), ("DELETE", "/things/1", 401), ("PUT", "/things/1", 405)]
    {
        let request = TestRequest::with_uri(uri).method(method.parse().unwrap()).to_request();
        let response = call_service(&app, request).await;
        assert_eq!(response.status(), status, "{method} {uri}");
        if status == 405 {
            assert_eq!(response.headers().get("allow").unwrap(), "GET, HEAD, DELETE");
        }
    }
}

#[actix_web::test]
async fn a_shut_gate_stops_what_does_not_answer_always() {
    let shut = Gate::new(|| Err(Problem::unavailable("not yet", 1)));
    let app = init_service(App::new().app_data(shut).configure(|config| configure(&routes(), config))).await;
    for (method, uri, status) in [("GET", "/things", 200), ("GET", "/things/1", 503), ("DELETE", "/things/1", 401)] {
        let request = TestRequest::with_uri(uri).method(method.parse().unwrap()).to_request();
        assert_eq!(call_service(&app, request).await.status(), status, "{method} {uri}");
    }
}

#[test]
fn a_problem_needs_no_more_than_its_status_and_meaning() {
    let mut document = Document::openapi();
    describe(&mut document, &routes(), &[("404", "There is no such thing."), ("503", "Not now.")]);
    let document: Value = serde_json::from_str(&document.to_json().unwrap()).unwrap();
    let responses = &document["paths"]["/things/{id}"]["get"]["responses"];
    assert_eq!(responses["404"]["description"], "No.");
    assert_eq!(responses["503"]["description"], "Not now.");
    assert_eq!(responses["428"]["description"], "If-Match is needed.");
    let schema = "/content/application~1problem+json/schema/$ref";
    for status in ["404", "428", "503"] {
        assert_eq!(responses[status].pointer(schema).unwrap(), "#/components/schemas/ProblemDetails");
    }
    assert!(responses["200"]["content"].is_null());
}

#[test]
fn the_table_says_who_may_ask() {
    assert!(table(&routes()).ends_with(
        "| `GET /things` | reads | yes | yes | yes | yes | yes | yes |\n\
         | `GET /things/{id}` | reads | yes | yes | yes | yes | yes | yes |\n\
         | `DELETE /things/{id}` | exports |  | yes | yes | yes | yes | yes |\n"
    ));
}

#[utoipa::path(method(get, head), path = "/twice", responses((status = 200)))]
async fn twice() -> &'static str {
    "here"
}

#[test]
#[should_panic(expected = "the handler of /twice has not exactly one method")]
fn a_handler_has_one_method() {
    let _ = routes! { Access::Anyone => twice; };
}
