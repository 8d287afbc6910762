//! The query API over HTTP, as clients see it: each test has a server, a database and a Redis prefix of its own. The
//! files mirror the addresses.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

automod::dir!("tests/it");
