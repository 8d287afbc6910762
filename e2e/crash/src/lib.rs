//! The crash lab: runs the real system under load, breaks it at random, mends it, and has the whole history judged by
//! `checker`. What it found is in docs/reliability.md.
//!
//! Reading order: [`episode`] is what happens with one seed; [`fault`] what can go wrong, how it is drawn and how it is
//! done; [`load`] who writes and reads meanwhile; [`record`] what is left of it; [`measure`], [`result`] and [`table`]
//! what is said about it. They stand on [`system`] (instances of ours and the links between them), [`process`],
//! [`proxy`], [`quorum`], [`site`] and [`stack`].

pub mod episode;
pub mod fault;
pub mod load;
pub mod measure;
pub mod process;
pub mod proxy;
pub mod pulse;
pub mod quorum;
pub mod record;
pub mod result;
pub mod site;
pub mod stack;
pub mod system;
pub mod table;
