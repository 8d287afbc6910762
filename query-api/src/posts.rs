//! Posts: `GET /v1/posts`, `GET /v1/posts/{slug}`, `GET /v1/me/posts` and `GET /v1/me/schedule`.

mod about;
mod by_slug;
mod filter;
mod list;
mod mine;
mod schedule;
mod summary;

pub(crate) use summary::{Named, PostSummary};

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), by_slug::routes(), mine::routes(), schedule::routes()].concat()
}
