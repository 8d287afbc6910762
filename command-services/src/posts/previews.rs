//! `/v1/posts/{id}/previews`: links by which a post is read without an account before it is public. They are listed and
//! followed at the query API.
//!
//! The token of a link is made of its id with a key that only Postgres has (`writing.preview_key`): the same request
//! again gets the same link, and no token is written down. The event has its SHA-256.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, web};
use domain::Role;
use domain::posts::previews::PreviewGiven;
use domain::posts::{Command as PostCommand, Posts, PreviewCommand, PreviewRejection};
use serde::{Deserialize, Serialize};
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::times::Rfc3339;
use service_kit::{Access, Json, Problem, Quota, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Log, rejected, told};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::identity::secret::Token;
use crate::identity::vault::Vault;
use crate::moderation::sanctions::{Cases, may_take_part};
use crate::reply::{Accepted, refused};

/// The routes, and whom they answer.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Author), Quota::Invitations => give;
        Access::AtLeast(Role::Author) => revoke;
    }
}

/// A link to give.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPreview {
    /// Until when it is good (RFC 3339): later than now, and within 90 days.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Rfc3339,
}

/// A link that was given.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GivenPreview {
    /// The post.
    post_id: Uuid,
    /// Which link: what it is revoked by.
    preview_id: Uuid,
    /// The token: who has it reads the post at `GET /v1/previews/{token}`. It is in no list: keep it, or send the same
    /// request again within 24 hours.
    token: String,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Rfc3339,
    /// The post's version.
    version: u64,
    /// Whether the command changed anything.
    changed: bool,
}

/// A post after a link was revoked.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RevokedPreview {
    /// The post.
    post_id: Uuid,
    /// Which link.
    preview_id: Uuid,
    /// The post's version.
    version: u64,
    /// Whether the command changed anything.
    changed: bool,
}

/// Gives a link by which a post is read without an account
///
/// It shows the working copy where there is one, else the post. At most 20 links of a post are good at the same time.
#[utoipa::path(post, path = "/v1/posts/{id}/previews", tag = "previews", request_body = NewPreview,
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 201, body = GivenPreview),
        (status = 403, description = "Only its owner, co-authors who accepted, and editors give links."),
        (status = 409, description = "There are as many as there may be (`too-many`), or the post is deleted.")))]
pub(super) async fn give(
    caller: Caller,
    log: Log,
    vault: web::Data<Vault>,
    cases: Cases,
    id: web::Path<Uuid>,
    body: Json<NewPreview>,
) -> Result<HttpResponse, Problem> {
    let (post_id, expires_at) = (*id, body.0.expires_at);
    let preview_id = caller.new_id(&format!("posts/{post_id}/previews/{}", expires_at.0.0));
    let token = Token::made_with(&key(&vault).await?, &[b"preview", preview_id.as_bytes()]);
    let token_sha256 = token.hash().iter().map(|byte| format!("{byte:02x}")).collect();
    let given = PreviewGiven { preview_id, token_sha256, expires_at: expires_at.0 };
    let command: Command<'_, Posts> = caller.command(&log, post_id.to_string(), &("give preview", &body.0));
    let permitted = may_take_part(&cases, caller.actor.id);
    let decided = command.execute_if(permitted, PostCommand::Previews(PreviewCommand::Give(given))).await?;
    let accepted = accepted(told(&caller, &log, post_id, decided)?)?;
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    let location = format!("/v1/previews/{}", token.expose());
    let token = token.expose().to_owned();
    let reply = GivenPreview { post_id, preview_id, token, expires_at, version, changed };
    let mut response = accepted.reply_with(&reply, Some(location));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Has a link be good no more
///
/// Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/posts/{id}/previews/{preview_id}", operation_id = "revoke_preview", tag = "previews",
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post"),
        ("preview_id" = Uuid, Path, description = "The link")),
    responses((status = 200, body = RevokedPreview)))]
pub(super) async fn revoke(caller: Caller, log: Log, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse, Problem> {
    let (post_id, preview_id) = *path;
    let command: Command<'_, Posts> = caller.command(&log, post_id.to_string(), &("revoke preview", preview_id));
    let asked = PostCommand::Previews(PreviewCommand::Revoke(preview_id));
    let accepted = accepted(told(&caller, &log, post_id, command.execute(asked, None).await?)?)?;
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    Ok(accepted.reply(&RevokedPreview { post_id, preview_id, version, changed }, None))
}

fn accepted(decided: Decided<Posts>) -> Result<Accepted, Problem> {
    match decided {
        Decided::Accepted(accepted) => Ok(accepted),
        Decided::Refused(refusal) => Err(refused(refusal, "post", rejected)),
    }
}

/// What tokens are made with.
async fn key(vault: &Vault) -> Result<Vec<u8>, Problem> {
    let query = sqlx::query_scalar("SELECT key FROM writing.preview_key");
    vault.run_on("preview links", query.fetch_one(vault.pool())).await
}

/// The problem of a rejection.
pub(super) fn not_given(rejection: PreviewRejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        PreviewRejection::Expiry => broken_rule("/expires_at", detail).version(version),
        PreviewRejection::TooMany => Problem::new(&Kind::TOO_MANY, detail).version(version),
    }
}
