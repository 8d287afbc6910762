//! `/v1/me/following`: whom the caller follows; what else is in `interests.rs`.

pub mod interests;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::Decider as _;
use domain::following::{Command as FollowingCommand, Edge, Following, Interest, Rejection};
use domain::moderation::Moderation;
use domain::series::Series;
use domain::taxonomy::Taxonomy;
use event_log::EventLog;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use service_kit::{Access, FieldError, Problem, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::standing::{People, active, missing, reachable};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::logs::Logs;
use crate::moderation::sanctions::{Cases, are_apart};
use crate::part::{Part, end_each};
use crate::reply::refused;

type Log = web::Data<Arc<EventLog<Following>>>;

/// The context, as a part of a service.
pub const PART: Part = Part { looks_up: LOOKS_UP, forget: Some(forget), ..Part::of::<Following>(routes) };

/// What is followed, and who blocks whom.
const LOOKS_UP: &[&str] = &[Moderation::NAME, Series::NAME, Taxonomy::NAME];

/// The routes, and whom they answer.
#[must_use]
pub fn routes() -> Vec<Route> {
    let people = routes! {
        Access::Account => follow, unfollow;
    };
    [people, interests::routes()].concat()
}

/// A pair of accounts after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FollowReply {
    /// Who follows, or does not: the token's subject.
    pub follower_id: Uuid,
    /// Whom.
    pub followee_id: Uuid,
    /// Whether the one follows the other now.
    pub following: bool,
    /// The version of the pair; 0 if the one never followed the other.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Has the token's subject follow an account, which must be there and active. Following again changes nothing.
#[utoipa::path(put, path = "/v1/me/following/{id}", tag = "following",
    params(CommandHeaders, ("id" = Uuid, Path, description = "Whom to follow")),
    responses((status = 200, body = FollowReply),
        (status = 403, description = "The subject's account is deactivated."),
        (status = 404, description = "There is no such account, or it is deactivated, or it and the subject block each \
                                      other; or the subject has none."),
        (status = 422, description = "It is the subject's own.")))]
pub async fn follow(
    caller: Caller,
    log: Log,
    (people, cases): (People, Cases),
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let edge = Edge { follower_id: caller.actor.id, followee_id: *id };
    let permitted = active(&caller.actor, &people).and_then(|_| may_follow(&people, &cases, edge));
    change(&caller, &log, edge, (true, permitted)).await
}

/// Whether the one may follow the other: what one cannot follow is not there.
fn may_follow(people: &People, cases: &Cases, edge: Edge) -> Result<(), Problem> {
    let Edge { follower_id, followee_id } = edge;
    if follower_id == followee_id {
        return Ok(()); // Before anything is asked of the other.
    }
    reachable(people, followee_id)?;
    if are_apart(cases, follower_id, followee_id)? { Err(missing()) } else { Ok(()) }
}

/// Has the token's subject not follow an account any more, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/following/{id}", tag = "following",
    params(CommandHeaders, ("id" = Uuid, Path, description = "Whom not to follow")),
    responses((status = 200, body = FollowReply),
        (status = 403, description = "The subject's account is deactivated."),
        (status = 404, description = "The subject has no account.")))]
pub async fn unfollow(caller: Caller, log: Log, people: People, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let edge = Edge { follower_id: caller.actor.id, followee_id: *id };
    change(&caller, &log, edge, (false, active(&caller.actor, &people).map(|_| ()))).await
}

/// A pair of accounts as a client means it.
#[derive(Serialize)]
struct Asked {
    follower_id: Uuid,
    followee_id: Uuid,
}

/// What a client asks, which a repeated command is known by: its digest is in the log. So these words stay, whatever
/// becomes of the domain's.
fn asked(edge: Edge, wanted: bool) -> BTreeMap<&'static str, Asked> {
    let Edge { follower_id, followee_id } = edge;
    BTreeMap::from([(if wanted { "Follow" } else { "Unfollow" }, Asked { follower_id, followee_id })])
}

async fn change(
    caller: &Caller,
    log: &Log,
    edge: Edge,
    (following, permitted): (bool, Result<(), Problem>),
) -> Result<HttpResponse, Problem> {
    let body = if following { FollowingCommand::Follow(edge) } else { FollowingCommand::Unfollow(edge) };
    let command: Command<'_, Following> = caller.command(log, edge.id(), &asked(edge, following));
    match command.execute_if(permitted, body).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "pair", |rejection, _| rejected(rejection))),
        Decided::Accepted(accepted) => {
            let Edge { follower_id, followee_id } = edge;
            let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
            Ok(accepted.reply(&FollowReply { follower_id, followee_id, following, version, changed }, None))
        }
    }
}

/// Unfollows all whom and what an account follows, and has all unfollow it.
fn forget<'a>(logs: &'a Logs, caller: &'a Caller, account_id: Uuid) -> BoxFuture<'a, Result<(), Problem>> {
    end_each::<Following>(logs, caller, account_id, |id, state| {
        let interest = || Interest::of(id).map(FollowingCommand::UnfollowSubject);
        Edge::of(id).map(FollowingCommand::Unfollow).or_else(interest).filter(|_| state.follows)
    })
    .boxed()
}

fn rejected(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::NotTheFollower => Problem::not_the_author(rejection.to_string()),
        Rejection::Oneself => Problem::invalid(vec![FieldError::parameter("id", rejection.to_string())]),
    }
}

#[cfg(test)]
mod tests;
