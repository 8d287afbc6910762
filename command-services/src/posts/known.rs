//! What a caller is told of a post that they may not see: what they would be told if it were not there. The domain says
//! whether they may; here it is kept from what goes before a decision: whether a version is the demanded one, and what
//! else is looked up of a post that is there. Only PUT tells the two apart, for it makes what is not there: nothing can
//! be made at the id of a post that is hidden.

use domain::posts::{Post, Posts, Rejection, State};
use event_log::{EventLog, Refusal};
use service_kit::Problem;
use uuid::Uuid;

use super::rejected;
use crate::commands::{Caller, Decided};
use crate::freshness::stale;
use crate::reply::refused;

/// Why a caller may not act, before anything is asked of the domain. What is not there, as far as they may know, is of
/// no version that they may demand.
pub(super) fn denied(caller: &Caller, rejection: Rejection) -> Problem {
    match rejection {
        Rejection::NotFound => refused(not_there(caller), "post", rejected),
        rejection => rejected(rejection, 0),
    }
}

/// A post as far as this instance has read, and the caller may know that it is there. One that is hidden from them is
/// as none to all that goes before a decision; the leader decides by what it knows by then.
///
/// # Errors
/// What was read is not fresh.
pub(super) fn seen(caller: &Caller, log: &EventLog<Posts>, id: Uuid) -> Result<Option<Post>, Problem> {
    Ok(hidden_or_not(log, id)?.filter(|post| post.is_known_to(&caller.actor)))
}

/// The same of any post: for what is told to who is asked to write it, and to no other caller.
///
/// # Errors
/// What was read is not fresh.
pub(super) fn hidden_or_not(log: &EventLog<Posts>, id: Uuid) -> Result<Option<Post>, Problem> {
    Ok(match log.confirmed(&id.to_string()).map_err(stale)?.1 {
        State::Post(post) => Some(post),
        State::Nothing | State::Reservation(..) => None,
    })
}

/// The version of a post as far as this instance has read; 0 where the caller may not know that it is there.
///
/// # Errors
/// What was read is not fresh.
pub(super) fn known_version(caller: &Caller, log: &EventLog<Posts>, id: Uuid) -> Result<u64, Problem> {
    let (version, state) = log.confirmed(&id.to_string()).map_err(stale)?;
    let is_hidden = matches!(&state, State::Post(post) if !post.is_known_to(&caller.actor));
    Ok(if is_hidden { 0 } else { version })
}

/// What was decided, in what the caller may know.
///
/// # Errors
/// It is refused, and what was read is not fresh.
pub(super) fn told(
    caller: &Caller,
    log: &EventLog<Posts>,
    id: Uuid,
    decided: Decided<Posts>,
) -> Result<Decided<Posts>, Problem> {
    let Decided::Refused(refusal) = decided else { return Ok(decided) };
    let is_as_nothing = match &refusal {
        Refusal::VersionConflict { .. } => known_version(caller, log, id)? == 0,
        Refusal::Rejected { rejection, .. } => *rejection == Rejection::NotFound,
        Refusal::IdReused | Refusal::Unreadable | Refusal::TooLarge { .. } => false,
        Refusal::Unencodable | Refusal::ClockIsWrong { .. } => false,
    };
    Ok(Decided::Refused(if is_as_nothing { not_there(caller) } else { refusal }))
}

/// What is refused of a post that is not there.
fn not_there(caller: &Caller) -> Refusal<Posts> {
    if caller.conditions.allow(0) {
        Refusal::Rejected { rejection: Rejection::NotFound, version: 0 }
    } else {
        Refusal::VersionConflict { current: 0 }
    }
}
