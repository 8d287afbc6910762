use actix_web::error::{PathError, QueryPayloadError};
use actix_web::{HttpRequest, web};

use crate::Problem;
use crate::problem::Kind;

/// Registers what is answered where no handler was reached: unknown routes 404, unreadable paths 404 and queries 422,
/// all as problem details. [`super::serve`] does so by itself; an application in a test does it so.
pub fn configure_defaults(config: &mut web::ServiceConfig) {
    config
        .app_data(web::PathConfig::default().error_handler(bad_path))
        .app_data(web::QueryConfig::default().error_handler(bad_query))
        .default_service(web::to(unknown_route));
}

async fn unknown_route() -> Result<&'static str, Problem> {
    Err(Problem::new(&Kind::NO_SUCH_ADDRESS, "there is nothing at this address"))
}

/// An id that is none names nothing.
fn bad_path(_: PathError, _: &HttpRequest) -> actix_web::Error {
    let detail = "there is nothing at this address: a part of it is not the id or name that it should be";
    Problem::not_found(detail).into()
}

fn bad_query(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    Problem::malformed(format!("the query string: {error}")).into()
}
