//! Making views anew from offset 0, beside the live ones, and putting them in their place with no failed read.
//!
//! Reading order: [`reader`] reads exactly up to where the live projector is, [`fill`] commits what it reads, with the
//! very code of the live projector; [`content`] and [`lists`] are the two stores' ways of filling and swapping;
//! [`shared`] lets both read the log once.

pub mod content;
pub mod lists;

mod compare;
mod copy;
mod fill;
mod reader;
mod report;
mod scratch;
mod shared;
#[cfg(test)]
mod testing;

pub use copy::measure;
pub use fill::Tally;
pub use reader::{Reader, Target, Targets};
pub use report::{Copied, LEFT_OUT, Report, Reports};
pub use shared::{Following, Shared, shared};

/// How to rebuild.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Compare with the live rows before swapping, and fail if they differ.
    pub verify: bool,
    /// Do not swap.
    pub dry_run: bool,
    /// Try parked events again instead of leaving them out; those that still fail are parked anew.
    pub retry_parked: bool,
    /// The log was begun anew: take it as it is, whatever the live positions say.
    pub new_log: bool,
}

/// So many records per batch of the log.
pub const BATCH: usize = 2_000;
