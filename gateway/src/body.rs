//! Bodies on their way: a frame at a time, so that none is ever held whole, and each with a limit and a patience.

mod download;
mod exchanges;
mod io;
mod taken;
mod upload;

pub(crate) use download::Download;
pub(crate) use exchanges::{End, Exchanges};
pub(crate) use io::Patient;
pub(crate) use taken::Taken;
pub(crate) use upload::{Fault, Outgoing, Upload};
