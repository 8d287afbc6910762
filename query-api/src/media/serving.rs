//! The bytes themselves. What is at an address never changes, so any cache may keep it for good and asks no more.
//! Nothing is given of which no event says that it is there; and whatever a browser takes it for, it runs nothing in
//! it.

use std::ops::Range;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::media::Item;
use domain::values::{Rendition, Sha256};
use domain::views;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use media::render;
use media::store::{Object, Reading, Store, StoreError};
use service_kit::problem::Kind;
use service_kit::{Access, Problem, Route, etag, routes, schemas};
use sqlx::FromRow;
use uuid::Uuid;

use super::{missing, named};
use crate::database::Database;
use crate::library::Library;

/// A browser shows it and does nothing else with it.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";
/// What is at an address never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// Of so many accounts that have the same bytes it is looked which are stored.
const MOST_PLACES: i64 = 4;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => original, smaller;
    }
}

/// A picture or a file
///
/// Its bytes, whole or one range of them. Pictures are shown where they are, all else is for download.
#[utoipa::path(
    get, path = "/media/{sha256}", operation_id = "read_bytes", tag = "media",
    params(("sha256" = inline(schemas::Sha256), Path, description = "What its bytes are")),
    responses(
        (status = 200, description = "The bytes", content_type = "*/*", body = schemas::Bytes),
        (status = 206, description = "That range", content_type = "*/*", body = schemas::Bytes),
        (status = 404, description = "`not-found`: there is none, or not any more"),
        (status = 416, description = "The bytes do not go so far"),
    )
)]
pub(crate) async fn original(
    library: Data<Library>,
    request: HttpRequest,
    sha256: Path<String>,
) -> Result<HttpResponse, Problem> {
    serve(&library, &request, &named(&sha256)?, None).await
}

/// A smaller size of a picture
#[utoipa::path(
    get, path = "/media/{sha256}/{rendition}", operation_id = "read_smaller_bytes", tag = "media",
    params(("sha256" = inline(schemas::Sha256), Path, description = "What the bytes of the picture are"),
        ("rendition" = String, Path, description = "Which size: `640w`")),
    responses(
        (status = 200, description = "The bytes", content_type = "*/*", body = schemas::Bytes),
        (status = 206, description = "That range", content_type = "*/*", body = schemas::Bytes),
        (status = 404, description = "`not-found`: there is none, or not any more"),
        (status = 416, description = "The bytes do not go so far"),
    )
)]
pub(crate) async fn smaller(
    library: Data<Library>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (sha256, rendition) = path.into_inner();
    let rendition: Rendition = rendition.parse().map_err(|_| missing())?;
    serve(&library, &request, &named(&sha256)?, Some(rendition)).await
}

/// A place where the bytes are.
#[derive(FromRow)]
struct Place {
    account_id: Uuid,
    upload_id: Uuid,
    media_type: String,
}

async fn serve(
    library: &Library,
    request: &HttpRequest,
    sha256: &Sha256,
    rendition: Option<Rendition>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(request, None).await?;
    let places = places(&library.database, sha256, rendition.as_ref()).await?;
    if places.is_empty() {
        return Err(reply.lists::<views::Media>().refused(missing()));
    }
    let tag = rendition.as_ref().map_or_else(|| format!("\"{sha256}\""), |size| format!("\"{sha256}-{size}\""));
    if etag::not_modified(request.headers(), &tag)? {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .insert_header((CACHE_CONTROL, FOR_GOOD))
            .finish());
    }
    let store = library.media.as_ref().ok_or_else(|| Problem::unavailable("no store is configured", 600))?;
    let wanted = Wanted { store, sha256, rendition, places };
    let (mut reading, range) = wanted.read(asked(request, &tag)).await?;
    let media_type = wanted.media_type(&mut reading, range.is_none()).await?;
    Ok(response(&tag, &media_type, sha256, reading, range))
}

async fn places(database: &Database, sha256: &Sha256, rendition: Option<&Rendition>) -> Result<Vec<Place>, Problem> {
    let needed: Vec<String> = rendition.map(ToString::to_string).into_iter().collect();
    let query = sqlx::query_as(
        "SELECT account_id, upload_id, media_type FROM content.media WHERE active AND sha256 = $1 \
         AND renditions @> $2 ORDER BY uploaded_at, upload_id LIMIT $3",
    );
    let query = query.bind(sha256.as_str()).bind(needed).bind(MOST_PLACES);
    database.run(query.fetch_all(database.pool())).await
}

/// The range that is asked for, if it is one, and of what is there now; several are answered with all of it.
fn asked(request: &HttpRequest, tag: &str) -> Option<Asked> {
    let is_meant = request.headers().get(IF_RANGE).is_none_or(|known| known.as_bytes() == tag.as_bytes());
    let range = request.headers().get(RANGE).filter(|_| is_meant)?.to_str().ok()?;
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    match (from.trim(), to.trim()) {
        ("", last) => Some(Asked::Last(last.parse().ok()?)),
        (from, "") => Some(Asked::From(from.parse().ok()?, u64::MAX)),
        (from, to) => Some(Asked::From(from.parse().ok()?, to.parse::<u64>().ok()?)),
    }
    .filter(|asked| !matches!(asked, Asked::From(from, to) if from > to))
}

/// A range as it is asked for.
#[derive(Clone, Copy)]
enum Asked {
    /// From here to there, both included.
    From(u64, u64),
    /// The last so many.
    Last(u64),
}

impl Asked {
    /// The range of so many bytes; `None` if they do not go so far.
    fn of(self, size: u64) -> Option<Range<u64>> {
        match self {
            Self::From(from, to) if from < size => Some(from..to.saturating_add(1).min(size)),
            Self::Last(last) if last > 0 && size > 0 => Some(size.saturating_sub(last)..size),
            Self::From(..) | Self::Last(_) => None,
        }
    }
}

/// Where an object may be: with each account that has these bytes.
struct Wanted<'a> {
    store: &'a Store,
    sha256: &'a Sha256,
    rendition: Option<Rendition>,
    places: Vec<Place>,
}

impl Wanted<'_> {
    /// Reads all of it, or the range that is asked for.
    async fn read(&self, asked: Option<Asked>) -> Result<(Reading, Option<Range<u64>>), Problem> {
        let Some(asked) = asked else { return Ok((self.open(None).await?, None)) };
        let size = self.first(async |object| self.store.size(object).await).await?;
        let range = asked.of(size).ok_or_else(|| too_far(size))?;
        Ok((self.open(Some(range.clone())).await?, Some(range)))
    }

    async fn open(&self, range: Option<Range<u64>>) -> Result<Reading, Problem> {
        self.first(async |object| self.store.get(object, range.clone()).await).await
    }

    /// What the first place gives where it is.
    async fn first<T>(&self, give: impl AsyncFn(&Object) -> Result<T, StoreError>) -> Result<T, Problem> {
        for Place { account_id, upload_id, .. } in &self.places {
            let item = Item { account_id: *account_id, sha256: self.sha256.clone() };
            let object = Object { item, upload_id: *upload_id, rendition: self.rendition.clone() };
            match give(&object).await {
                Err(StoreError::NotFound) => {}
                outcome => return outcome.map_err(|error| away(&error)),
            }
        }
        // It was deleted a moment ago, and the row does not say so yet.
        Err(missing())
    }

    /// What it is of: of a smaller size its beginning says so.
    async fn media_type(&self, reading: &mut Reading, is_whole: bool) -> Result<String, Problem> {
        if self.rendition.is_none() {
            return Ok(self.places.first().map(|place| place.media_type.clone()).unwrap_or_default());
        }
        if !is_whole {
            let mut beginning = self.open(Some(0..4)).await?;
            return Ok(render::media_type(&next(&mut beginning).await?).to_owned());
        }
        let head = next(reading).await?;
        let media_type = render::media_type(&head).to_owned();
        let rest: BoxStream<'static, _> = std::mem::replace(&mut reading.bytes, stream::empty().boxed());
        reading.bytes = stream::once(std::future::ready(Ok(head))).chain(rest).boxed();
        Ok(media_type)
    }
}

/// The next bytes of it.
async fn next(reading: &mut Reading) -> Result<Bytes, Problem> {
    let next = reading.bytes.next().await.transpose();
    Ok(next.map_err(|error| away(&error))?.unwrap_or_default())
}

fn away(error: &StoreError) -> Problem {
    measures::media::STORE_FAILURES.increment();
    tracing::warn!(%error, "the object store does not answer");
    Problem::unavailable("the object store cannot be reached at the moment", 5)
}

fn too_far(size: u64) -> Problem {
    Problem::new(&Kind::RANGE_NOT_SATISFIABLE, format!("there are {size} bytes"))
        .header("Content-Range", &format!("bytes */{size}"))
}

fn response(tag: &str, media_type: &str, sha256: &Sha256, reading: Reading, range: Option<Range<u64>>) -> HttpResponse {
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, FOR_GOOD))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"))
        .insert_header((CONTENT_DISPOSITION, disposition(media_type, sha256)))
        // As it is: a range of it is one of these bytes.
        .insert_header((CONTENT_ENCODING, "identity"));
    let size = reading.size;
    let length = range.as_ref().map_or(size, |range| range.end - range.start);
    if let Some(Range { start, end }) = range {
        response.insert_header((CONTENT_RANGE, format!("bytes {start}-{}/{size}", end - 1)));
    }
    response.body(SizedStream::new(length, reading.bytes))
}

/// Pictures are shown where they are; all else is for download, under a name that tells its kind.
fn disposition(media_type: &str, sha256: &Sha256) -> String {
    if media_type.starts_with("image/") {
        return "inline".to_owned();
    }
    let ending = match media_type {
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/gzip" => "gz",
        "application/epub+zip" => "epub",
        "audio/mpeg" => "mp3",
        "video/mp4" => "mp4",
        "text/plain" => "txt",
        _ => "bin",
    };
    format!("attachment; filename=\"{}.{ending}\"", &sha256.as_str()[..12])
}
