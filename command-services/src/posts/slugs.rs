//! `/v1/posts/{id}/slugs/{slug}`: a former slug is given up on purpose, and is free for others a minute later.

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::posts::{Action, Command as PostCommand, Post, Posts, State, Unique};
use domain::values::Slug;
use event_log::Refusal;
use service_kit::{Access, Problem, Route, routes};
use uuid::Uuid;

use super::{Log, PostReply, not_reserved, reply, told};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::freshness::stale;
use crate::reservations::{NotReserved, keep, release};

/// The routes, and whom they answer.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Author) => give_up;
    }
}

/// Gives a former slug of a post up: it leads to the post no more, and a minute later another may have it. The present
/// one is not given up; the post is read by it. One that the post does not have is as if it were given up already.
#[utoipa::path(delete, path = "/v1/posts/{id}/slugs/{slug}", tag = "posts",
    params(CommandHeaders, ("id" = Uuid, Path), ("slug" = String, Path, description = "The former slug")),
    responses((status = 200, body = PostReply)))]
pub(super) async fn give_up(
    caller: Caller,
    log: Log,
    path: web::Path<(Uuid, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, slug) = path.into_inner();
    let slug: Slug = slug.parse().map_err(|_| Problem::not_found("no post has such a slug"))?;
    let (version, state) = log.confirmed(&id.to_string()).map_err(stale)?;
    let is_former = |post: &Post| post.bears(&slug) && *post.slug() != slug;
    let is_theirs = |post: &Post| post.permit(&caller.actor, Action::Delete).is_ok();
    let is_kept = matches!(&state, State::Post(post) if is_former(post) && is_theirs(post));
    let command = caller.command(&log, id.to_string(), &("give up slug", &slug));
    let decided = given_up(&command, id, slug, (version, is_kept)).await.map_err(not_reserved)?;
    reply(id, told(&caller, &log, id, decided)?)
}

/// Has a post give a slug up, and then releases it. `seen` is the post's version, and whether the slug is a former one
/// of it by then, which the caller may give up.
///
/// # Errors
/// The post was changed meanwhile, or there is no outcome in time.
pub async fn given_up(
    command: &Command<'_, Posts>,
    id: Uuid,
    slug: Slug,
    (version, is_kept): (u64, bool),
) -> Result<Decided<Posts>, NotReserved> {
    let value = Unique::Slug(slug.clone());
    if is_kept {
        keep(command, &value, id).await?;
    }
    let decided = match command.execute(PostCommand::GiveUpSlug(slug), Some(version)).await? {
        Decided::Refused(Refusal::VersionConflict { current }) if command.allows(current) => {
            return Err(NotReserved::Changed);
        }
        decided => decided,
    };
    // Not after the reply to an earlier attempt: the post may have the slug again since.
    if matches!(&decided, Decided::Accepted(accepted) if accepted.receipt.version == version + 1)
        && let Err(problem) = release(command, &value, id).await
    {
        tracing::info!(%problem, "a slug that was given up was not released; the next caller who wants it will");
    }
    Ok(decided)
}
