//! How what is personal is sealed: each person has a key of their own ([`DataKey`]), under which their texts are sealed
//! before they go into the log. To delete the key is to delete the texts, wherever copies of the log may be.
//!
//! Data keys are kept in the vault, wrapped by a key that is not there: one of the [`KeyRing`], a file.
//!
//! No key shows in a log line, and each is overwritten in memory when it is dropped.

mod cipher;
mod data_key;
mod ring;

pub use data_key::{DataKey, NotAuthentic};
pub use ring::{KeyRing, RingError, UnwrapError, Wrapped};
