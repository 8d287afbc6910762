//! What a record looks like to the transport is found out before anything is decided on top of it: one that can never
//! be appended is refused, and no term is begun because of it.

use std::fmt;
use std::sync::Arc;

use domain::Decider;

use crate::codec::Wire;
use crate::record::Record;

/// Why a record can never be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unappendable {
    /// It is larger than the log takes; both in bytes.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest that the log takes.
        most: usize,
    },
    /// It does not fit its schema.
    Unencodable(String),
}

type Encode<C> = dyn Fn(&Record<<C as Decider>::Event>) -> Result<Option<Wire>, Unappendable> + Send + Sync;

/// Turns a record into bytes, where the transport takes bytes. Cheap to clone.
pub struct Encoder<C: Decider>(Arc<Encode<C>>);

impl<C: Decider> Encoder<C> {
    /// One that does so.
    pub fn new(
        encode: impl Fn(&Record<C::Event>) -> Result<Option<Wire>, Unappendable> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(encode))
    }

    /// The record as bytes; `None` where the transport takes records as they are.
    ///
    /// # Errors
    /// It can never be appended.
    pub fn encode(&self, record: &Record<C::Event>) -> Result<Option<Wire>, Unappendable> {
        (self.0)(record)
    }
}

impl<C: Decider> Default for Encoder<C> {
    fn default() -> Self {
        Self::new(|_| Ok(None))
    }
}

impl<C: Decider> Clone for Encoder<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Decider> fmt::Debug for Encoder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Encoder")
    }
}
