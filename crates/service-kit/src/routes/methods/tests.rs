use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service};

use super::*;

#[actix_web::test]
async fn other_methods_are_told_which_there_are() {
    let resource = Methods::at("/a").get(async || "read").on(Method::PUT, async || "written").build();
    let app = init_service(App::new().service(resource)).await;
    for (method, status) in [(Method::GET, 200), (Method::HEAD, 200), (Method::PUT, 200), (Method::DELETE, 405)] {
        let request = TestRequest::with_uri("/a").method(method.clone()).to_request();
        let response = call_service(&app, request).await;
        assert_eq!(response.status(), status, "{method}");
        if status == 405 {
            assert_eq!(response.headers().get("allow").unwrap(), "GET, HEAD, PUT");
        }
    }
}
