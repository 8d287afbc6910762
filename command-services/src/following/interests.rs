//! `/v1/me/following/tags`, `…/categories` and `…/series`: what else than people the caller follows. Names and ids
//! stand for what they stand for at the moment, as far as this instance has read: to follow one is to follow that, and
//! to follow it no more is to follow nothing more that stands for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::following::{Command as FollowingCommand, Following, Interest, State, Subject};
use domain::series::{Series, State as SeriesState};
use domain::taxonomy::{CATEGORIES, State as TaxonomyState, TAGS, Tags, Taxonomy, Tree};
use domain::values::{SubjectKind, Tag};
use event_log::EventLog;
use serde::Serialize;
use service_kit::etag::Conditions;
use service_kit::problem::Kind;
use service_kit::{Access, Problem, Quota, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rejected;
use crate::accounts::standing::{People, active};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::freshness::{can_deny, stale};
use crate::reply::{Accepted, refused};

type Log = web::Data<Arc<EventLog<Following>>>;
type TaxonomyLog = web::Data<Arc<EventLog<Taxonomy>>>;
type SeriesLog = web::Data<Arc<EventLog<Series>>>;

/// How many tags, categories and series an account follows at most: they are remembered for as long as it is there, and
/// a tag needs only a name.
const MOST: usize = 5_000;

/// The routes, and whom they answer.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account, Quota::Reactions =>
            follow_tag, unfollow_tag, follow_category, unfollow_category, follow_series, unfollow_series;
    }
}

/// An account, and a tag, a category or a series, after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InterestReply {
    /// Who follows, or does not: the token's subject.
    pub follower_id: Uuid,
    /// What it is.
    #[schema(value_type = schemas::SubjectKind)]
    pub subject_kind: SubjectKind,
    /// Which of those: the tag, or the id; what was asked for may stand for it.
    pub subject: String,
    /// Whether it is followed now.
    pub following: bool,
    /// The version of the interest that changed, else of the one in this subject; 0 if it never was followed.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Has the token's subject follow a tag: the one that the name stands for. Following again changes nothing.
#[utoipa::path(put, path = "/v1/me/following/tags/{tag}", tag = "following",
    params(CommandHeaders, ("tag" = schemas::Tag, Path, description = "The tag, or a name that stands for it")),
    responses((status = 200, body = InterestReply),
        (status = 403, description = "The subject's account is deactivated."),
        (status = 409, description = "The subject follows as many as an account may (`too-many`)."),
        (status = 404, description = "The subject has no account.")))]
pub async fn follow_tag(
    caller: Caller,
    log: Log,
    looked_up: (TaxonomyLog, People),
    tag: web::Path<Tag>,
) -> Result<HttpResponse, Problem> {
    let (taxonomy, people) = &looked_up;
    follow(&caller, &log, people, (Subject::Tag(tags(taxonomy)?.meant(&tag)), Ok(()))).await
}

/// Has the token's subject not follow a tag any more, under whichever of its names. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/following/tags/{tag}", tag = "following",
    params(CommandHeaders, ("tag" = schemas::Tag, Path, description = "The tag, or a name that stands for it")),
    responses((status = 200, body = InterestReply)))]
pub async fn unfollow_tag(
    caller: Caller,
    log: Log,
    taxonomy: TaxonomyLog,
    tag: web::Path<Tag>,
) -> Result<HttpResponse, Problem> {
    let tags = tags(&taxonomy)?;
    let meant = tags.meant(&tag);
    let names = tags.names_of(&meant).into_iter().map(Subject::Tag).collect();
    unfollow(&caller, &log, Subject::Tag(meant), names).await
}

/// Has the token's subject follow a category: the one that it was merged into, where it was. Following again changes
/// nothing.
#[utoipa::path(put, path = "/v1/me/following/categories/{category_id}", tag = "following",
    params(CommandHeaders, ("category_id" = Uuid, Path, description = "The category")),
    responses((status = 200, body = InterestReply),
        (status = 403, description = "The subject's account is deactivated."),
        (status = 409, description = "The subject follows as many as an account may (`too-many`)."),
        (status = 404, description = "There is no such category, or it was deleted; or the subject has no account.")))]
pub async fn follow_category(
    caller: Caller,
    log: Log,
    looked_up: (TaxonomyLog, People),
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let (taxonomy, people) = &looked_up;
    let missing = || can_deny(taxonomy).and_then(|()| Err(Problem::not_found("there is no such category")));
    let meant = tree(taxonomy)?.meant(*id);
    let permitted = meant.map_or_else(missing, |_| Ok(()));
    follow(&caller, &log, people, (Subject::Category(meant.unwrap_or(*id)), permitted)).await
}

/// Has the token's subject not follow a category any more, nor any that was merged into it. Doing so again changes
/// nothing.
#[utoipa::path(delete, path = "/v1/me/following/categories/{category_id}", tag = "following",
    params(CommandHeaders, ("category_id" = Uuid, Path, description = "The category")),
    responses((status = 200, body = InterestReply)))]
pub async fn unfollow_category(
    caller: Caller,
    log: Log,
    taxonomy: TaxonomyLog,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let tree = tree(&taxonomy)?;
    let meant = tree.meant(*id).unwrap_or(*id);
    let named = tree.named_by(meant).into_iter().map(Subject::Category).collect();
    unfollow(&caller, &log, Subject::Category(meant), named).await
}

/// Has the token's subject follow a series. Following again changes nothing.
#[utoipa::path(put, path = "/v1/me/following/series/{series_id}", tag = "following",
    params(CommandHeaders, ("series_id" = Uuid, Path, description = "The series")),
    responses((status = 200, body = InterestReply),
        (status = 403, description = "The subject's account is deactivated."),
        (status = 409, description = "The subject follows as many as an account may (`too-many`)."),
        (status = 404, description = "There is no such series, or it was deleted; or the subject has no account.")))]
pub async fn follow_series(
    caller: Caller,
    log: Log,
    looked_up: (SeriesLog, People),
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let (series, people) = &looked_up;
    follow(&caller, &log, people, (Subject::Series(*id), is_there(series, *id))).await
}

/// Has the token's subject not follow a series any more, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/following/series/{series_id}", tag = "following",
    params(CommandHeaders, ("series_id" = Uuid, Path, description = "The series")),
    responses((status = 200, body = InterestReply)))]
pub async fn unfollow_series(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    unfollow(&caller, &log, Subject::Series(*id), Vec::new()).await
}

fn is_there(series: &SeriesLog, id: Uuid) -> Result<(), Problem> {
    let missing = || Err(Problem::not_found("there is no such series"));
    match series.confirmed(&id.to_string()).map_err(stale)?.1 {
        SeriesState::Sequence(sequence) if !sequence.deleted => Ok(()),
        SeriesState::Sequence(_) => missing(),
        SeriesState::Nothing | SeriesState::Reservation(..) => can_deny(series).and_then(|()| missing()),
    }
}

fn tags(taxonomy: &TaxonomyLog) -> Result<Tags, Problem> {
    match taxonomy.confirmed(TAGS).map_err(stale)?.1 {
        TaxonomyState::Tags(tags) => Ok(tags),
        TaxonomyState::Nothing | TaxonomyState::Categories(_) => Ok(Tags::default()),
    }
}

fn tree(taxonomy: &TaxonomyLog) -> Result<Tree, Problem> {
    match taxonomy.confirmed(CATEGORIES).map_err(stale)?.1 {
        TaxonomyState::Categories(tree) => Ok(tree),
        TaxonomyState::Nothing | TaxonomyState::Tags(_) => Ok(Tree::default()),
    }
}

/// Follows a subject, if it is there.
async fn follow(
    caller: &Caller,
    log: &Log,
    people: &People,
    (subject, permitted): (Subject, Result<(), Problem>),
) -> Result<HttpResponse, Problem> {
    let interest = Interest { follower_id: caller.actor.id, subject };
    let permitted = active(&caller.actor, people).and(permitted).and_then(|()| has_room(log, &interest));
    let accepted = change(caller, log, &interest, (true, permitted)).await?;
    Ok(reply(&accepted, &interest, true))
}

fn has_room(log: &Log, wanted: &Interest) -> Result<(), Problem> {
    let others = log.ending_with(wanted.follower_id, |id, state| is_another(wanted, id, state).then_some(()));
    room_beside(others.map_err(stale)?.len())
}

/// Whether an aggregate says that another subject is followed than the one that is wanted.
fn is_another(wanted: &Interest, id: &str, state: &State) -> bool {
    state.follows && Interest::of(id).is_some_and(|interest| interest != *wanted)
}

fn room_beside(others: usize) -> Result<(), Problem> {
    if others < MOST {
        return Ok(());
    }
    Err(Problem::new(&Kind::TOO_MANY, format!("an account follows at most {MOST} tags, categories and series")))
}

/// What else stands for the subject ends with it: who is told that it is followed no more follows nothing of it. What
/// the caller demands of a version is demanded of the subject itself.
async fn unfollow(caller: &Caller, log: &Log, subject: Subject, named: Vec<Subject>) -> Result<HttpResponse, Problem> {
    let of = |subject| Interest { follower_id: caller.actor.id, subject };
    let interest = of(subject);
    let mut accepted = change(caller, log, &interest, (false, Ok(()))).await?;
    let unconditional = Caller { conditions: Conditions::default(), ..caller.clone() };
    for other in named.into_iter().map(of).filter(|other| *other != interest) {
        if log.confirmed(&other.id()).map_err(stale)?.1.follows {
            let ended = change(&unconditional, log, &other, (false, Ok(()))).await?;
            // The reply is of what changed: its position is the one to wait for.
            accepted = if accepted.receipt.changed { accepted } else { ended };
        }
    }
    Ok(reply(&accepted, &interest, false))
}

fn reply(accepted: &Accepted, interest: &Interest, following: bool) -> HttpResponse {
    let Interest { follower_id, subject } = interest;
    let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
    let (follower_id, subject_kind, subject) = (*follower_id, subject.kind(), subject.to_string());
    accepted.reply(&InterestReply { follower_id, subject_kind, subject, following, version, changed }, None)
}

/// The words by which a repeated command is known are in the log, as a digest: so they stay, whatever becomes of the
/// domain's.
async fn change(
    caller: &Caller,
    log: &Log,
    interest: &Interest,
    (wanted, permitted): (bool, Result<(), Problem>),
) -> Result<Accepted, Problem> {
    let (what, body) = match wanted {
        true => ("FollowSubject", FollowingCommand::FollowSubject(interest.clone())),
        false => ("UnfollowSubject", FollowingCommand::UnfollowSubject(interest.clone())),
    };
    let asked = BTreeMap::from([(what, interest.id())]);
    let command: Command<'_, Following> = caller.command(log, interest.id(), &asked);
    match command.execute_if(permitted, body).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "interest", |rejection, _| rejected(rejection))),
        Decided::Accepted(accepted) => Ok(accepted),
    }
}

#[cfg(test)]
mod tests;
