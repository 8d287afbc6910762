use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use serde_json::{Value, json};

use super::*;

async fn readyz(health: &Health) -> (u16, Value) {
    let app = init_service(App::new().configure(|config| health.configure(config))).await;
    let response = call_service(&app, TestRequest::with_uri("/readyz").to_request()).await;
    (response.status().as_u16(), read_body_json(response).await)
}

#[actix_web::test]
async fn a_process_is_ready_when_all_it_needs_answers() {
    let health = Health::new(Shutdown::new());
    health.check("postgres", async || Ok(()));
    let flag = health.flag("log");
    let (status, body) = readyz(&health).await;
    assert_eq!(status, 503);
    let checks = json!([{"name": "postgres", "ready": true}, {"name": "log", "ready": false, "reason": "not ready"}]);
    assert_eq!(body, json!({"ready": false, "checks": checks}));
    flag.set(true);
    assert_eq!(readyz(&health).await.0, 200);
}

#[actix_web::test]
async fn a_check_that_hangs_has_failed() {
    let health = Health::new(Shutdown::new());
    health.check("redis", std::future::pending::<Result<(), String>>);
    assert_eq!(health.readiness().await.checks[0].reason.as_deref(), Some("no answer in time"));
}

#[actix_web::test]
async fn a_closing_process_is_alive_but_not_ready() {
    let shutdown = Shutdown::new();
    let health = Health::new(shutdown.clone());
    assert_eq!(readyz(&health).await.0, 200);
    shutdown.request();
    assert_eq!(readyz(&health).await.0, 503);
    let app = init_service(App::new().configure(|config| health.configure(config))).await;
    assert!(call_service(&app, TestRequest::with_uri("/healthz").to_request()).await.status().is_success());
}
