//! The command API over HTTP, as clients see it: one running `command-services` for all tests, on a real broker and a
//! real registry. The files mirror the addresses; what holds for all of them is in `auth`, `bodies` and `repeating`.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod access;
mod accounts;
mod accounts_id;
mod audit;
mod auth;
mod bodies;
mod careful;
mod command_line;
mod erasing;
mod import;
mod mail;
mod me;
mod me_export;
mod me_following;
mod me_preferences;
mod members;
mod openapi;
mod password;
mod posts;
mod posts_id;
mod posts_id_publish;
mod register;
mod repeating;
mod reservations;
mod roles;
mod sealed;
mod second_factor;
mod second_factor_required;
mod sessions;
mod sessions_second_factor;
mod settings;
mod simulator;
mod support;
mod throttling;
mod unconfirmed;
