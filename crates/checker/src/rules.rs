//! The rules, one file each. A new promise is a new file here and a line in
//! [`crate::judge`].

pub(crate) mod answered;
pub(crate) mod applied;
pub(crate) mod carried;
pub(crate) mod copied;
pub(crate) mod copies;
pub(crate) mod exports;
pub(crate) mod people;
pub(crate) mod permitted;
pub(crate) mod reads;
pub(crate) mod refusals;
pub(crate) mod reservations;
pub(crate) mod reviewed;
pub(crate) mod rows;
pub(crate) mod schedules;
pub(crate) mod shown;
pub(crate) mod states;
pub(crate) mod versions;
