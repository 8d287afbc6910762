//! Journeys and bad days over the running programs, on a stack that these tests may break: one after the other.
//! Nothing of ours judges itself here: what is in the log is read by a plain client (`testkit::log`), and what the
//! read models must hold follows from what was asked and answered.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

automod::dir!("tests/it");
