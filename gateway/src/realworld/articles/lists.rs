use http::StatusCode;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::answer::Response;
use crate::realworld::asking::Asking;
use crate::realworld::failed::{Errors, Failed};
use crate::realworld::fields::tag;
use crate::realworld::native::Position;
use crate::realworld::shown::{answer, article};

/// So many articles a page has where nothing is said, and at most.
const USUAL: u32 = 20;
const MOST: u32 = 100;
/// Beyond so many none is looked for.
const FARTHEST: u32 = 100_000;

/// No tag is longer.
const LONGEST_TAG: usize = 64;

/// Which page of a list is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    limit: u32,
    offset: u32,
}

impl Page {
    /// What is beyond the bounds is taken for them; what is no number is wrong.
    fn of(query: &str) -> Result<Self, Failed> {
        let mut errors = Errors::default();
        let mut number = |name: &str, usual: u32| match parameter(query, name) {
            None => usual,
            Some(text) => match text.trim().parse::<u64>() {
                Ok(number) => u32::try_from(number).unwrap_or(u32::MAX),
                // More digits than fit are many all the same.
                Err(_) if text.bytes().all(|byte| byte.is_ascii_digit()) => u32::MAX,
                Err(_) => {
                    errors.add(name, "is no number of 0 or more");
                    usual
                }
            },
        };
        let (limit, offset) = (number("limit", USUAL), number("offset", 0));
        errors.none()?;
        Ok(Self { limit: limit.min(MOST), offset })
    }

    fn is_empty(&self) -> bool {
        self.limit == 0 || self.offset > FARTHEST
    }

    /// As it is asked for natively: a page that is empty for sure is asked for its total.
    fn native(&self) -> [(&'static str, String); 2] {
        [("limit", self.limit.max(1).to_string()), ("offset", self.offset.min(FARTHEST).to_string())]
    }
}

/// `GET /api/articles`.
pub(in crate::realworld) async fn list(asking: &Asking<'_>, query: &str) -> Result<Response, Failed> {
    let page = Page::of(query)?;
    match native(query, &page) {
        Some(native) => cards(asking, &page, &native).await,
        None => Ok(shown(&[], 0)),
    }
}

/// The parameters as they are natively; nothing where no article can have what is asked for.
fn native(query: &str, page: &Page) -> Option<String> {
    let mut native = form_urlencoded::Serializer::new(String::new());
    if let Some(text) = parameter(query, "tag") {
        let tag = Some(tag(&text)).filter(|tag| (1..=LONGEST_TAG).contains(&tag.len()))?;
        native.append_pair("tag", &tag);
    }
    for (name, there) in [("author", "author"), ("favorited", "reacted_by")] {
        if let Some(user_name) = parameter(query, name) {
            native.append_pair(there, &user_name);
        }
    }
    Some(native.extend_pairs(page.native()).finish())
}

/// `GET /api/articles/feed`.
pub(in crate::realworld) async fn feed(asking: &Asking<'_>, query: &str) -> Result<Response, Failed> {
    asking.access()?;
    let page = Page::of(query)?;
    let native = {
        let mut native = form_urlencoded::Serializer::new(String::new());
        native.append_pair("followed", "true").extend_pairs(page.native()).finish()
    };
    cards(asking, &page, &native).await
}

async fn cards(asking: &Asking<'_>, page: &Page, query: &str) -> Result<Response, Failed> {
    let native = asking.query(&format!("/v1/cards?{query}"), &Position::none()).await?;
    // Nobody has the name, or has it any more, or they keep to themselves what is asked for.
    let nothing = [StatusCode::NOT_FOUND, StatusCode::GONE, StatusCode::FORBIDDEN, StatusCode::MOVED_PERMANENTLY];
    if nothing.contains(&native.status) {
        return Ok(shown(&[], 0));
    }
    let found = native.ok("articles")?;
    let cards = found["cards"].as_array().map(Vec::as_slice).unwrap_or_default();
    let cards = if page.is_empty() { &[] } else { cards };
    Ok(shown(cards, found["total"].as_i64().unwrap_or_default()))
}

fn shown(cards: &[Value], total: i64) -> Response {
    let articles: Vec<Value> = cards.iter().map(article).collect();
    answer(StatusCode::OK, &json!({"articles": articles, "articlesCount": total}))
}

/// `GET /api/tags`.
pub(in crate::realworld) async fn tags(asking: &Asking<'_>) -> Result<Response, Failed> {
    let found = asking.query("/v1/tags?limit=1000", &Position::none()).await?.ok("tags")?;
    let names: Vec<&Value> = found["tags"].as_array().into_iter().flatten().map(|tag| &tag["tag"]).collect();
    Ok(answer(StatusCode::OK, &json!({"tags": names})))
}

/// A parameter that says something.
fn parameter(query: &str, name: &str) -> Option<String> {
    let found = form_urlencoded::parse(query.as_bytes()).find(|(found, value)| found == name && !value.is_empty());
    found.map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Option<(u32, u32)> {
        Page::of(query).ok().map(|page| (page.limit, page.offset))
    }

    #[test]
    fn a_page_is_within_the_bounds_whatever_is_asked_for() {
        assert_eq!(page(""), Some((20, 0)));
        assert_eq!(page("limit=&offset="), Some((20, 0)));
        assert_eq!(page("limit=7&offset=14"), Some((7, 14)));
        assert_eq!(page("limit=5000"), Some((100, 0)));
        assert_eq!(page("offset=99999999999999999999999"), Some((20, u32::MAX)));
        for wrong in ["limit=-1", "offset=-1", "limit=ten", "offset=1.5"] {
            assert_eq!(page(wrong), None, "{wrong}");
        }
        assert!(Page::of("limit=0").unwrap().is_empty() && Page::of("offset=200000").unwrap().is_empty());
    }
}
