//! How the gateway says no: a page for who asks for one, as browsers do, and problem details for everybody else.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderValue, StatusCode};
use maud::{Markup, html};
use service_kit::ProblemDetails;
use service_kit::problem::{Kind, MEDIA_TYPE};

use super::page::page;
use crate::answer::{Response, full};

/// A problem: `name` is the end of its type, and `accept` says what the client likes to read.
pub(crate) fn problem(accept: Option<&HeaderValue>, status: StatusCode, name: &str, detail: &str) -> Response {
    let title = Kind::ALL.iter().find(|kind| kind.name == name).map_or("The request failed", |kind| kind.title);
    let details = ProblemDetails {
        kind: format!("urn:inklog:problem:{name}"),
        title: title.to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        errors: Vec::new(),
        version: None,
        command_id: None,
        incident: None,
        extensions: serde_json::Map::new(),
    };
    problem_with(accept, status, &details)
}

/// A problem of which there is more to say to programs.
pub(crate) fn problem_with(accept: Option<&HeaderValue>, status: StatusCode, details: &ProblemDetails) -> Response {
    let mut response = if likes_pages(accept) {
        page(status, "no-store", &details.title, &content(status, &details.title, &details.detail))
    } else {
        written(status, details)
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept"));
    response
}

fn written(status: StatusCode, details: &ProblemDetails) -> Response {
    let mut response = Response::new(full(serde_json::to_string(details).unwrap_or_default()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn content(status: StatusCode, title: &str, detail: &str) -> Markup {
    let again = matches!(status.as_u16(), 429 | 502 | 503 | 504);
    html! {
        p.quiet { (status.as_u16()) }
        h1 { (title) }
        p { (detail) }
        @if again { p { "It may work in a few seconds: load the page again then." } }
        nav aria-label="Where to go on" {
            ul {
                li { a href="/" { "The newest posts" } }
                li { a href="/docs" { "Documentation" } " of the interface" }
            }
        }
    }
}

/// Whether a client names HTML, and likes it no less than JSON. Who takes anything gets what programs read.
fn likes_pages(accept: Option<&HeaderValue>) -> bool {
    let Some(accept) = accept.and_then(|value| value.to_str().ok()) else { return false };
    let weight = |wanted: &[&str]| {
        let ranges = accept.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
            wanted.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)).then_some(weight.unwrap_or(0.0))
        });
        ranges.fold(0.0, f32::max)
    };
    let html = weight(&["text/html", "application/xhtml+xml"]);
    html > 0.0 && html >= weight(&["application/json", MEDIA_TYPE])
}

#[cfg(test)]
mod tests;
