//! Bodies on their way: a frame at a time, so that none but small ones is ever held whole, and each with a limit and a
//! patience.

mod arrival;
mod download;
mod exchanges;
mod fault;
mod io;
mod taken;
mod upload;

pub(crate) use arrival::{Arrived, SMALL_BYTES, Whole, arrival};
pub(crate) use download::Download;
pub(crate) use exchanges::{End, Exchanges};
pub(crate) use fault::Fault;
pub(crate) use io::Patient;
pub(crate) use taken::Taken;
pub(crate) use upload::{Outgoing, Upload};
