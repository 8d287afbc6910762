//! Pictures and files: their bytes at `GET /media/{sha256}`, what is known of them at `GET /v1/media/{sha256}`, those
//! of the reader at `GET /v1/me/media`, and which posts use one. They are brought and deleted at the command API.

mod list;
mod serving;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::Sha256;
use domain::views;
use serde::Serialize;
use service_kit::{Access, Problem, Query, Route, routes, schemas};
use utoipa::ToSchema;

use crate::database::Time;
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::reply::unkept;
use crate::row::row;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    let described = routes! {
        Access::Anyone => read;
    };
    [serving::routes(), described, list::routes()].concat()
}

row! {
    /// A picture or a file.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct Medium of "m" {
        /// What its bytes are: it is served at `/media/` and this.
        sha256: String,
        /// What the bytes were found to be.
        media_type: String,
        /// How many they are.
        bytes: i64,
        /// How many pixels wide it is shown; null where that is not known.
        #[schema(required = true)]
        width: Option<i64>,
        /// How many pixels high it is shown.
        #[schema(required = true)]
        height: Option<i64>,
        /// What is to be read where it is not seen; may be empty.
        alt: String,
        /// The smaller sizes there are, the smallest first: `640w` is served at `/media/{sha256}/640w`, and is what
        /// `srcset` calls it.
        renditions: Vec<String>,
        /// When it was brought.
        #[schema(value_type = String, format = DateTime)]
        uploaded_at: Time,
    }
}

/// What is known of a picture or a file
///
/// All that makes an `img` with `srcset`, `width`, `height` and `alt` of it.
#[utoipa::path(
    get, path = "/v1/media/{sha256}", operation_id = "read_media", tag = "media",
    params(("sha256" = schemas::Sha256, Path, description = "What its bytes are"), OneQuery),
    responses(
        (status = 200, description = "It", body = Medium),
        (status = 404, description = "`not-found`: there is none, or not any more"),
    )
)]
pub(crate) async fn read(
    library: Data<Library>,
    request: HttpRequest,
    sha256: Path<String>,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let sha256 = named(&sha256)?;
    let reply = library.reply(&request, query.position.as_ref()).await?.lists::<views::Media>();
    // Of several accounts that have it, the one that has described it.
    let sql = format!(
        "SELECT {} FROM content.media m WHERE m.active AND m.sha256 = $1 \
         ORDER BY m.alt = '', m.uploaded_at, m.upload_id LIMIT 1",
        Medium::columns()
    );
    let query = sqlx::query_as::<_, Medium>(sqlx::AssertSqlSafe(sql)).bind(sha256.as_str());
    let database = &library.database;
    match database.run(query.fetch_optional(database.pool())).await? {
        Some(medium) => reply.json(&medium),
        None => Err(reply.refused(missing())),
    }
}

fn named(sha256: &str) -> Result<Sha256, Problem> {
    sha256.parse().map_err(|_| missing())
}

fn missing() -> Problem {
    unkept(Problem::not_found("there is no such picture or file"))
}
