//! The importer against a command API in memory, which keeps the real one's contract.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

automod::dir!("tests/it");
