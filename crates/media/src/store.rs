//! Where the bytes are: a folder, or what speaks S3. An object is written whole or is not there, is never changed, and
//! every call has a deadline. That an object is there says nothing; the log says what is an item's.

mod args;
mod crypto;
mod folder;

pub use args::StoreArgs;

use std::error::Error as _;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::media::Item;
use domain::values::Rendition;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutPayload};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;
use uuid::Uuid;

use folder::Folder;

/// For one call: of S3 with what it tries again, and a part of 5 MiB at 350 kB/s.
const DEADLINE: Duration = Duration::from_secs(15);
/// What is larger is sent in parts of this size, the least that S3 takes: the most that is held of a file.
const PART: usize = 5 * 1024 * 1024;

/// The object store.
#[derive(Clone, Debug)]
pub struct Store {
    place: Place,
    deadline: Duration,
}

#[derive(Clone, Debug)]
enum Place {
    Objects(Arc<dyn ObjectStore>),
    Folder(Arc<Folder>),
}

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// No room is left.
    #[error("the object store is full")]
    Full,
    /// It does not answer, not in time, or says no.
    #[error("the object store is away: {0}")]
    Away(String),
    /// It is a folder without a marker: nothing was stored yet, or it is another folder.
    #[error("the folder of the object store has no .inklog-media: is its disk mounted? see `command-services media`")]
    Unmarked,
    /// What was to be stored cannot be read.
    #[error("reading what is to be stored failed: {0}")]
    Source(io::Error),
}

/// What is stored of an item: the bytes that were brought, or a smaller size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Whose, and which bytes were brought.
    pub item: Item,
    /// By which upload: each has its own place, so that what is deleted is never what is brought again meanwhile.
    pub upload_id: Uuid,
    /// Which smaller size; `None` for what was brought.
    pub rendition: Option<Rendition>,
}

/// An object that is in the store.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which; `None` if its name is none of ours.
    pub object: Option<Object>,
}

/// What is read of an object.
pub struct Reading {
    /// How many bytes the object has.
    pub size: u64,
    /// The bytes.
    pub bytes: BoxStream<'static, Result<Bytes, StoreError>>,
}

impl Object {
    fn path(&self) -> Path {
        let Self { item, upload_id, rendition } = self;
        let name = rendition.as_ref().map_or("original", Rendition::as_str);
        Path::from_iter([&item.account_id.to_string(), item.sha256.as_str(), &upload_id.to_string(), name])
    }

    fn of(path: &Path) -> Option<Self> {
        let parts: Vec<_> = path.parts().map(|part| part.as_ref().to_owned()).collect();
        let [account, sha256, upload, name] = parts.as_slice() else { return None };
        let item = Item { account_id: account.parse().ok()?, sha256: sha256.parse().ok()? };
        let rendition = if name == "original" { None } else { Some(name.parse().ok()?) };
        Some(Self { item, upload_id: upload.parse().ok()?, rendition })
    }
}

impl Store {
    /// A store of these objects.
    #[must_use]
    pub fn of(objects: Arc<dyn ObjectStore>) -> Self {
        Self { place: Place::Objects(objects), deadline: DEADLINE }
    }

    /// A store in a folder, which need not be there yet. What has no marker is no store, see [`Store::adopt_empty`].
    #[must_use]
    pub fn in_folder(path: PathBuf) -> Self {
        Self { place: Place::Folder(Arc::new(Folder::at(path))), deadline: DEADLINE }
    }

    /// Makes an empty folder the store: where nothing was ever stored. What is none has no marker and needs none.
    ///
    /// # Errors
    /// The folder is not there, or something is in it.
    pub async fn adopt_empty(&self) -> Result<(), StoreError> {
        match &self.place {
            Place::Folder(folder) => self.in_time(folder.adopt_empty()).await,
            Place::Objects(_) => Ok(()),
        }
    }

    /// Makes a folder the store, whatever is in it: for an operator who knows that it is. Whether the store is one.
    ///
    /// # Errors
    /// The folder is not there.
    pub async fn adopt(&self) -> Result<bool, StoreError> {
        match &self.place {
            Place::Folder(folder) => self.in_time(folder.adopt()).await.map(|()| true),
            Place::Objects(_) => Ok(false),
        }
    }

    /// The same, that waits so long for each call.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Writes an object. Of what is read no more is held than a part.
    ///
    /// # Errors
    /// The store is away or full, or `bytes` cannot be read: then the object is not there.
    pub async fn put(&self, object: &Object, mut bytes: impl AsyncRead + Unpin) -> Result<(), StoreError> {
        let (path, objects) = (object.path(), self.objects().await?);
        let first = part(&mut bytes).await?;
        if first.len() < PART {
            return self.within(objects.put(&path, first.into())).await.map(|_| ());
        }
        let mut upload = self.within(objects.put_multipart(&path)).await?;
        let mut next = first;
        let sent = loop {
            if next.is_empty() {
                break Ok(());
            }
            if let Err(error) = self.within(upload.put_part(PutPayload::from_bytes(next))).await {
                break Err(error);
            }
            next = match part(&mut bytes).await {
                Ok(part) => part,
                Err(error) => break Err(error),
            };
        };
        let done = match sent {
            Ok(()) => self.within(upload.complete()).await.map(|_| ()),
            Err(error) => Err(error),
        };
        if done.is_err() {
            // What is left of it the store's own rules delete.
            let _ = self.within(upload.abort()).await;
        }
        done
    }

    /// Reads an object, or a range of it.
    ///
    /// # Errors
    /// It is not there, or the store is away; later errors are in the stream.
    pub async fn get(&self, object: &Object, range: Option<Range<u64>>) -> Result<Reading, StoreError> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let (path, objects) = (object.path(), self.objects().await?);
        let found = self.within(objects.get_opts(&path, options)).await?;
        let (size, deadline) = (found.meta.size, self.deadline);
        let bytes = stream::unfold(Some(found.into_stream()), move |bytes| async move {
            let mut bytes = bytes?;
            match timeout(deadline, bytes.next()).await {
                Ok(None) => None,
                Ok(Some(Ok(piece))) => Some((Ok(piece), Some(bytes))),
                Ok(Some(Err(error))) => Some((Err(error.into()), None)),
                Err(_) => Some((Err(too_late(deadline)), None)),
            }
        });
        Ok(Reading { size, bytes: bytes.boxed() })
    }

    /// How many bytes an object has.
    ///
    /// # Errors
    /// It is not there, or the store is away.
    pub async fn size(&self, object: &Object) -> Result<u64, StoreError> {
        let objects = self.objects().await?;
        self.within(objects.head(&object.path())).await.map(|found| found.size)
    }

    /// Deletes all that is stored of an upload, as far as these sizes go. What is not there is deleted.
    ///
    /// # Errors
    /// The store is away.
    pub async fn delete(&self, original: &Object, renditions: &[Rendition]) -> Result<(), StoreError> {
        let sizes = renditions.iter().map(|size| Object { rendition: Some(size.clone()), ..original.clone() });
        for object in sizes.chain([original.clone()]) {
            self.delete_one(&object).await?;
        }
        Ok(())
    }

    /// Deletes an object. What is not there is deleted.
    ///
    /// # Errors
    /// The store is away.
    pub async fn delete_one(&self, object: &Object) -> Result<(), StoreError> {
        let objects = self.objects().await?;
        match self.within(objects.delete(&object.path())).await {
            Err(StoreError::NotFound) => Ok(()),
            outcome => outcome,
        }
    }

    /// All that is in the store, in the order that it has.
    pub fn list(&self) -> BoxStream<'static, Result<Listed, StoreError>> {
        let listed = |meta: object_store::ObjectMeta| Listed { object: Object::of(&meta.location) };
        let store = self.clone();
        let found = async move {
            let objects = store.objects().await?;
            Ok::<_, StoreError>(objects.list(None).map_ok(listed).map_err(StoreError::from))
        };
        stream::once(found).try_flatten().boxed()
    }

    /// Whether the store is there. Of S3 that is not asked.
    ///
    /// # Errors
    /// It is a folder that is not there, or has no marker.
    pub async fn is_there(&self) -> Result<(), StoreError> {
        self.objects().await.map(drop)
    }

    /// Has the store do something. A folder is looked at before and after that: it may go at any time.
    async fn within<T>(&self, call: impl Future<Output = Result<T, object_store::Error>>) -> Result<T, StoreError> {
        let call = async {
            self.objects().await?;
            let done = call.await;
            self.objects().await?;
            done.map_err(StoreError::from)
        };
        self.in_time(call).await
    }

    /// What is in the store, if it is there.
    async fn objects(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        match &self.place {
            Place::Objects(objects) => Ok(Arc::clone(objects)),
            Place::Folder(folder) => self.in_time(folder.objects()).await,
        }
    }

    async fn in_time<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        timeout(self.deadline, call).await.map_err(|_| too_late(self.deadline))?
    }
}

fn too_late(deadline: Duration) -> StoreError {
    StoreError::Away(format!("no answer within {deadline:?}"))
}

/// The next part, shorter only where it is the last.
async fn part(bytes: &mut (impl AsyncRead + Unpin)) -> Result<Bytes, StoreError> {
    // With room beside: filled to the last byte it would grow, to see whether anything follows.
    let mut part = Vec::with_capacity(PART + 1024);
    bytes.take(PART as u64).read_to_end(&mut part).await.map_err(StoreError::Source)?;
    Ok(part.into())
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        if let object_store::Error::NotFound { source, .. } = &error {
            // Of a bucket that is not there the same is said as of an object.
            let is_away = source.to_string().contains("NoSuchBucket");
            return if is_away { Self::Away(error.to_string()) } else { Self::NotFound };
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = error.source();
        while let Some(reason) = cause {
            if is_full(reason) {
                return Self::Full;
            }
            cause = reason.source();
        }
        Self::Away(error.to_string())
    }
}

/// Whether that is why: a full disk, or as S3-compatible stores call it.
fn is_full(reason: &(dyn std::error::Error + 'static)) -> bool {
    let kind = reason.downcast_ref::<io::Error>().map(io::Error::kind);
    if matches!(kind, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)) {
        return true;
    }
    let text = reason.to_string();
    // Not the bare number: it may be in the name of an object.
    ["StorageFull", "QuotaExceeded", "InsufficientStorage", "code: 507"].iter().any(|name| text.contains(name))
}

#[cfg(test)]
mod tests;
