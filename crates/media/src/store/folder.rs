//! The folder that is a store. It is known by a file in it, its marker: a folder of that name without one is what a
//! disk is mounted on that is not there, or another, and no store. What is written there would be lost once the disk
//! is back, and what is not found there is not gone. Once it was opened it must stay the same folder.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use tokio::fs;
use uuid::Uuid;

use super::StoreError;

/// The marker's name. It is none of an object's.
const MARKER: &str = ".inklog-media";
/// What the marker says to a person who comes upon it.
const SAYS: &[u8] =
    b"This folder is a store of pictures and files of inklog. Without this file it is taken for none.\n";
/// What a disk has in its root from the beginning.
const OF_DISKS: &str = "lost+found";

/// A folder, whether it is there or not.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    opened: OnceLock<Opened>,
}

/// It, as it was when it was first there.
#[derive(Debug)]
struct Opened {
    objects: Arc<dyn ObjectStore>,
    /// Its device and its inode.
    is: (u64, u64),
}

impl Folder {
    /// The folder of this name.
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path, opened: OnceLock::new() }
    }

    /// What is in it, if it is there and the store.
    ///
    /// # Errors
    /// It is not, or that cannot be said: the store is away.
    pub(super) async fn objects(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        let found = fs::metadata(&self.path).await.map_err(of_folder)?;
        let is = (found.dev(), found.ino());
        if let Some(opened) = self.opened.get().filter(|opened| opened.is != is) {
            let (device, inode) = opened.is;
            let was = format!("another folder has its name, which was inode {inode} of device {device}");
            return Err(StoreError::Away(format!("{was}: was its disk unmounted?")));
        }
        if !self.is_marked().await.map_err(of_folder)? {
            return Err(StoreError::Unmarked);
        }
        let opened = match self.opened.get() {
            Some(opened) => opened,
            None => {
                let objects = LocalFileSystem::new_with_prefix(&self.path)?.with_fsync(true);
                self.opened.get_or_init(|| Opened { objects: Arc::new(objects), is })
            }
        };
        Ok(Arc::clone(&opened.objects))
    }

    async fn is_marked(&self) -> io::Result<bool> {
        if fs::try_exists(self.path.join(MARKER)).await? {
            return Ok(true);
        }
        // A version before stored here, and knew of no marker.
        let is_older = self.has(|name| Uuid::try_parse(name).is_ok()).await?;
        if is_older && let Err(error) = self.mark().await {
            tracing::debug!(%error, "the folder of pictures and files gets no {MARKER} yet");
        }
        Ok(is_older)
    }

    /// Whether an entry of it has a name like that.
    async fn has(&self, is_like_that: impl Fn(&str) -> bool) -> io::Result<bool> {
        let mut entries = fs::read_dir(&self.path).await?;
        while let Some(entry) = entries.next_entry().await? {
            if is_like_that(&entry.file_name().to_string_lossy()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes it the store, if nothing is in it.
    ///
    /// # Errors
    /// It is not there, or not empty.
    pub(super) async fn adopt_empty(&self) -> Result<(), StoreError> {
        if self.has(|name| name != OF_DISKS && name != MARKER).await.map_err(of_folder)? {
            return Err(StoreError::Unmarked);
        }
        self.adopt().await
    }

    /// Makes it the store, whatever is in it.
    ///
    /// # Errors
    /// It is not there.
    pub(super) async fn adopt(&self) -> Result<(), StoreError> {
        self.mark().await.map_err(of_folder)
    }

    /// The folder itself is not made.
    async fn mark(&self) -> io::Result<()> {
        let marker = self.path.join(MARKER);
        fs::write(&marker, SAYS).await?;
        for written in [&*marker, &*self.path] {
            synced(written).await?;
        }
        Ok(())
    }
}

async fn synced(path: &Path) -> io::Result<()> {
    fs::File::open(path).await?.sync_all().await
}

fn of_folder(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Away(format!("its folder: {error}")),
    }
}
