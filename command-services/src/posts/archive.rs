//! `/v1/posts/{id}/archive`: a published post is put into the archive, and taken out. What that means for it is said
//! in [`domain::posts::archive`].

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::posts::{ArchiveCommand, ArchiveRejection, Command as PostCommand};
use service_kit::problem::Kind;
use service_kit::{Access, Problem, Quota, Route, routes};
use uuid::Uuid;

use super::{Log, PostReply, if_permitted, simple};
use crate::commands::{Caller, CommandHeaders};
use crate::moderation::sanctions::{Cases, may_take_part};

/// The routes, and whom they answer. What is taken out is before readers again, as what is published.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Author) => put_in;
        Access::AtLeast(Role::Author), Quota::Publications => take_out;
    }
}

/// Puts a published post into the archive
///
/// It is read at its address as before, marked as archived, and its series and translations lead to it. It is in no
/// list but that of the archive (`GET /v1/posts?archived=true`), counts for no tag or category, and takes no comments.
/// It is not edited before it is taken out. Its expiry runs on; one that is unpublished is archived no more.
#[utoipa::path(put, path = "/v1/posts/{id}/archive", tag = "posts", params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply),
        (status = 409, description = "It is a draft (`not-published`), or deleted.")))]
pub(super) async fn put_in(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    simple(&caller, &log, *id, &"archive", PostCommand::Archive(ArchiveCommand::PutIn)).await
}

/// Takes a post out of the archive
///
/// It is in the lists again, where it was.
#[utoipa::path(delete, path = "/v1/posts/{id}/archive", tag = "posts", params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = PostReply)))]
pub(super) async fn take_out(
    caller: Caller,
    log: Log,
    cases: Cases,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let take_out = PostCommand::Archive(ArchiveCommand::TakeOut);
    let permitted = may_take_part(&cases, caller.actor.id).map(|()| take_out);
    if_permitted(&caller, &log, *id, &"take out of archive", permitted).await
}

/// The problem of a rejection.
pub(super) fn not_so(rejection: ArchiveRejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    let problem = match rejection {
        ArchiveRejection::NotPublished => Problem::new(&Kind::NOT_PUBLISHED, detail),
        ArchiveRejection::Archived => {
            Problem::new(&Kind::ARCHIVED, format!("{detail}: DELETE /v1/posts/{{id}}/archive"))
        }
    };
    problem.version(version)
}
