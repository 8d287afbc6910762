//! The command API over HTTP, as clients see it: one running `command-services` for all tests, on a real broker and a
//! real registry. The files mirror the addresses; what holds for all of them is in `auth`, `bodies` and `repeating`.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod accounts;
mod accounts_id;
mod auth;
mod bodies;
mod claims;
mod command_line;
mod members;
mod openapi;

mod posts;
mod posts_id;
mod posts_id_publish;
mod register;
mod repeating;

mod sessions;
mod simulator;
mod support;
