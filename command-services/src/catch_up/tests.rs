use std::time::{Duration, Instant};

use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use domain::bookmarks::Bookmarks;
use domain::posts::Posts;
use event_log::partition::Limits;
use event_log::record::Record;
use event_log::{EventLog, NoForward};
use service_kit::{Access, routes};

use super::*;

#[utoipa::path(post, path = "/command", responses((status = 200)))]
async fn command() -> &'static str {
    "done"
}

#[actix_web::test]
async fn who_has_not_read_what_was_there_answers_nothing_that_depends_on_it() {
    let log = EventLog::<Posts>::new(1, "here", Limits::default(), Arc::new(NoForward));
    log.catch_up_to(&[2], Instant::now() + Duration::from_secs(60));
    let mut logs = Logs::default();
    logs.add(Some("publishing"), log.clone());
    // What the process only follows keeps no caller waiting.
    let followed = EventLog::<Bookmarks>::new(1, "here", Limits::default(), Arc::new(NoForward));
    followed.catch_up_to(&[2], Instant::now() + Duration::from_secs(60));
    logs.add(None, followed);
    let gate = CatchUp::of(logs).gate();
    let routes = routes! { Access::Anyone => command; };
    let app = App::new().app_data(gate).configure(|config| service_kit::routes::configure(&routes, config));
    let app = init_service(app).await;
    let ask = async || call_service(&app, TestRequest::post().uri("/command").to_request()).await;

    let early = ask().await;
    assert_eq!(early.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(early.headers().get("retry-after").unwrap(), "1");

    log.records_read(0, [(0, Record::Foreign), (1, Record::Foreign)]);
    assert_eq!(ask().await.status(), StatusCode::OK);
}

#[test]
fn only_the_keys_of_tokens_depend_on_no_log() {
    let always: Vec<&str> = crate::routes().iter().filter(|route| route.always).map(|route| route.path).collect();
    assert_eq!(always, ["/.well-known/jwks.json"]);
}
