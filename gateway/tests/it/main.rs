//! The gateway, as clients see it, before services that each test starts itself. A file for each theme.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

automod::dir!("tests/it");
