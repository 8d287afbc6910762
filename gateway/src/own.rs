//! What the gateway answers itself: a page for who opens the address ([`front`]), the documentation ([`openapi`],
//! [`docs`]), small [`file`]s that browsers and robots ask for; and how it says no ([`refusal`]). What pages share is
//! in [`page`].

mod docs;
mod file;
mod front;
pub(crate) mod openapi;
mod page;
mod refusal;

use std::sync::LazyLock;

use file::File;
use http::header::{ACCEPT, ALLOW, CONTENT_LENGTH};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use http_body::Body as _;

pub(crate) use refusal::{problem, problem_with};

use crate::answer::{Response, empty};
use crate::upstream::Upstreams;

static ICON: LazyLock<File> = LazyLock::new(|| File::new("image/svg+xml", include_bytes!("own/assets/favicon.svg")));
static ICON_OF_OLD: LazyLock<File> =
    LazyLock::new(|| File::new("image/x-icon", include_bytes!("own/assets/favicon.ico")));
static ROBOTS: LazyLock<File> =
    LazyLock::new(|| File::new("text/plain; charset=utf-8", include_bytes!("own/assets/robots.txt")));

const ALLOWED: &str = "GET, HEAD";

/// The answer to what is the gateway's own; `None` for what is a service's, or nobody's.
pub(crate) async fn answer(request: &Parts, upstreams: &Upstreams) -> Option<Response> {
    let path = request.uri.path();
    let file = file_at(path);
    if file.is_none() && path != "/" {
        return None;
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        return Some(not_allowed(request));
    }
    let response = match file {
        Some(file) => file.answer(request),
        None => front::front(upstreams).await,
    };
    Some(if request.method == Method::HEAD { without_body(response) } else { response })
}

fn file_at(path: &str) -> Option<&'static File> {
    match path {
        "/openapi.json" => Some(&openapi::FILE),
        "/favicon.svg" => Some(&ICON),
        "/favicon.ico" => Some(&ICON_OF_OLD),
        "/robots.txt" => Some(&ROBOTS),
        _ => docs::file(path.strip_prefix("/docs")?),
    }
}

fn not_allowed(request: &Parts) -> Response {
    let (status, detail) = (StatusCode::METHOD_NOT_ALLOWED, format!("this resource answers {ALLOWED}"));
    let mut response = problem(request.headers.get(ACCEPT), status, "method-not-allowed", &detail);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(ALLOWED));
    response
}

/// What HEAD answers: how much GET would send.
fn without_body(mut response: Response) -> Response {
    if let Some(length) = response.body().size_hint().exact().filter(|_| response.status() == StatusCode::OK) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    *response.body_mut() = empty();
    response
}

#[cfg(test)]
mod tests;
