//! Receives a picture or a file: into a file of its own, which is gone with the process, and from there into another
//! without what tells of people. Of its bytes no more are in memory than the connection brings at once.

use std::io::{Seek as _, SeekFrom};
use std::time::Duration;

use ::media::inspect::{self, Bounds, Found, Refused};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::{HttpRequest, web};
use futures::StreamExt as _;
use service_kit::Problem;
use service_kit::problem::Kind;
use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufWriter};
use tokio::time::{Instant, timeout_at};

use super::args::MediaArgs;
use super::not_taken;

/// For so long the body may rest; then it has arrived on average at the least rate.
const GRACE: Duration = Duration::from_secs(10);
/// The least rate.
const BYTES_PER_SECOND: u32 = 16 * 1024;

/// So much of a file is in memory beside what is worked on.
const BUFFER: usize = 64 * 1024;

/// What was received.
pub(super) struct Received {
    /// What it is.
    pub(super) found: Found,
    /// The bytes as they are to be stored.
    pub(super) file: File,
}

/// Receives a body, and finds what it is.
///
/// # Errors
/// It is too large, too slow, or not taken; or there is no room for it here.
pub(super) async fn receive(
    request: &HttpRequest,
    payload: web::Payload,
    args: &MediaArgs,
) -> Result<Received, Problem> {
    permit_headers(request, args.media_max_bytes)?;
    let (folder, bounds) = (args.spool(), Bounds { pixels: args.media_max_pixels });
    let files = web::block(move || -> std::io::Result<(std::fs::File, std::fs::File)> {
        Ok((tempfile::tempfile_in(&folder)?, tempfile::tempfile_in(&folder)?))
    });
    let (raw, stripped) = files.await.map_err(Problem::internal)?.map_err(|error| no_room(&error))?;
    let raw = copy(payload, buffered(raw), args.media_max_bytes).await?;
    let found = web::block(move || -> Result<(Found, std::fs::File), Refused> {
        let mut kept = stripped.try_clone()?;
        let found = inspect::inspect(raw, stripped, bounds)?;
        kept.seek(SeekFrom::Start(0))?;
        Ok((found, kept))
    });
    let (found, file) = found.await.map_err(Problem::internal)?.map_err(refused)?;
    Ok(Received { found, file: buffered(file) })
}

fn buffered(file: std::fs::File) -> File {
    let mut file = File::from_std(file);
    file.set_max_buf_size(BUFFER);
    file
}

fn permit_headers(request: &HttpRequest, most: u64) -> Result<(), Problem> {
    let headers = request.headers();
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::unsupported_media_type("the body must not be compressed"));
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > most) { Err(too_large(most)) } else { Ok(()) }
}

/// Writes the body into a file, from whose beginning it can be read then.
async fn copy(mut payload: web::Payload, file: File, most: u64) -> Result<std::fs::File, Problem> {
    let (began, mut arrived, mut file) = (Instant::now(), 0_u64, BufWriter::new(file));
    loop {
        let earned = u32::try_from(arrived).unwrap_or(u32::MAX);
        let until = began + GRACE + Duration::from_secs(earned.into()) / BYTES_PER_SECOND;
        let next = timeout_at(until, payload.next()).await.map_err(|_| too_slow(arrived))?;
        let Some(chunk) = next else { break };
        let chunk = chunk.map_err(|_| Problem::malformed("the body ended early"))?;
        arrived += chunk.len() as u64;
        if arrived > most {
            return Err(too_large(most));
        }
        file.write_all(&chunk).await.map_err(|error| no_room(&error))?;
    }
    file.flush().await.map_err(|error| no_room(&error))?;
    let mut file = file.into_inner().into_std().await;
    file.seek(SeekFrom::Start(0)).map_err(|error| no_room(&error))?;
    Ok(file)
}

fn too_large(most: u64) -> Problem {
    Problem::body_too_large(usize::try_from(most).unwrap_or(usize::MAX))
}

fn too_slow(arrived: u64) -> Problem {
    measures::http::BODIES_TOO_SLOW.increment();
    let least = format!("a body must arrive, after {GRACE:?}, at {BYTES_PER_SECOND} bytes/s or faster");
    Problem::new(&Kind::BODY_TOO_SLOW, format!("{least}; {arrived} bytes came"))
}

fn no_room(error: &std::io::Error) -> Problem {
    tracing::warn!(%error, "what is received cannot be written");
    Problem::unavailable("there is no room to receive it here; nothing was stored", 10)
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Bad(_) | Refused::TooManyPixels { .. } => not_taken(refused),
        Refused::Unknown(_) => Problem::unsupported_media_type(refused.to_string()),
        Refused::Io(error) => no_room(&error),
    }
}
