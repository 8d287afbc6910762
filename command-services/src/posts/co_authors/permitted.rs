//! What is looked up before a command on co-authors is decided. The decision itself is the domain's, at the owner.

use domain::posts::{Action, CoAuthorRejection, Post, Posts, Rejection};
use event_log::EventLog;
use service_kit::Problem;
use uuid::Uuid;

use super::super::denied;
use super::super::known::{hidden_or_not, seen};
use super::Whom;
use crate::accounts::standing::{People, Standing, active, missing, standing};
use crate::commands::Caller;
use crate::moderation::sanctions::{Cases, are_apart, may_take_part};

/// Refuses before anything is looked up. The decision itself is the domain's, at the owner.
pub(super) fn permit(caller: &Caller, log: &EventLog<Posts>, post_id: Uuid, action: Action) -> Result<(), Problem> {
    let permitted = seen(caller, log, post_id)?.map(|post: Post| post.permit(&caller.actor, action));
    permitted.unwrap_or(Ok(())).map_err(|rejection| denied(caller, rejection))
}

/// The account that a caller means, if others may turn to it. Of a post that is not there nothing is told of accounts.
pub(super) fn reachable(
    caller: &Caller,
    log: &EventLog<Posts>,
    people: &People,
    post_id: Uuid,
    whom: &Whom,
) -> Result<Uuid, Problem> {
    match whom.reachable(people) {
        Err(_) if seen(caller, log, post_id)?.is_none() => Err(denied(caller, Rejection::NotFound)),
        found => found,
    }
}

/// Whether the caller's account is active and invited, and the owner's is there, and neither blocks the other.
pub(super) fn may_accept(
    caller: &Caller,
    log: &EventLog<Posts>,
    (people, cases): (&People, &Cases),
    post_id: Uuid,
) -> Result<(), Problem> {
    active(&caller.actor, people)?;
    may_take_part(cases, caller.actor.id)?;
    permit_answer(caller, log, post_id)?;
    let Some(owner_id) = hidden_or_not(log, post_id)?.map(|post| post.author_id) else { return Ok(()) };
    let is_gone = standing(people, owner_id)? == Standing::Erased;
    if is_gone || are_apart(cases, caller.actor.id, owner_id)? { Err(not_invited()) } else { Ok(()) }
}

/// Of two people who block each other none is invited by the other, nor to a post of the other's. Who is blocked is
/// told as if there were no such account.
pub(super) fn not_apart(
    caller: &Caller,
    log: &EventLog<Posts>,
    cases: &Cases,
    (post_id, account_id): (Uuid, Uuid),
) -> Result<(), Problem> {
    let owner_id = seen(caller, log, post_id)?.map(|post| post.author_id);
    for other in [Some(caller.actor.id), owner_id].into_iter().flatten() {
        if are_apart(cases, account_id, other)? {
            return Err(missing());
        }
    }
    Ok(())
}

/// To who is not invited a post is not there, be it or not: also where `If-Match` demands a version of it.
pub(super) fn permit_answer(caller: &Caller, log: &EventLog<Posts>, post_id: Uuid) -> Result<(), Problem> {
    match hidden_or_not(log, post_id)? {
        Some(post) if post.is_known_to_answer(caller.actor.id) => Ok(()),
        Some(_) if !caller.conditions.allow(0) => Err(denied(caller, Rejection::NotFound)),
        Some(_) => Err(not_invited()),
        None => Ok(()),
    }
}

pub(super) fn not_invited() -> Problem {
    Problem::not_found(CoAuthorRejection::NotInvited.to_string())
}
