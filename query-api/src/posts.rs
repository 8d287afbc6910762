//! Posts: `GET /v1/posts`, `GET /v1/posts/{slug}`, `GET /v1/me/posts`, `GET /v1/review-queue`
//! and `GET /v1/me/schedule`.

mod about;
mod by_slug;
mod copied;
mod covers;
mod filter;
mod list;
mod mine;
mod review_queue;
mod reviews;
mod schedule;
mod summary;

pub(crate) use about::{About, is_for_members};
pub(crate) use copied::Copied;
pub(crate) use summary::{Named, PostSummary, answer};

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), by_slug::routes(), mine::routes(), review_queue::routes(), schedule::routes()].concat()
}
