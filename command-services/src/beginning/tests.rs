use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse};
use domain::posts::Posts;
use event_log::NoForward;
use event_log::partition::Limits;
use event_log::record::Record;
use service_kit::{Methods, Permit};

use super::*;
use crate::access;

#[actix_web::test]
async fn who_has_not_read_what_was_there_answers_nothing_that_depends_on_it() {
    let log = EventLog::<Posts>::new(1, "here", Limits::default(), Arc::new(NoForward));
    log.catch_up_to(&[2]);
    let beginning = Beginning::of(vec![behind(&log)]);
    let route =
        |path| Methods::at(path).get(async || HttpResponse::Ok()).on(actix_web::http::Method::POST, async || "");
    let app = App::new().app_data(beginning).app_data(Permit(access::permit));
    let app = app.service(route("/v1/register").build()).service(route("/.well-known/jwks.json").build());
    let app = init_service(app.service(route("/readyz").build())).await;
    let ask = async |request: TestRequest| call_service(&app, request.to_request()).await;
    let register = || TestRequest::post().uri("/v1/register");

    let early = ask(register()).await;
    assert_eq!(early.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(early.headers().get("retry-after").unwrap(), "1");
    for path in ["/.well-known/jwks.json", "/readyz"] {
        assert_eq!(ask(TestRequest::get().uri(path)).await.status(), StatusCode::OK, "{path}");
    }

    log.records_read(0, [(0, Record::Foreign), (1, Record::Foreign)]);
    assert_eq!(ask(register()).await.status(), StatusCode::OK);
}
