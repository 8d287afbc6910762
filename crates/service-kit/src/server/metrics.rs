use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};

use crate::{Methods, telemetry};

/// Registers `/metrics`. It has an address of its own, for what it counts is the operator's to know: which routes are
/// used how often, how many log-ins fail.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(Methods::at("/metrics").get(metrics).build());
}

async fn metrics() -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4")).body(telemetry::render())
}
