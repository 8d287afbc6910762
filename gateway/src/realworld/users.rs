//! `/api/users` and `/api/user`: who has an account, and logs in.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::asking::{Asking, LOG_IN};
use super::failed::Failed;
use super::fields::Fields;
use super::native::Position;
use super::shown::{answer, user};
use super::tokens::Access;
use crate::answer::Response;

/// `POST /api/users`.
pub(super) async fn register(asking: &Asking<'_>, body: &[u8]) -> Result<Response, Failed> {
    let mut fields = Fields::of(body, "user")?;
    let (user_name, email, password) = (fields.text("username"), fields.text("email"), fields.text("password"));
    fields.right()?;
    let account = json!({"user_name": user_name, "email": email, "password": password});
    let registered = asking.command(Method::POST, "/v1/register", Some(&account)).await?;
    let position = registered.position();
    registered.ok("user")?;
    let access = begun(asking, &email, &password).await?;
    shown(&asking.with(access), &position, StatusCode::CREATED).await
}

/// `POST /api/users/login`.
pub(super) async fn log_in(asking: &Asking<'_>, body: &[u8]) -> Result<Response, Failed> {
    let mut fields = Fields::of(body, "user")?;
    let (email, password) = (fields.text("email"), fields.text("password"));
    fields.right()?;
    let access = begun(asking, &email, &password).await?;
    shown(&asking.with(access), &Position::none(), StatusCode::OK).await
}

/// `GET /api/user`.
pub(super) async fn current(asking: &Asking<'_>) -> Result<Response, Failed> {
    asking.access()?;
    shown(asking, &Position::none(), StatusCode::OK).await
}

/// `PUT /api/user`: several commands, of which that come first that are refused more often.
pub(super) async fn update(asking: &Asking<'_>, body: &[u8]) -> Result<Response, Failed> {
    let account_id = asking.access()?.account_id.clone();
    let mut fields = Fields::of(body, "user")?;
    let [email, user_name, password] = ["email", "username", "password"].map(|name| fields.change(name));
    let profile = [("bio", fields.change_or_empty("bio")), ("image_url", fields.change_or_empty("image"))];
    fields.right()?;
    if let Some(user_name) = &user_name {
        is_free(asking, user_name, &account_id).await?;
    }
    let mut position = Position::none();
    if let Some(email) = &email {
        position = changed(asking, Method::PUT, "/v1/me/email", &json!({"email": email})).await?.or(position);
    }
    if let Some(user_name) = &user_name {
        let name = json!({"user_name": user_name});
        position = changed(asking, Method::POST, "/v1/me/user-name", &name).await?.or(position);
    }
    let profile: Map<String, Value> =
        profile.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect();
    if !profile.is_empty() {
        let path = format!("/v1/accounts/{account_id}");
        position = changed(asking, Method::PATCH, &path, &profile.into()).await?.or(position);
    }
    if let Some(password) = &password {
        changed(asking, Method::POST, "/v1/me/password", &json!({"new_password": password})).await?;
    }
    shown(asking, &position, StatusCode::OK).await
}

async fn changed(asking: &Asking<'_>, method: Method, path: &str, body: &Value) -> Result<Position, Failed> {
    let native = asking.command(method, path, Some(body)).await?;
    let position = native.position();
    native.ok("user").map(|_| position)
}

/// Whether another account has a name: that is looked at before anything is changed.
async fn is_free(asking: &Asking<'_>, user_name: &str, account_id: &str) -> Result<(), Failed> {
    let named = person(asking, "user_names", user_name, &Position::none()).await?;
    let is_taken = named.is_some_and(|person| person["id"] != *account_id);
    if is_taken { Err(Failed::of(StatusCode::CONFLICT, "username", "has already been taken")) } else { Ok(()) }
}

/// A session of who has this address, or user name, and this password.
async fn begun(asking: &Asking<'_>, email: &str, password: &str) -> Result<Access, Failed> {
    let shown = json!({"login": email.trim(), "password": password, "lasting": true});
    let native = asking.command(Method::POST, LOG_IN, Some(&shown)).await?;
    if native.problem() == "second-factor-required" {
        let why = "need a second factor, of which this interface does not know";
        return Err(Failed::of(StatusCode::FORBIDDEN, "credentials", why));
    }
    if matches!(native.status, StatusCode::UNAUTHORIZED | StatusCode::UNPROCESSABLE_ENTITY) {
        return Err(Failed::of(StatusCode::UNAUTHORIZED, "credentials", "invalid"));
    }
    let session = native.ok("credentials")?;
    let text = |name: &str| session[name].as_str().map(Arc::<str>::from).ok_or_else(Failed::bad_token);
    let (presented, token, account_id) = (text("session_token")?, text("access_token")?, text("account_id")?);
    Ok(Access { presented, token, account_id })
}

/// Who asks, with the token that they have.
async fn shown(asking: &Asking<'_>, position: &Position, status: StatusCode) -> Result<Response, Failed> {
    let access = asking.access()?;
    let none = Position::none();
    let email = async { asking.query("/v1/me/email", &none).await?.ok("user") };
    let (person, email) = futures::try_join!(person(asking, "ids", &access.account_id, position), email)?;
    let person = person.ok_or_else(|| Failed::not_found("user"))?;
    let email = email["email"].as_str().unwrap_or_default();
    Ok(answer(status, &user(&person, email, &access.presented)))
}

/// The one person whom a parameter names.
pub(super) async fn person(
    asking: &Asking<'_>,
    parameter: &str,
    value: &str,
    position: &Position,
) -> Result<Option<Value>, Failed> {
    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut found = asking.query(&format!("/v1/people?{parameter}={value}"), position).await?.ok("profile")?;
    let mut people = found["people"].take();
    Ok(people.as_array_mut().and_then(|people| (people.len() == 1).then(|| people.swap_remove(0))))
}
