//! The projection tier: reads the log and keeps the read models in Postgres and Redis.
//!
//! Reading order: [`log`] is what is read, [`unsealing`] opens what is personal in it, and [`projector`] is what it is
//! read for; [`work`] is what is committed at once, [`poison`] what of it cannot be handled, and [`runner`] the loop
//! that does it; [`content`] is the projector in Postgres, one file per view, and [`lists`] the one in Redis;
//! [`rebuild`] makes views anew beside the live ones, [`parked`] lists and replays what could not be handled,
//! [`status`] says how far everything is; [`cli`] is the door to all of it.

pub mod cli;
pub mod content;
pub mod lists;
pub mod log;
pub mod parked;
pub mod poison;
pub mod projector;
pub mod rebuild;
pub mod run;
pub mod runner;
pub mod status;
pub mod unsealing;
pub mod work;
