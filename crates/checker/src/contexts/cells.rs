//! `cells`: values that the simulator of one partition sets.

use crate::context::{Asks, Command, Context};

pub(super) struct Cells;

impl Context for Cells {
    fn name(&self) -> &'static str {
        "cells"
    }

    fn commands(&self) -> &'static [Command] {
        &[Command { verb: "set", leads_to: &["Set"], asks: Asks::Change }]
    }
}
