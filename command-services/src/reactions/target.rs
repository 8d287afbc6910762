//! Whether something can be reacted to, as far as this instance has read. What happens to it at that very moment is in
//! another topic, which has no order with this one: a reaction that was accepted stays, and readers show it with its
//! target, whenever that can be read.

use std::sync::Arc;

use actix_web::web;
use domain::Actor;
use domain::posts::{Action, Post, Posts, State};
use domain::reactions::Target;
use domain::values::{TargetKind, Visibility};
use event_log::EventLog;
use service_kit::Problem;
use service_kit::problem::Kind;
use uuid::Uuid;

use crate::freshness::{can_deny, stale};

/// The log of posts, of a process that has it to look them up.
pub(super) type PostLog = web::Data<Arc<EventLog<Posts>>>;

/// Whether a reader may answer what is here with a reaction or a share.
///
/// # Errors
/// It is not there, was deleted, is a draft, or its text is not for this reader; or this instance cannot say.
pub(super) fn permit(posts: &PostLog, reader: &Actor, target: Target) -> Result<(), Problem> {
    match target.kind {
        TargetKind::Post => permit_post(posts, reader, target.id),
    }
}

fn permit_post(posts: &PostLog, reader: &Actor, id: Uuid) -> Result<(), Problem> {
    match posts.confirmed(&id.to_string()).map_err(stale)?.1 {
        State::Post(post) => readable(&post, reader),
        State::Nothing | State::Reservation(..) => can_deny(posts).and_then(|()| Err(missing())),
    }
}

/// Who may not know of a draft is not told that there is one; one that was deleted while it was a draft neither.
fn readable(post: &Post, reader: &Actor) -> Result<(), Problem> {
    let is_theirs = post.permit(reader, Action::ReadDraft).is_ok();
    match (post.published, post.deleted) {
        (false, _) if !is_theirs => Err(missing()),
        (_, true) => Err(Problem::gone("the post was deleted")),
        (false, false) => Err(Problem::new(&Kind::NOT_PUBLISHED, "the post is a draft")),
        (true, false) if post.visibility() == Visibility::Members && !is_theirs => {
            Err(Problem::new(&Kind::PRIVATE, "the post is for members"))
        }
        (true, false) => Ok(()),
    }
}

fn missing() -> Problem {
    Problem::not_found("there is no such post, or you cannot read it")
}
