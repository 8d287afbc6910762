//! Makes smaller sizes beside the requests: one picture at a time in a process, of those whose partitions it leads.
//! What is made is stored first and said by an event then, so what a process that dies has made is made again by the
//! next leader, and nothing that is not there is ever said to be.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::SeekFrom;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::media::render::{self, Decoded};
use ::media::store::{Object, Store, StoreError};
use domain::values::Rendition;
use futures::StreamExt as _;
use parking_lot::Mutex;
use service_kit::Problem;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::args::MediaArgs;
use crate::part::Process;

/// So many pictures wait; further ones are found again when they are looked for next.
const WAITING: usize = 64;
/// For so long it is known what was made: until the event that says so is read.
const KNOWN: Duration = Duration::from_secs(60);
/// Between attempts where the store is away.
const PAUSE: Duration = Duration::from_secs(5);

/// What is asked of the worker.
pub(super) struct Renderer {
    queue: Option<mpsc::Sender<Object>>,
    made: Made,
}

type Made = Arc<Mutex<HashMap<Uuid, Progress>>>;

/// How far an upload has come.
enum Progress {
    Waiting,
    Made(Vec<Rendition>, Instant),
}

/// Why a picture has no smaller sizes yet.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("there is no room here: {0}")]
    Room(#[from] std::io::Error),
}

impl Renderer {
    /// Starts the worker, where there is a store.
    pub(super) fn start(process: &mut Process, store: Option<Store>, args: &MediaArgs) -> Self {
        let made = Made::default();
        let queue = store.map(|store| {
            let (sender, receiver) = mpsc::channel(WAITING);
            let worker = Worker { store, made: Arc::clone(&made), spool: args.spool(), pixels: args.media_max_pixels };
            process.spawn(worker.run(receiver));
            sender
        });
        Self { queue, made }
    }

    /// The smaller sizes of an upload that are stored.
    ///
    /// # Errors
    /// They are not made yet: this says that they are wanted.
    pub(super) fn renditions(&self, original: &Object) -> Result<Vec<Rendition>, Problem> {
        let not_yet = || Problem::unavailable("smaller sizes are not made yet", 1);
        let mut made = self.made.lock();
        made.retain(|_, progress| !matches!(progress, Progress::Made(_, at) if at.elapsed() > KNOWN));
        match made.entry(original.upload_id) {
            Entry::Occupied(entry) => match entry.get() {
                Progress::Made(renditions, _) => Ok(renditions.clone()),
                Progress::Waiting => Err(not_yet()),
            },
            Entry::Vacant(entry) => {
                let queue = self.queue.as_ref().ok_or_else(not_yet)?;
                queue.try_send(original.clone()).map_err(|_| not_yet())?;
                entry.insert(Progress::Waiting);
                Err(not_yet())
            }
        }
    }
}

/// Makes what is asked for, one after the other.
struct Worker {
    store: Store,
    made: Made,
    spool: PathBuf,
    pixels: u64,
}

impl Worker {
    async fn run(self, mut queue: mpsc::Receiver<Object>) {
        while let Some(original) = queue.recv().await {
            let began = Instant::now();
            match self.render(&original).await {
                Ok(renditions) => {
                    measures::media::RENDER.record(began.elapsed());
                    self.made.lock().insert(original.upload_id, Progress::Made(renditions, Instant::now()));
                }
                Err(error) => {
                    tracing::warn!(%error, item = %original.item.id(), "smaller sizes cannot be made yet");
                    // That one picture is not found says nothing of the others.
                    if !matches!(error, Failed::Store(StoreError::NotFound)) {
                        tokio::time::sleep(PAUSE).await;
                    }
                    self.made.lock().remove(&original.upload_id);
                }
            }
        }
    }

    /// What cannot be decoded has no smaller sizes. That is no failure: it would never have any.
    async fn render(&self, original: &Object) -> Result<Vec<Rendition>, Failed> {
        let file = self.fetch(original).await?;
        let pixels = self.pixels;
        let decoded = tokio::task::spawn_blocking(move || render::decode(file, pixels)).await;
        let decoded = match decoded {
            Ok(Ok(decoded)) => Arc::new(decoded),
            Ok(Err(error)) => return Ok(no_sizes(original, &error)),
            Err(panic) => return Ok(no_sizes(original, &panic)),
        };
        let mut renditions = Vec::new();
        for width in decoded.widths() {
            let Some((rendition, bytes)) = make(&decoded, width, original).await else { break };
            let object = Object { rendition: Some(rendition.clone()), ..original.clone() };
            self.store.put(&object, bytes.as_slice()).await?;
            renditions.push(rendition);
        }
        Ok(renditions)
    }

    /// The bytes, in a file of this process. Where they are not there the item is gone, and nothing of it is due any
    /// more; or the store has lost them, and they may come back.
    async fn fetch(&self, original: &Object) -> Result<std::fs::File, Failed> {
        let mut bytes = self.store.get(original, None).await?.bytes;
        let mut file = tokio::fs::File::from_std(tempfile::tempfile_in(&self.spool)?);
        while let Some(piece) = bytes.next().await {
            file.write_all(&piece?).await?;
        }
        file.flush().await?;
        file.seek(SeekFrom::Start(0)).await?;
        Ok(file.into_std().await)
    }
}

async fn make(decoded: &Arc<Decoded>, width: u32, original: &Object) -> Option<(Rendition, Vec<u8>)> {
    let decoded = Arc::clone(decoded);
    match tokio::task::spawn_blocking(move || decoded.make(width)).await {
        Ok(Ok(made)) => Some((made.rendition, made.bytes)),
        Ok(Err(error)) => {
            no_sizes(original, &error);
            None
        }
        Err(panic) => {
            no_sizes(original, &panic);
            None
        }
    }
}

fn no_sizes(original: &Object, error: &dyn std::error::Error) -> Vec<Rendition> {
    tracing::info!(%error, item = %original.item.id(), "of this picture there are no smaller sizes");
    Vec::new()
}

#[cfg(test)]
mod tests;
