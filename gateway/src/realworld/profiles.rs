//! `/api/profiles/{username}`: people, and following them.

use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::asking::Asking;
use super::failed::Failed;
use super::native::Position;
use super::shown::{answer, profile as shown};
use super::users::person;
use crate::answer::Response;

/// `GET /api/profiles/{username}`.
pub(super) async fn profile(asking: &Asking<'_>, name: &str) -> Result<Response, Failed> {
    let found = named(asking, name).await?;
    Ok(answer(StatusCode::OK, &json!({"profile": shown(&found)})))
}

/// `POST` and `DELETE /api/profiles/{username}/follow`.
pub(super) async fn follow(asking: &Asking<'_>, name: &str, method: Method) -> Result<Response, Failed> {
    asking.access()?;
    let found = named(asking, name).await?;
    let id = found["id"].as_str().unwrap_or_default();
    let native = asking.command(method, &format!("/v1/me/following/{id}"), None).await?;
    let position = native.position();
    native.ok("profile")?;
    let found = person(asking, "ids", id, &position).await?.ok_or_else(|| Failed::not_found("profile"))?;
    Ok(answer(StatusCode::OK, &json!({"profile": shown(&found)})))
}

/// The person who has a name, which is as the address has it.
async fn named(asking: &Asking<'_>, name: &str) -> Result<Value, Failed> {
    let name = percent_decode_str(name).decode_utf8_lossy();
    // A comma would name two.
    let found = if name.contains(',') { None } else { person(asking, "user_names", &name, &Position::none()).await? };
    found.ok_or_else(|| Failed::not_found("profile"))
}
