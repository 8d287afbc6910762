//! Receives a picture or a file: into a file of its own, which is gone with the process, and from there into another
//! without what tells of people. Of its bytes no more are in memory than the connection brings at once.

use std::io::{Seek as _, SeekFrom};
use std::time::Duration;

use ::media::inspect::{self, Bounds, Found, Refused};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{HttpRequest, web};
use futures::StreamExt as _;
use service_kit::Problem;
use service_kit::problem::Kind;
use tokio::fs::File;
use tokio::io::{AsyncWriteExt as _, BufWriter};
use tokio::time::{Instant, timeout_at};

use super::args::MediaArgs;
use super::not_taken;
use super::places::Place;

/// For so long a body may rest, be it in the beginning or later on, however fast it came before.
const GRACE: Duration = Duration::from_secs(10);

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
    place: &Place<'_>,
) -> Result<Received, Problem> {
    permit_headers(request, args.media_max_bytes)?;
    let (folder, bounds) = (args.spool(), Bounds { pixels: args.media_max_pixels });
    let files = web::block(move || -> std::io::Result<(std::fs::File, std::fs::File)> {
        Ok((tempfile::tempfile_in(&folder)?, tempfile::tempfile_in(&folder)?))
    });
    let (raw, stripped) = files.await.map_err(Problem::internal)?.map_err(|error| no_room(&error))?;
    let raw = copy(payload, buffered(raw), args.media_max_bytes, place).await?;
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
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    // What a body is said to be is not believed, but that it is a form is certain: it would be stored as it is.
    if kind.starts_with("multipart/") || kind.starts_with("application/x-www-form-urlencoded") {
        let detail = "the body is the bytes of the file itself, and no form (curl: --data-binary @FILE)";
        return Err(Problem::unsupported_media_type(detail));
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > most) { Err(too_large(most)) } else { Ok(()) }
}

/// Until when more of a body must have come. Each piece earns time by the least rate, and no more is saved up than a
/// body has in the beginning.
struct Pace {
    until: Instant,
}

impl Pace {
    fn from(now: Instant) -> Self {
        Self { until: now + GRACE }
    }

    /// `bytes` came by now.
    fn came(&mut self, bytes: usize, least_rate: u32, now: Instant) {
        let earned = Duration::from_secs(u32::try_from(bytes).unwrap_or(u32::MAX).into()) / least_rate;
        self.until = (self.until + earned).min(now + GRACE);
    }
}

/// Writes the body into a file, from whose beginning it can be read then.
async fn copy(mut payload: web::Payload, file: File, most: u64, place: &Place<'_>) -> Result<std::fs::File, Problem> {
    let (mut pace, mut arrived, mut file) = (Pace::from(Instant::now()), 0_u64, BufWriter::new(file));
    loop {
        let next = timeout_at(pace.until, payload.next()).await;
        let next = next.map_err(|_| too_slow(arrived, place.least_rate()))?;
        let Some(chunk) = next else { break };
        let chunk = chunk.map_err(|_| Problem::malformed("the body ended early"))?;
        pace.came(chunk.len(), place.least_rate(), Instant::now());
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

fn too_slow(arrived: u64, least_rate: u32) -> Problem {
    measures::http::BODIES_TOO_SLOW.increment();
    let least = format!("a body may rest for {GRACE:?}, and must else arrive at {least_rate} bytes/s or faster");
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

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 1_000;

    /// What came in an instant earned time for all that it was: a caller who held back the last byte kept the place
    /// for a quarter of an hour.
    #[test]
    fn however_fast_a_body_came_it_rests_for_no_longer() {
        let now = Instant::now();
        let mut pace = Pace::from(now);
        pace.came(20_000_000, RATE, now);
        assert_eq!(pace.until, now + GRACE);
    }

    #[test]
    fn a_body_at_the_least_rate_goes_on_and_a_slower_one_ends() {
        let began = Instant::now();
        let lasts = |bytes_a_second: usize| {
            let mut pace = Pace::from(began);
            let second = |second: u64| began + Duration::from_secs(second);
            let ended = (1..=100).find(|passed| {
                let is_over = second(*passed) > pace.until;
                pace.came(bytes_a_second, RATE, second(*passed));
                is_over
            });
            ended.unwrap_or(100)
        };
        assert_eq!(lasts(1_000), 100);
        assert_eq!(lasts(500), 20);
    }
}
