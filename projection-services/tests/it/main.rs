//! The projection tier against real Postgres and Redis, and a log in memory.

#![allow(clippy::unwrap_used, reason = "a test that fails to unwrap has failed: that is what it is for")]

automod::dir!("tests/it");
