//! Bodies on their way: a frame at a time, so that none is ever held whole, and each with a limit and a patience.

mod download;
mod io;
mod pump;
mod upload;

pub(crate) use download::Download;
pub(crate) use io::Patient;
pub(crate) use pump::pumped;
pub(crate) use upload::{Fault, Outgoing, Upload};
