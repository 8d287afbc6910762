//! The checker as its users call it.

mod million;
mod saving;
