//! Reactions and shares. They are given and taken back at the command API; how many there are is beside what they are
//! given to. What can be read of it is known in other tables, which are joined when it is asked: so it does not matter
//! in which order the events of two topics came.

mod given;
mod given_comments;
mod of_author;
mod owner;
mod people;

use service_kit::Route;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    [people::routes(), given::routes(), of_author::routes(), given_comments::routes()].concat()
}
