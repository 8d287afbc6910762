//! What is looked up before a command on a post is decided. The decision itself is the domain's, at the owner; here is
//! refused what must not reach it. What was accepted before is answered as it was then, whatever is found here by now.

use domain::posts::{self, Action, Post};
use service_kit::Problem;
use uuid::Uuid;

use super::known::denied;
use super::{NewPost, rejected};
use crate::commands::Caller;

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

/// The same for a post that is to be as given, by this owner, whether it is there or not.
pub(super) fn permit_putting(
    caller: &Caller,
    seen: Option<&Post>,
    author_id: Uuid,
    post: &NewPost,
) -> Result<(), Problem> {
    if seen.is_none_or(|seen| seen.author_id != author_id) {
        permit(caller, author_id)?;
    }
    match seen {
        None => permit_naming(caller, post),
        Some(_) => permit_editing(caller, seen),
    }
}

/// Whether others read a post, or are to by itself.
pub(super) fn is_to_be_read(post: &Post) -> bool {
    post.published || post.due().is_some()
}
