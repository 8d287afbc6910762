//! `/openapi.json`: what all services take and answer, as one document. It is made by `openapi/merging.rs` of theirs,
//! which are files in this repository, when its golden file is.

use std::sync::LazyLock;

use super::file::File;

/// The document.
pub(super) static FILE: LazyLock<File> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json"));
    File::compressed("application/json", bytes, include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz")))
});

#[cfg(test)]
pub(crate) mod merging;
#[cfg(test)]
mod tests;
