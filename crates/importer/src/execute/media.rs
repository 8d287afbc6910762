//! Brings the pictures and files that lie beside posts, before the posts that refer to them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use futures::stream::{self, StreamExt as _};
use reqwest::Method;

use crate::client::{Answer, Client, Command, Stopped};
use crate::media::{Beside, Media};
use crate::note::{Note, NoteKind};
use crate::progress::Progress;
use crate::report::Report;

/// Files that are in memory at once: each is read whole, for it may have to be sent again.
const AT_ONCE: usize = 2;
/// A larger file is not read.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Brings them; the addresses that they have, in their order. One that is refused has none, with a note at each post.
pub(super) async fn bring(
    client: &Client,
    media: &Media,
    report: &mut Report,
    progress: &mut Progress,
) -> anyhow::Result<Vec<Option<String>>> {
    let brought: Vec<_> = media.files.iter().map(|beside| bring_one(client, beside)).collect();
    let mut brought = stream::iter(brought).buffered(AT_ONCE);
    let mut addresses = Vec::new();
    while let Some(one) = brought.next().await {
        let one = one.map_err(|stopped| progress.stopped(stopped))?;
        progress.advance(one.is_err());
        if let Err(why) = &one {
            let path = &media.files[addresses.len()].path;
            let note = Note::new(NoteKind::MediaRefused, 1, format!("{path}: {why}"));
            report.notes.extend(media.posts_with(addresses.len()).map(|post| (post.to_owned(), note.clone()).into()));
        }
        addresses.push(one.ok());
    }
    Ok(addresses)
}

async fn bring_one(client: &Client, beside: &Beside) -> Result<Result<String, String>, Stopped> {
    let file = beside.file.clone();
    let bytes = match tokio::task::spawn_blocking(move || read(&file)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(why)) => return Ok(Err(why)),
        Err(panic) => return Ok(Err(panic.to_string())),
    };
    let command = Command { method: Method::POST, path: "/v1/media".to_owned(), if_match: None, body: bytes };
    Ok(match client.send(&command).await? {
        Answer::Done { reply, .. } if !reply.address.is_empty() => Ok(reply.address),
        Answer::Done { .. } => Err("the server does not say where it is".to_owned()),
        Answer::Refused(problem) => Err(format!("{} ({})", problem.detail, problem.status)),
    })
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("it cannot be read: {error}"))?;
    if bytes.len() as u64 > LARGEST { Err(format!("it has more than {LARGEST} bytes")) } else { Ok(bytes) }
}
