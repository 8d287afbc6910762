//! What is popular, and what belongs together: `GET /v1/popular`, `GET /v1/trending-tags`, and
//! `GET /v1/posts/{slug}/related`. docs/ranks.md has the formulas.

mod popular;
mod related;
mod shared;
mod trending;

use service_kit::Route;

/// Joins `p`, the post of a row of `s`. `OFFSET 0`, here and below, keeps Postgres to the index: as long as posts are
/// few it takes reading all of them for cheaper, and a plan is kept for longer than they are.
const ITS_POST: &str = "CROSS JOIN LATERAL (SELECT * FROM content.posts q WHERE q.post_id = s.post_id OFFSET 0) p";

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [popular::routes(), related::routes(), trending::routes()].concat()
}
