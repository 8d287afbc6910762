use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use serde_json::{Value, json};

use super::*;

fn from(peer: &str, method: Method) -> TestRequest {
    TestRequest::with_uri("/log").method(method).peer_addr(format!("{peer}:1234").parse().unwrap())
}

#[actix_web::test]
async fn what_is_logged_is_changed_from_the_same_machine_and_put_back() {
    telemetry::started("info");
    let app = init_service(App::new().configure(configure)).await;
    let filter =
        async |request: TestRequest| -> Value { read_body_json(call_service(&app, request.to_request()).await).await };
    assert_eq!(filter(from("127.0.0.1", Method::GET)).await, json!({"filter": "info"}));
    let debug = json!({"filter": "info,sqlx=debug"});
    assert_eq!(filter(from("127.0.0.1", Method::PUT).set_json(&debug)).await, debug);
    assert_eq!(filter(from("[::ffff:127.0.0.1]", Method::GET)).await, debug);
    assert_eq!(filter(from("[::1]", Method::DELETE)).await, json!({"filter": "info"}));
}

#[actix_web::test]
async fn what_is_no_filter_changes_nothing() {
    telemetry::started("info");
    let app = init_service(App::new().configure(configure)).await;
    for wrong in ["sqlx=loud", "a=b=c"] {
        let request = from("127.0.0.1", Method::PUT).set_json(json!({"filter": wrong}));
        let answer = call_service(&app, request.to_request()).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[actix_web::test]
async fn callers_over_the_network_are_answered_metrics_and_health_only() {
    telemetry::started("info");
    let app = init_service(App::new().configure(configure)).await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = from("10.0.0.7", method).set_json(json!({"filter": "trace"}));
        assert_eq!(call_service(&app, request.to_request()).await.status(), StatusCode::NOT_FOUND);
    }
    for path in ["/metrics", "/healthz"] {
        let request = TestRequest::with_uri(path).peer_addr("10.0.0.7:1234".parse().unwrap());
        assert_eq!(call_service(&app, request.to_request()).await.status(), StatusCode::OK);
    }
}
