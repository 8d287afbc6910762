//! The folder that is a store. What has its name must be the folder that was opened: where its disk is not mounted any
//! more, or somebody has moved it away, there is another one or none. What is written there would be lost once it is
//! back, and what is not found there is not gone.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use super::StoreError;

/// A folder as it was when it was opened.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Its device and its inode.
    is: (u64, u64),
}

impl Folder {
    /// The folder that has this name now.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn opened(path: PathBuf) -> io::Result<Self> {
        let found = std::fs::metadata(&path)?;
        Ok(Self { path, is: (found.dev(), found.ino()) })
    }

    /// Whether it is still the one that has this name.
    ///
    /// # Errors
    /// It is not, or that cannot be said: the store is away.
    pub(super) async fn is_there(&self) -> Result<(), StoreError> {
        match tokio::fs::metadata(&self.path).await {
            Ok(found) if (found.dev(), found.ino()) == self.is => Ok(()),
            Ok(_) => Err(StoreError::Away("another folder has its name: was its disk unmounted?".to_owned())),
            Err(error) => Err(StoreError::Away(format!("its folder: {error}"))),
        }
    }
}
