//! `/v1/me/reports/{case}`: what the caller finds against the rules of the house.

use actix_web::HttpResponse;
use domain::moderation::{Ask, Target};
use domain::values::{HouseRule, Statement};
use serde::{Deserialize, Serialize};
use service_kit::{Access, Json, Problem, Quota, Route, routes, schemas};
use utoipa::ToSchema;

use super::subjects::Subjects;
use super::{CasePath, Log, Shared, ask, ask_if, quiet_reply, sanctions, unseeing};
use crate::body::typed;
use crate::commands::{Caller, RepeatableHeaders};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account, Quota::Reports => report;
        Access::Account => withdraw_report;
    }
}

/// What a person reports.
// It cannot be serialized: a command is remembered by what is sealed, never by what was typed.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReport {
    /// Against which rule of the house it is.
    #[schema(value_type = schemas::HouseRule)]
    pub rule: HouseRule,
    /// What moderators should know: at most 2,000 characters.
    #[serde(default, deserialize_with = "typed")]
    #[schema(value_type = schemas::Statement)]
    pub statement: Statement,
}

/// A report after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct ReportReply {
    /// What it is about: the id of its case.
    pub case_id: String,
    /// Whether a report of the caller's waits now.
    pub reported: bool,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Reports a post, a comment or an account to the moderators. Who wrote it is told neither that it was reported nor by
/// whom. A second report of the same changes nothing until a moderator has answered the first.
#[utoipa::path(put, path = "/v1/me/reports/{case}", tag = "moderation", request_body = NewReport,
    params(RepeatableHeaders, ("case" = schemas::CaseId, Path, description = "What is reported: `post:<id>`, \
        `comment:<post id>:<number>` or `account:<id>`")),
    responses((status = 200, body = ReportReply, headers(("Inklog-Position" = String))),
        (status = 403, description = "The caller's account is deactivated, a moderator has blocked it (`blocked`), or \
                                      the post is for members (`private`)."),
        (status = 404, description = "There is no such thing, or the caller is not shown it; or they have no account."),
        (status = 409, description = "It was reported as often as it may be (`too-many`), or the post is a draft \
                                      (`not-published`)."),
        (status = 410, description = "The post was deleted, or the caller's account was erased."),
        (status = 422, description = "It is the caller's own, or there is no such rule here.")))]
pub(super) async fn report(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    desk: Shared,
    case: CasePath,
    body: Json<NewReport>,
) -> Result<HttpResponse, Problem> {
    let caller = unseeing(caller);
    let reporter_id = subjects.acting(&caller.actor)?;
    let about = subjects.of(*case)?;
    let NewReport { rule, statement } = body.0;
    let permitted = sanctions::may_take_part(&log, reporter_id).and_then(|()| desk.has_rule(&rule));
    let permitted = permitted.and_then(|()| subjects.is_shown_to(&caller.actor, *case));
    let statement = desk.sealed(statement, reporter_id).await?;
    let asked = ("report", rule.clone(), statement.clone());
    let report = Ask::Report { reporter_id, rule, statement };
    let accepted = ask_if(permitted, &caller, &log, about, (&asked, report)).await?;
    Ok(quiet_reply(&accepted, &reply(*case, true, accepted.receipt.changed)))
}

/// Takes a report of the caller's back, whatever has become of what it is about. Doing so again changes nothing.
#[utoipa::path(delete, path = "/v1/me/reports/{case}", tag = "moderation",
    params(RepeatableHeaders, ("case" = schemas::CaseId, Path, description = "What was reported")),
    responses((status = 200, body = ReportReply, headers(("Inklog-Position" = String)))))]
pub(super) async fn withdraw_report(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    case: CasePath,
) -> Result<HttpResponse, Problem> {
    let (caller, about) = (unseeing(caller), subjects.of(*case)?);
    let withdraw = Ask::Withdraw { reporter_id: caller.actor.id };
    let accepted = ask(&caller, &log, about, &"withdraw report", withdraw).await?;
    Ok(quiet_reply(&accepted, &reply(*case, false, accepted.receipt.changed)))
}

fn reply(target: Target, reported: bool, changed: bool) -> ReportReply {
    ReportReply { case_id: target.id(), reported, changed }
}
