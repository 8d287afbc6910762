//! What moderators have to look at, and what people are told: `GET /v1/moderation/queue`, each case by its id,
//! `GET /v1/moderation/filters`, `GET /v1/me/rulings` and `GET /v1/me/blocks`. Moderators decide at the command API.

mod blocks;
mod case;
mod filters;
mod queue;
mod rulings;

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [queue::routes(), case::routes(), rulings::routes(), blocks::routes(), filters::routes()].concat()
}
