//! The projection tier against real Postgres and Redis, and a log in memory.

#![allow(clippy::unwrap_used, reason = "a test that fails to unwrap has failed: that is what it is for")]

mod content;
mod lists;
mod poison;
mod rebuild;
mod rebuild_bulk;
mod rebuild_lists;
mod schema;
mod simulator;
mod support;
mod trouble;
mod unsealing;
