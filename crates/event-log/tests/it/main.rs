//! The log as its users meet it. One suite, [`contract`], runs against the in-memory twin and against Kafka; what only
//! Kafka has (the subscription, the registry) follows. Kafka and the registry are those of `make test`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

automod::dir!("tests/it");
