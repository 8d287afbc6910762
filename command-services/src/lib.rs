//! The write side: each service owns some contexts, takes their commands over HTTP, and has them decided by the owner
//! of the aggregate's partition, here or on another instance.
//!
//! Reading order: [`posts`], [`accounts`] and [`following`] are the routes, one file per context; [`commanding`] is what
//! every route does with a command, and [`reply`] what a client reads of its outcome; [`reserving`] makes a value unique
//! before it is used, and [`bearing`] is how accounts do; [`identity`] is how people log in; [`beginning`] keeps all
//! routes shut until the log is read; [`bus`] carries commands between instances; [`service`] puts a process together.

pub mod accounts;
pub mod bearing;
pub mod beginning;
pub mod bus;
pub mod cli;
pub mod commanding;
pub mod following;
pub mod identity;
pub mod openapi;
pub mod posts;
pub mod reply;
pub mod reserving;
pub mod service;
pub mod tasks;

use service_kit::Route;

/// All routes there are, those that are asked most first.
#[must_use]
pub fn routes() -> Vec<Route> {
    [posts::routes(), accounts::routes(), following::routes(), identity::routes()].concat()
}
