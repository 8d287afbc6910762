//! A bound on how long it takes to look through bytes. Lengths and counts that an upload tells turn our loops; where
//! what they count may be empty, few bytes could turn them for hours.

use std::cell::Cell;
use std::rc::Rc;

use super::{Refused, bad};

/// So many for each byte: where a picture is densest, ours take three.
const A_BYTE: u64 = 8;
/// So many besides.
const LEAST: u64 = 100_000;

/// The steps that are left of those of an upload, pictures within it included. One is a number that is read, or a part
/// that is copied or passed over.
#[derive(Clone, Debug)]
pub(super) struct Steps(Rc<Cell<u64>>);

impl Steps {
    /// Those of an upload of so many bytes.
    pub(super) fn of(bytes: u64) -> Self {
        Self(Rc::new(Cell::new(bytes.saturating_mul(A_BYTE).saturating_add(LEAST))))
    }

    /// Takes so many.
    pub(super) fn take(&self, count: u64) -> Result<(), Refused> {
        let left = self.0.get().checked_sub(count).ok_or_else(|| bad("it takes too long to look through"))?;
        self.0.set(left);
        Ok(())
    }
}
