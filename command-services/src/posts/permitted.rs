//! What is looked up before a command on a post is decided. The decision itself is the domain's, at the owner; here is
//! refused what must not reach it. What was accepted before is answered as it was then, whatever is found here by now.

use domain::moderation::Moderation;
use domain::posts::{self, Action, Post};
use event_log::EventLog;
use service_kit::Problem;
use uuid::Uuid;

use super::known::denied;
use super::{NewPost, rejected};
use crate::commands::Caller;
use crate::moderation::sanctions::may_take_part;

/// A caller who may not act does not get to reserve a slug either.
pub(super) fn permit(caller: &Caller, author_id: Uuid) -> Result<(), Problem> {
    posts::permit(&caller.actor, author_id).map_err(|rejection| rejected(rejection, 0))
}

/// The same for the co-authors of a post that is new.
pub(super) fn permit_naming(caller: &Caller, post: &NewPost) -> Result<(), Problem> {
    let permitted = posts::co_authors::permit_naming(&post.co_author_ids.0, &caller.actor);
    permitted.map_err(|rejection| rejected(rejection, 0))
}

/// The same for a post that is there.
pub(super) fn permit_editing(caller: &Caller, seen: Option<&Post>) -> Result<(), Problem> {
    let permitted = seen.map_or(Ok(()), |post| post.permit(&caller.actor, Action::Edit));
    permitted.map_err(|rejection| denied(caller, rejection))
}

/// The same, and of what is public, or is to be by itself, only where no moderator has blocked the caller.
pub(super) fn permit_changing(
    caller: &Caller,
    cases: &EventLog<Moderation>,
    seen: Option<&Post>,
) -> Result<(), Problem> {
    permit_editing(caller, seen)?;
    let is_to_be_read = seen.is_some_and(|post| post.published || post.due().is_some());
    if is_to_be_read { may_take_part(cases, caller.actor.id) } else { Ok(()) }
}
