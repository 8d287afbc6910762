//! `/api/articles` and `/api/tags`: published posts.

mod lists;

pub(super) use lists::{feed, list, tags};

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::asking::Asking;
use super::failed::Failed;
use super::fields::Fields;
use super::native::Position;
use super::shown::{answer, article};
use crate::answer::{Response, bare};

/// The kind of reaction that a favorite is.
const LIKE: &str = "like";

/// `GET /api/articles/{slug}`.
pub(super) async fn one(asking: &Asking<'_>, slug: &str) -> Result<Response, Failed> {
    let card = card(asking, slug, &Position::none()).await?;
    Ok(answer(StatusCode::OK, &json!({"article": article(&card)})))
}

/// `POST /api/articles`: a post that is drafted and published.
pub(super) async fn create(asking: &Asking<'_>, body: &[u8]) -> Result<Response, Failed> {
    asking.access()?;
    let mut fields = Fields::of(body, "article")?;
    let [title, summary, text] = ["title", "description", "body"].map(|name| fields.text(name));
    let tags = fields.tags("tagList").unwrap_or_default();
    fields.right()?;
    let post = json!({"title": title, "summary": summary, "body": text, "tags": tags});
    let drafted = asking.command(Method::POST, "/v1/posts", Some(&post)).await?.ok("article")?;
    let id = drafted["id"].as_str().unwrap_or_default();
    let published = asking.command(Method::POST, &format!("/v1/posts/{id}/publish"), None).await?;
    if published.status.is_client_error() {
        // Nobody would find the draft here: it goes, if it is as it was drafted. One that is public after all, for the
        // answer to its publication was lost, is of another version. Why it is not public is told in any case.
        let version = drafted["version"].as_i64().unwrap_or_default();
        let _ = asking.delete_as(&format!("/v1/posts/{id}"), version).await;
    }
    let position = published.position();
    let reply = published.ok("article")?;
    shown(asking, &reply, &position, StatusCode::CREATED).await
}

/// `PUT /api/articles/{slug}`.
pub(super) async fn update(asking: &Asking<'_>, slug: &str, body: &[u8]) -> Result<Response, Failed> {
    let account_id = asking.access()?.account_id.clone();
    let card = card(asking, slug, &Position::none()).await?;
    let path = format!("/v1/posts/{}", id(&card));
    let change = match change(body) {
        Ok(change) => change,
        Err(wrong) if card["author"]["id"] == *account_id => return Err(wrong),
        Err(wrong) => {
            // Who may not change it is told that first, whatever they sent.
            asking.command(Method::PATCH, &path, Some(&json!({}))).await?.ok("article")?;
            return Err(wrong);
        }
    };
    let native = asking.command(Method::PATCH, &path, Some(&change)).await?;
    let position = native.position();
    let reply = native.ok("article")?;
    shown(asking, &reply, &position, StatusCode::OK).await
}

fn change(body: &[u8]) -> Result<Value, Failed> {
    let mut fields = Fields::of(body, "article")?;
    let mut change = Map::new();
    for (name, native) in [("title", "title"), ("description", "summary"), ("body", "body")] {
        change.extend(fields.change(name).map(|text| (native.to_owned(), text.into())));
    }
    change.extend(fields.tags("tagList").map(|tags| ("tags".to_owned(), tags.into())));
    fields.right().map(|()| change.into())
}

/// `DELETE /api/articles/{slug}`.
pub(super) async fn delete(asking: &Asking<'_>, slug: &str) -> Result<Response, Failed> {
    asking.access()?;
    let card = card(asking, slug, &Position::none()).await?;
    let native = asking.command(Method::DELETE, &format!("/v1/posts/{}", id(&card)), None).await?;
    let position = native.position();
    native.ok("article")?;
    asking.settle(&position).await?;
    Ok(bare(StatusCode::NO_CONTENT))
}

/// `POST` and `DELETE /api/articles/{slug}/favorite`.
pub(super) async fn favorite(asking: &Asking<'_>, slug: &str, method: Method) -> Result<Response, Failed> {
    asking.access()?;
    let found = card(asking, slug, &Position::none()).await?;
    let native = asking.command(method, &format!("/v1/me/reactions/post/{}/{LIKE}", id(&found)), None).await?;
    let position = native.position();
    native.ok("article")?;
    shown(asking, &found, &position, StatusCode::OK).await
}

/// The article whose slug is in `named`, as it is at this position.
async fn shown(
    asking: &Asking<'_>,
    named: &Value,
    position: &Position,
    status: StatusCode,
) -> Result<Response, Failed> {
    let card = card(asking, named["slug"].as_str().unwrap_or_default(), position).await?;
    Ok(answer(status, &json!({"article": article(&card)})))
}

/// The post that has a slug, as the address has it, or had it formerly.
pub(super) async fn card(asking: &Asking<'_>, slug: &str, position: &Position) -> Result<Value, Failed> {
    let native = asking.query(&format!("/v1/cards/{slug}"), position).await?;
    let native = match native.elsewhere() {
        Some(present) => asking.query(&format!("/v1/cards/{present}"), position).await?,
        None => native,
    };
    if native.status == StatusCode::FORBIDDEN {
        return Err(Failed::not_found("article"));
    }
    native.ok("article")
}

/// The id of a post that is there.
pub(super) fn id(card: &Value) -> &str {
    card["id"].as_str().unwrap_or_default()
}
