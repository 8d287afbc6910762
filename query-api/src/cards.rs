//! Posts as cards, for apps that page by numbers: with their authors' pictures, and what the reader is to them: `GET
//! /v1/cards` and `GET /v1/cards/{slug}`; and people so: `GET /v1/people`. One question shows what a page of such an
//! app needs. `/api` of the gateway is made of it.

mod card;
mod list;
mod one;
mod people;

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [list::routes(), one::routes(), people::routes()].concat()
}
