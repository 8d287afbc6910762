//! What only operators see and do, at an address of its own.

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::health::alive;
use crate::json::broken_rule;
use crate::telemetry::{self, LogFilter};
use crate::{Json, Methods, Problem};

/// Registers `/metrics`, for what it counts is the operator's to know: which routes are used how often, how many
/// log-ins fail; and `/log`, which says what is logged, and changes it. And `/healthz`, so that a process is
/// not taken for dead because its clients have taken all connections.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(Methods::at("/metrics").get(metrics).build());
    config.service(Methods::at("/healthz").get(alive).build());
    let log = Methods::at("/log").get(shown).on(Method::PUT, changed).on(Method::DELETE, put_back);
    config.service(log.build());
}

async fn metrics() -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4")).body(telemetry::render())
}

async fn shown(request: HttpRequest) -> Result<HttpResponse, Problem> {
    only_from_here(&request)?;
    let filter = LogFilter::current().ok_or_else(no_log)?;
    Ok(HttpResponse::Ok().json(filter))
}

async fn changed(request: HttpRequest, Json(filter): Json<LogFilter>) -> Result<HttpResponse, Problem> {
    only_from_here(&request)?;
    filter.apply().map_err(|reason| broken_rule("/filter", reason))?;
    Ok(HttpResponse::Ok().json(filter))
}

async fn put_back(request: HttpRequest) -> Result<HttpResponse, Problem> {
    only_from_here(&request)?;
    let filter = LogFilter::configured().ok_or_else(no_log)?;
    filter.apply().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().json(filter))
}

/// Who scrapes metrics comes over the network and may not have the process log everything; who may run something in the
/// pod, or forward a port to it, may.
fn only_from_here(request: &HttpRequest) -> Result<(), Problem> {
    let is_here = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    if is_here { Ok(()) } else { Err(Problem::not_found("it is answered to callers on this machine only")) }
}

fn no_log() -> Problem {
    Problem::not_found("this process keeps no log")
}

#[cfg(test)]
mod tests;
