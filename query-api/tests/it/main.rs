//! The query API over HTTP, as clients see it: each test has a server, a database and a Redis prefix of its own. The
//! files mirror the addresses.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod authors;
mod cursors;
mod follows;
mod hostile;
mod openapi;
mod outage;
mod position;
mod posts;
mod posts_slug;
mod preferences;
mod support;
mod tags;
