//! Answers with a strong entity tag, and 304 for a reader who has the same already.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LINK, LOCATION, VARY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::views::View;
use serde::Serialize;
use service_kit::position::STALE;
use service_kit::{Problem, etag};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::freshness::Freshness;
use crate::progress::Parked;

/// Who may keep an answer. A cache asks whether it still holds before it shows it again, so it is never stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Any cache.
    Public,
    /// The reader's own only.
    Private,
    /// None.
    Never,
}

impl Keep {
    fn header(self) -> &'static str {
        match self {
            Self::Public => "public, no-cache",
            Self::Private => "private, no-cache",
            Self::Never => "private, no-store",
        }
    }
}

/// An answer in the making.
pub(crate) struct Reply<'a> {
    request: &'a HttpRequest,
    freshness: Freshness,
    parked: Arc<Parked>,
    keep: Keep,
    vary: Option<&'static str>,
    next: Option<String>,
    previous: Option<String>,
}

impl<'a> Reply<'a> {
    /// An answer that is made of no row, and that any cache may keep.
    pub(crate) fn constant(request: &'a HttpRequest) -> Self {
        Self::of_rows(request, Freshness::Fresh, Arc::default())
    }

    /// One that is made of rows that are so fresh, but for what is parked. Which rows, say [`Self::shows`] and
    /// [`Self::lists`].
    pub(crate) fn of_rows(request: &'a HttpRequest, freshness: Freshness, parked: Arc<Parked>) -> Self {
        Self { request, freshness, parked, keep: Keep::Public, vary: None, next: None, previous: None }
    }

    /// Says that it shows rows of a view, found by these ids.
    pub(crate) fn shows<V: View>(self, ids: impl IntoIterator<Item = Uuid>) -> Self {
        let stale = ids.into_iter().any(|id| self.parked.concerns::<V>(&id.to_string()));
        self.stale_if(stale)
    }

    /// The same, found by these names.
    pub(crate) fn shows_named<V: View>(self, names: &[String]) -> Self {
        let stale = names.iter().any(|name| self.parked.concerns::<V>(name));
        self.stale_if(stale)
    }

    /// Says that it shows what there is of a view, or that there is none: an aggregate whose events are parked may be
    /// missing.
    pub(crate) fn lists<V: View>(self) -> Self {
        let stale = self.parked.concerns_any::<V>();
        self.stale_if(stale)
    }

    fn stale_if(self, stale: bool) -> Self {
        if stale { Self { freshness: Freshness::Stale, ..self } } else { self }
    }

    /// A problem, as fresh as this.
    pub(crate) fn refused(&self, problem: Problem) -> Problem {
        if self.freshness == Freshness::Stale { problem.header(STALE, "true") } else { problem }
    }

    /// 301. What is there may come to be elsewhere, so even a permanent redirect is asked for anew.
    pub(crate) fn moved(&self, path: &str, query: &str) -> HttpResponse {
        let separator = if query.is_empty() { "" } else { "?" };
        let mut response = HttpResponse::MovedPermanently();
        response.insert_header((LOCATION, format!("{path}{separator}{query}")));
        response.insert_header((CACHE_CONTROL, "no-cache"));
        self.finish_head(&mut response);
        response.finish()
    }

    /// Says who may keep it.
    pub(crate) fn keep(self, keep: Keep) -> Self {
        Self { keep, ..self }
    }

    /// Says that it depends on who asks.
    pub(crate) fn depends_on_the_reader(self) -> Self {
        Self { vary: Some("Authorization"), ..self }
    }

    /// Says where the next page is, if there is one.
    pub(crate) fn next_page(self, cursor: Option<&str>) -> Self {
        let next = cursor.map(|cursor| format!("<{}>; rel=\"next\"", next_page(self.request, cursor)));
        Self { next, ..self }
    }

    /// Says where the previous page is, if there is one.
    pub(crate) fn previous_page(self, cursor: Option<&str>) -> Self {
        let previous = cursor.map(|cursor| format!("<{}>; rel=\"prev\"", next_page(self.request, cursor)));
        Self { previous, ..self }
    }

    /// 304, if the reader has what `tag` stands for.
    pub(crate) fn not_modified(&self, tag: &str) -> Result<Option<HttpResponse>, Problem> {
        // A cache would keep the header of a stale answer whose body was right all along, for a 304 takes none away.
        let known = etag::not_modified(self.request.headers(), tag)? && self.freshness != Freshness::Stale;
        Ok(known.then(|| self.head(HttpResponse::NotModified(), tag).finish()))
    }

    /// The answer, under the tag given.
    pub(crate) fn json_as(&self, tag: &str, value: &impl Serialize) -> Result<HttpResponse, Problem> {
        let body = serde_json::to_vec(value).map_err(Problem::internal)?;
        Ok(self.head(HttpResponse::Ok(), tag).insert_header((CONTENT_TYPE, "application/json")).body(body))
    }

    /// The answer under a tag made from its bytes, or 304.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<HttpResponse, Problem> {
        let body = serde_json::to_vec(value).map_err(Problem::internal)?;
        let tag = tag_of(&body);
        if let Some(response) = self.not_modified(&tag)? {
            return Ok(response);
        }
        Ok(self.head(HttpResponse::Ok(), &tag).insert_header((CONTENT_TYPE, "application/json")).body(body))
    }

    fn head(&self, mut response: HttpResponseBuilder, tag: &str) -> HttpResponseBuilder {
        let keep = if self.freshness == Freshness::Stale { "no-store" } else { self.keep.header() };
        response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, keep));
        self.finish_head(&mut response);
        response
    }

    fn finish_head(&self, response: &mut HttpResponseBuilder) {
        if self.freshness == Freshness::Stale {
            response.insert_header((STALE, "true"));
        }
        if let Some(vary) = self.vary {
            response.insert_header((VARY, vary));
        }
        for link in [&self.next, &self.previous].into_iter().flatten() {
            response.append_header((LINK, link.as_str()));
        }
    }
}

/// The tag of some bytes.
pub(crate) fn tag_of(body: &[u8]) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(body)[..16]))
}

/// A problem that caches keep no longer than an answer: by default they may keep a 404 or 410 as they see fit.
pub(crate) fn unkept(problem: Problem) -> Problem {
    problem.header("Cache-Control", "no-cache").header("Vary", "Authorization")
}

/// The same request from another place on. The position was waited for already.
fn next_page(request: &HttpRequest, cursor: &str) -> String {
    let kept = |pair: &&str| !["cursor", "position"].contains(&pair.split('=').next().unwrap_or_default());
    let mut query: Vec<&str> = request.query_string().split('&').filter(|pair| !pair.is_empty()).filter(kept).collect();
    let cursor = format!("cursor={cursor}");
    query.push(&cursor);
    format!("{}?{}", request.path(), query.join("&"))
}
