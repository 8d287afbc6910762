//! Series: `GET /v1/series` and `GET /v1/series/{slug}`. Those that a post is in are shown with the post.

mod entry;
mod list;
mod one;

pub(crate) use entry::SeriesEntry;

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), one::routes()].concat()
}
