//! What a request demands of an answer's freshness.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use domain::values::Limited as _;
use serde::Deserialize;
use service_kit::position::{NotAPosition, POSITION};
use service_kit::{FieldError, PositionToken, Problem, patience, schemas};
use utoipa::IntoParams;
use utoipa::openapi::ObjectBuilder;

/// `?position=` of a query.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Position(PositionToken);

impl TryFrom<String> for Position {
    type Error = NotAPosition;
    fn try_from(token: String) -> Result<Self, NotAPosition> {
        token.parse().map(Self)
    }
}

/// How the description has it.
pub(crate) fn position() -> ObjectBuilder {
    schemas::text(PositionToken::LIMITS)
}

/// The parameters of a single entry.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneQuery {
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(required = false, schema_with = position)]
    pub(crate) position: Option<Position>,
}

/// The event that an answer must reflect, and whether it may be given without.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Demand {
    pub(crate) position: Option<PositionToken>,
    pub(crate) stale_ok: bool,
    /// How long the reader waits, if it says so.
    pub(crate) waits: Option<Duration>,
}

impl Demand {
    /// Reads `Inklog-Position` (or else `?position=`), `Prefer` and `Inklog-Timeout-Ms`.
    pub(crate) fn of(request: &HttpRequest, parameter: Option<&Position>) -> Result<Self, Problem> {
        let position = header(request.headers())?.or(parameter.map(|Position(token)| token.clone()));
        let (stale_ok, waits) = (prefers_stale(request.headers()), patience::of(request.headers()));
        Ok(Self { position, stale_ok, waits })
    }
}

fn header(headers: &HeaderMap) -> Result<Option<PositionToken>, Problem> {
    let Some(value) = headers.get(POSITION) else { return Ok(None) };
    let token = value.to_str().unwrap_or_default().trim().parse();
    let wrong = |error: NotAPosition| Problem::invalid(vec![FieldError::parameter(POSITION, error.to_string())]);
    token.map(Some).map_err(wrong)
}

fn prefers_stale(headers: &HeaderMap) -> bool {
    let preferences = headers.get_all("Prefer").filter_map(|value| value.to_str().ok());
    preferences.flat_map(|value| value.split(',')).any(|preference| preference.trim().eq_ignore_ascii_case("stale-ok"))
}

/// How fresh an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// As fresh as was asked for.
    Fresh,
    /// Not, which the reader was content with.
    Stale,
}
