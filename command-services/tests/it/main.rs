//! The command API over HTTP, as clients see it: one running `command-services` for all tests, on a real broker and a
//! real registry. The files mirror the addresses; what holds for all of them is in `auth`, `bodies` and `repeating`.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

automod::dir!("tests/it");
