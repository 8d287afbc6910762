//! Posts: `GET /v1/posts`, `GET /v1/posts/{slug}` and `GET /v1/me/schedule`.

mod about;
mod by_slug;
mod filter;
mod list;
mod schedule;
mod summary;

pub(crate) use summary::{Named, PostSummary};

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), by_slug::routes(), schedule::routes()].concat()
}
