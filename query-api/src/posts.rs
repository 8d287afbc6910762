//! Posts: `GET /v1/posts` and `GET /v1/posts/{slug}`.

mod by_slug;
mod filter;
mod list;
mod summary;

pub(crate) use summary::{Named, PostSummary};

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), by_slug::routes()].concat()
}
