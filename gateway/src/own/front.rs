//! `/`, for a person who opens the address: what this is, what was written last, and where to look.

use std::time::Duration;

use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::page::page;
use crate::answer::Response;
use crate::upstream::Upstreams;

/// The page is shown without posts where they have not come by then.
const PATIENCE: Duration = Duration::from_millis(800);
const NEWEST: &str = "/v1/posts?limit=10";

/// What is shown of the list of posts; what else it has does not matter here.
#[derive(Debug, Default, Deserialize)]
struct List {
    posts: Vec<Post>,
}

#[derive(Debug, Deserialize)]
struct Post {
    slug: String,
    title: String,
    summary: String,
    author: Author,
    published_at: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Author {
    user_name: Option<String>,
    display_name: Option<String>,
}

/// `GET /`.
pub(crate) async fn front(upstreams: &Upstreams) -> Response {
    let answered = upstreams.newest.get(upstreams.read(NEWEST, PATIENCE)).await;
    let posts = answered.and_then(|bytes| serde_json::from_slice::<List>(&bytes).ok()).map(|list| list.posts);
    page(StatusCode::OK, "public, max-age=5", "inklog", &content(posts.as_deref(), &upstreams.states()))
}

/// `states` has each service with the number of its instances that are ready, and of all.
fn content(posts: Option<&[Post]>, states: &[(&'static str, usize, usize)]) -> Markup {
    html! {
        header {
            h1 { "inklog" }
            p { "A blog platform whose only memory is a log: commands become events, and events become the pages that "
                "people read." }
        }
        section aria-labelledby="newest" {
            h2 id="newest" { "Newest posts" }
            @match posts {
                None => p { "The posts cannot be read at the moment. Try again in a few seconds." },
                Some([]) => p { "Nothing has been published yet." },
                Some(posts) => ol { @for post in posts { li { (entry(post)) } } },
            }
        }
        nav aria-labelledby="look" {
            h2 id="look" { "Where to look" }
            ul {
                li { a href="/docs" { "Documentation" } " of the interface, to try out" }
                li { a href="/openapi.json" { "The same as OpenAPI" } ", for programs" }
                li { a href="/v1/posts" { "All posts" } ", " a href="/v1/tags" { "tags" } ", "
                    a href="/v1/categories" { "categories" } " and " a href="/v1/authors" { "authors" } ", as JSON" }
            }
        }
        section aria-labelledby="health" {
            h2 id="health" { "Health" }
            ul {
                @for (name, ready, all) in states {
                    li { (name) ": " (state(*ready, *all)) }
                }
                li { "the gateway itself, " a href="/readyz" { "for programs" } }
            }
        }
    }
}

/// In words: colours alone tell not everybody.
fn state(ready: usize, all: usize) -> Markup {
    html! {
        @if ready == 0 { strong { "away" } } @else if ready < all { "partly ready" } @else { "ready" }
        span.quiet { " (" (ready) " of " (all) " instances)" }
    }
}

fn entry(post: &Post) -> Markup {
    let author = post.author.display_name.as_deref().or(post.author.user_name.as_deref());
    let day = post.published_at.as_deref().and_then(|at| at.get(..10));
    html! {
        a href={ "/v1/posts/" (post.slug) } { (post.title) }
        @if !post.summary.is_empty() { p { (post.summary) } }
        p.quiet {
            @if let Some(author) = author { "by " bdi { (author) } " " }
            @if let Some(day) = day { "on " time datetime=(day) { (day) } }
        }
    }
}

#[cfg(test)]
mod tests;
