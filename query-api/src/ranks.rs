//! What is popular, and what belongs together: `GET /v1/popular`, `GET /v1/trending-tags`, and
//! `GET /v1/posts/{slug}/related`. docs/ranks.md has the formulas.

mod popular;
mod related;
mod shared;
mod trending;

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [popular::routes(), related::routes(), trending::routes()].concat()
}
