//! `/v1/me/following/tags`, `…/categories` and `…/series`: what else than people the caller follows. Names and ids stand
//! for what they stand for at the moment, as far as this instance has read: to follow one is to follow that, and to
//! follow it no more is to follow nothing more that stands for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::following::{Command as FollowingCommand, Following, Interest, Subject};
use domain::series::{Series, State as SeriesState};
use domain::taxonomy::{CATEGORIES, State as TaxonomyState, TAGS, Tags, Taxonomy, Tree};
use domain::values::{SubjectKind, Tag};
use event_log::EventLog;
use serde::Serialize;
use service_kit::{Access, Problem, Route, routes, schemas};
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

/// The routes, and whom they answer.
#[must_use]
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account => follow_tag, unfollow_tag, follow_category, unfollow_category, follow_series, unfollow_series;
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
    /// The version of the interest; 0 if it never was followed.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Has the token's subject follow a tag: the one that the name stands for. Following again changes nothing.
#[utoipa::path(put, path = "/v1/me/following/tags/{tag}", tag = "following",
    params(CommandHeaders, ("tag" = schemas::Tag, Path, description = "The tag, or a name that stands for it")),
    responses((status = 200, body = InterestReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The subject's account is deactivated."),
        (status = 404, description = "The subject has no account.")))]
pub async fn follow_tag(
    caller: Caller,
    log: Log,
    looked_up: (TaxonomyLog, People),
    tag: web::Path<Tag>,
) -> Result<HttpResponse, Problem> {
    let (taxonomy, people) = &looked_up;
    follow(&caller, &log, people, Subject::Tag(tags(taxonomy)?.meant(&tag))).await
}

/// Has the token's subject not follow a tag any more, under whichever of its names. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/following/tags/{tag}", tag = "following",
    params(CommandHeaders, ("tag" = schemas::Tag, Path, description = "The tag, or a name that stands for it")),
    responses((status = 200, body = InterestReply, headers(("ETag" = String), ("Inklog-Position" = String)))))]
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
    responses((status = 200, body = InterestReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The subject's account is deactivated."),
        (status = 404, description = "There is no such category, or it was deleted; or the subject has no account.")))]
pub async fn follow_category(
    caller: Caller,
    log: Log,
    looked_up: (TaxonomyLog, People),
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let (taxonomy, people) = &looked_up;
    let Some(meant) = tree(taxonomy)?.meant(*id) else {
        can_deny(taxonomy)?;
        return Err(Problem::not_found("there is no such category"));
    };
    follow(&caller, &log, people, Subject::Category(meant)).await
}

/// Has the token's subject not follow a category any more, nor any that was merged into it. Doing so again changes
/// nothing.
#[utoipa::path(delete, path = "/v1/me/following/categories/{category_id}", tag = "following",
    params(CommandHeaders, ("category_id" = Uuid, Path, description = "The category")),
    responses((status = 200, body = InterestReply, headers(("ETag" = String), ("Inklog-Position" = String)))))]
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
    responses((status = 200, body = InterestReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The subject's account is deactivated."),
        (status = 404, description = "There is no such series, or it was deleted; or the subject has no account.")))]
pub async fn follow_series(
    caller: Caller,
    log: Log,
    looked_up: (SeriesLog, People),
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let (series, people) = &looked_up;
    match series.confirmed(&id.to_string()).map_err(stale)?.1 {
        SeriesState::Sequence(sequence) if !sequence.deleted => {}
        SeriesState::Sequence(_) => return Err(Problem::not_found("there is no such series")),
        SeriesState::Nothing | SeriesState::Reservation(..) => {
            can_deny(series)?;
            return Err(Problem::not_found("there is no such series"));
        }
    }
    follow(&caller, &log, people, Subject::Series(*id)).await
}

/// Has the token's subject not follow a series any more, whatever has become of it. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/following/series/{series_id}", tag = "following",
    params(CommandHeaders, ("series_id" = Uuid, Path, description = "The series")),
    responses((status = 200, body = InterestReply, headers(("ETag" = String), ("Inklog-Position" = String)))))]
pub async fn unfollow_series(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    unfollow(&caller, &log, Subject::Series(*id), Vec::new()).await
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

async fn follow(caller: &Caller, log: &Log, people: &People, subject: Subject) -> Result<HttpResponse, Problem> {
    let interest = Interest { follower_id: active(&caller.actor, people)?, subject };
    let accepted = change(caller, log, &interest, true).await?;
    Ok(reply(&accepted, &interest, true))
}

/// What stands for the subject ends first: who is told that it is followed no more follows nothing of it.
async fn unfollow(caller: &Caller, log: &Log, subject: Subject, named: Vec<Subject>) -> Result<HttpResponse, Problem> {
    let of = |subject| Interest { follower_id: caller.actor.id, subject };
    for other in named.into_iter().filter(|name| *name != subject).map(of) {
        if log.confirmed(&other.id()).map_err(stale)?.1.follows {
            let _ = change(caller, log, &other, false).await?;
        }
    }
    let interest = of(subject);
    let accepted = change(caller, log, &interest, false).await?;
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
async fn change(caller: &Caller, log: &Log, interest: &Interest, wanted: bool) -> Result<Accepted, Problem> {
    let (what, body) = match wanted {
        true => ("FollowSubject", FollowingCommand::FollowSubject(interest.clone())),
        false => ("UnfollowSubject", FollowingCommand::UnfollowSubject(interest.clone())),
    };
    let asked = BTreeMap::from([(what, interest.id())]);
    let command: Command<'_, Following> = caller.command(log, interest.id(), &asked);
    match command.execute(body, None).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "interest", |rejection, _| rejected(rejection))),
        Decided::Accepted(accepted) => Ok(accepted),
    }
}
