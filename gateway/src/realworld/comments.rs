//! `/api/articles/{slug}/comments`: what is said of an article. The id of a comment is its number on the article.

use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::articles::{card, id};
use super::asking::Asking;
use super::failed::Failed;
use super::fields::Fields;
use super::native::Position;
use super::shown::{answer, comment as shown};
use crate::answer::{Response, bare};

/// So many pages of a hundred comments are shown at once.
const PAGES: usize = 5;

/// `GET /api/articles/{slug}/comments`.
pub(super) async fn list(asking: &Asking<'_>, slug: &str) -> Result<Response, Failed> {
    let post = card(asking, slug, &Position::none()).await?;
    let mut said = Vec::new();
    let mut next = Some(String::new());
    for _ in 0..PAGES {
        let Some(cursor) = next else { break };
        let path = format!("/v1/posts/{}/comments?limit=100{cursor}", slug_of(&post));
        let mut page = asking.query(&path, &Position::none()).await?.ok("article")?;
        next = page["next"].as_str().map(|cursor| format!("&cursor={cursor}"));
        if let Some(comments) = page["comments"].as_array_mut() {
            said.extend(comments.drain(..).filter(says_something));
        }
    }
    let people = authors(asking, &said, &Position::none()).await?;
    let comments: Vec<Value> = said.iter().map(|comment| shown(comment, author(comment, &people))).collect();
    Ok(answer(StatusCode::OK, &json!({"comments": comments})))
}

/// `POST /api/articles/{slug}/comments`.
pub(super) async fn create(asking: &Asking<'_>, slug: &str, body: &[u8]) -> Result<Response, Failed> {
    asking.access()?;
    let post = card(asking, slug, &Position::none()).await?;
    let mut fields = Fields::of(body, "comment")?;
    let text = fields.text("body");
    fields.right()?;
    let path = format!("/v1/comments/{}", id(&post));
    let native = asking.command(Method::POST, &path, Some(&json!({"text": text}))).await?;
    let position = native.position();
    let reply = native.ok("comment")?;
    let path = format!("/v1/posts/{}/comments/{}", slug_of(&post), reply["number"]);
    let said = [asking.query(&path, &position).await?.ok("comment")?];
    let people = authors(asking, &said, &position).await?;
    Ok(answer(StatusCode::CREATED, &json!({"comment": shown(&said[0], author(&said[0], &people))})))
}

/// `DELETE /api/articles/{slug}/comments/{id}`.
pub(super) async fn delete(asking: &Asking<'_>, slug: &str, number: &str) -> Result<Response, Failed> {
    asking.access()?;
    let post = card(asking, slug, &Position::none()).await?;
    let missing = || Failed::not_found("comment");
    let number: u32 = number.parse().map_err(|_| missing())?;
    let path = format!("/v1/posts/{}/comments/{number}", slug_of(&post));
    let said = asking.query(&path, &Position::none()).await?.ok("comment")?;
    if !says_something(&said) {
        return Err(missing());
    }
    let native = asking.command(Method::DELETE, &format!("/v1/comments/{}/{number}", id(&post)), None).await?;
    let position = native.position();
    native.ok("comment")?;
    asking.settle(&position).await?;
    Ok(bare(StatusCode::NO_CONTENT))
}

fn slug_of(post: &Value) -> &str {
    post["slug"].as_str().unwrap_or_default()
}

fn says_something(comment: &Value) -> bool {
    comment["text_markdown"].is_string()
}

/// Who wrote these, looked up a hundred at a time.
async fn authors(asking: &Asking<'_>, said: &[Value], position: &Position) -> Result<Vec<Value>, Failed> {
    let ids: BTreeSet<&str> = said.iter().filter_map(|comment| comment["author"]["id"].as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let mut people = Vec::new();
    for some in ids.chunks(100) {
        let path = format!("/v1/people?ids={}", some.join(","));
        let mut found = asking.query(&path, position).await?.ok("profile")?;
        if let Some(found) = found["people"].as_array_mut() {
            people.append(found);
        }
    }
    Ok(people)
}

/// Who wrote a comment: as it says itself, where no account was registered under the id.
fn author<'a>(comment: &'a Value, people: &'a [Value]) -> &'a Value {
    people.iter().find(|person| person["id"] == comment["author"]["id"]).unwrap_or(&comment["author"])
}
