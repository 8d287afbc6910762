//! `/v1/posts/{id}/review`: authors submit a post or its working copy, an editor approves it or wants it changed. The
//! queue of editors is at the query API. Where `INKLOG_REVIEW=required`, what is not approved is not made public.

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::posts::{Command as PostCommand, Rejection, ReviewCommand, ReviewRejection};
use domain::values::Summary;
use serde::{Deserialize, Serialize};
use service_kit::problem::Kind;
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Log, PostReply, denied, if_permitted, known_version, permit_editing, seen, simple, working_copy};
use crate::body::typed;
use crate::commands::{Caller, CommandHeaders};
use crate::freshness::{can_deny, read_on};
use crate::identity::vault::Vault;

/// The routes, and whom they answer.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Author) => submit, withdraw;
        Access::AtLeast(Role::Editor) => approve, request_changes;
    }
}

/// What is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewOf {
    /// The post as it is.
    Post,
    /// Its working copy, as it is saved.
    WorkingCopy,
}

/// What is submitted, or approved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    /// What is meant.
    pub what: ReviewOf,
    /// The version of the working copy that is meant: needed where one is.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub copy_version: Option<u64>,
}

/// What an editor wants changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// What the editor says: at most 2,000 characters.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::Summary)]
    pub note: Summary,
}

/// Submits a post, or its working copy, for review
///
/// It waits for an editor then. Submitting something else takes its place.
#[utoipa::path(post, path = "/v1/posts/{id}/review", tag = "reviews", request_body = Reviewed,
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = PostReply),
        (status = 412, description = "The post, or its working copy, is at another version by now.")))]
pub(super) async fn submit(
    caller: Caller,
    log: Log,
    vault: web::Data<Vault>,
    id: web::Path<Uuid>,
    body: Json<Reviewed>,
) -> Result<HttpResponse, Problem> {
    let copy = match may_submit(&caller, &log, *id, body.0.what).await {
        Ok(()) => meant(&vault, *id, &body.0).await,
        Err(problem) => Err(problem),
    };
    let submit = copy.map(|copy| PostCommand::Review(ReviewCommand::Submit(copy)));
    if_permitted(&caller, &log, *id, &("submit", &body.0), submit).await
}

/// A caller who may not submit is told nothing of a working copy.
async fn may_submit(caller: &Caller, log: &Log, id: Uuid, what: ReviewOf) -> Result<(), Problem> {
    let mut found = seen(caller, log, id)?;
    if what == ReviewOf::WorkingCopy && found.is_none() {
        can_deny(log)?;
        read_on(log, &id.to_string(), caller.deadline).await?;
        found = seen(caller, log, id)?;
        if found.is_none() {
            return Err(denied(caller, Rejection::NotFound));
        }
    }
    permit_editing(caller, found.as_ref())
}

/// Takes back what was submitted, or approved
#[utoipa::path(delete, path = "/v1/posts/{id}/review", operation_id = "withdraw_review", tag = "reviews",
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = PostReply)))]
pub(super) async fn withdraw(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    simple(&caller, &log, *id, &"withdraw review", PostCommand::Review(ReviewCommand::Withdraw)).await
}

/// Approves what is in review
///
/// `If-Match` says which version of the post the editor has read. The next edit takes the approval back, and that of a
/// working copy is of the version that was read.
#[utoipa::path(post, path = "/v1/posts/{id}/review/approve", tag = "reviews", request_body = Reviewed,
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = PostReply),
        (status = 409, description = "Nothing is in review, or something else (`not-in-review`)."),
        (status = 412, description = "The post, or its working copy, is at another version by now."),
        (status = 428, description = "Say in If-Match which version was read.")))]
pub(super) async fn approve(
    caller: Caller,
    log: Log,
    vault: web::Data<Vault>,
    id: web::Path<Uuid>,
    body: Json<Reviewed>,
) -> Result<HttpResponse, Problem> {
    caller.must_say_version(|| known_version(&caller, &log, *id))?;
    // The copy that was approved may have been released since.
    let copy = meant(&vault, *id, &body.0).await;
    let approve = copy.map(|copy| PostCommand::Review(ReviewCommand::Approve(copy)));
    if_permitted(&caller, &log, *id, &("approve", &body.0), approve).await
}

/// Wants what is in review changed first
#[utoipa::path(post, path = "/v1/posts/{id}/review/request-changes", tag = "reviews", request_body = Wanted,
    params(CommandHeaders, ("id" = Uuid, Path, description = "The post")),
    responses((status = 200, body = PostReply),
        (status = 409, description = "Nothing is in review (`not-in-review`), or it is scheduled (`still-open`).")))]
pub(super) async fn request_changes(
    caller: Caller,
    log: Log,
    id: web::Path<Uuid>,
    body: Json<Wanted>,
) -> Result<HttpResponse, Problem> {
    let asked = PostCommand::Review(ReviewCommand::RequestChanges(body.0.note.clone()));
    simple(&caller, &log, *id, &("request changes", &body.0), asked).await
}

/// The digest of the working copy that is meant, if one is.
async fn meant(vault: &Vault, post_id: Uuid, asked: &Reviewed) -> Result<Option<String>, Problem> {
    match (asked.what, asked.copy_version) {
        (ReviewOf::Post, None) => Ok(None),
        (ReviewOf::WorkingCopy, Some(version)) => working_copy::digest_of(vault, post_id, version).await.map(Some),
        (ReviewOf::Post, Some(_)) | (ReviewOf::WorkingCopy, None) => Err(service_kit::json::broken_rule(
            "/copy_version",
            "says which version of a working copy is meant, where one is".to_owned(),
        )),
    }
}

/// The problem of a rejection.
pub(super) fn not_so(rejection: ReviewRejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    let kind = match rejection {
        ReviewRejection::NotInReview | ReviewRejection::OtherContent => &Kind::NOT_IN_REVIEW,
        ReviewRejection::Scheduled => &Kind::STILL_OPEN,
        ReviewRejection::NotApproved => &Kind::NOT_APPROVED,
    };
    Problem::new(kind, detail).version(version)
}
