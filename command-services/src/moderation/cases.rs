//! `/v1/moderation/{case}`: moderators claim a case, decide it, lift what was decided, and answer appeals. The queue is
//! at the query API.

use actix_web::HttpResponse;
use domain::Role;
use domain::moderation::{Ask, Decision};
use domain::values::{Explanation, HouseRule, Measure};
use serde::Deserialize;
use service_kit::json::broken_rule;
use service_kit::problem::Kind;
use service_kit::times::Rfc3339;
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use super::subjects::Subjects;
use super::{CasePath, CaseReply, Log, RulingPath, Shared, ask, ask_if, reply, ruled};
use crate::body::typed;
use crate::commands::{Caller, CommandHeaders};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Moderator) => claim, release_claim, decide, dismiss, lift, answer_appeal;
    }
}

/// A measure, and why.
// It cannot be serialized: a command is remembered by what is sealed, never by what was typed.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDecision {
    /// `hide` (all but its author and moderators see it no more) or `remove` (its author neither), of a post or a
    /// comment; `warn`, `mute` (no comments) or `block` (no part in anything), of an account.
    #[schema(value_type = schemas::Measure)]
    pub measure: Measure,
    /// Against which rule of the house it was.
    #[schema(value_type = schemas::HouseRule)]
    pub rule: HouseRule,
    /// What the person is told: 1 to 2,000 characters.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::Explanation)]
    pub explanation: Explanation,
    /// Until when, of a mute or a block (RFC 3339); where it is missing, until it is lifted.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Rfc3339>,
    /// Of a block, the post from whose comments it is.
    #[serde(default)]
    pub post_id: Option<Uuid>,
    /// What the account is dealt with for, a comment or a post: the id of its case.
    #[serde(default)]
    #[schema(value_type = Option<schemas::CaseId>)]
    pub about: Option<domain::moderation::Target>,
}

/// Why a measure is lifted.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LiftMeasure {
    /// What the person is told: 1 to 2,000 characters.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::Explanation)]
    pub explanation: Explanation,
}

/// The answer to an appeal.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerAppeal {
    /// Whether the measure stays in force.
    pub upheld: bool,
    /// What the person is told: 1 to 2,000 characters.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::Explanation)]
    pub explanation: Explanation,
}

/// What was read of what is left as it is.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DismissCase {
    /// Of a comment that the filters hold, how often it had been edited when the caller read it: `edits` at the query
    /// API. What its author has written since stays held.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 20)]
    pub edits: Option<i64>,
}

/// Claims a case: no other moderator decides it for a while. Doing so again makes the while longer.
#[utoipa::path(put, path = "/v1/moderation/{case}/claim", tag = "moderation",
    params(CommandHeaders, ("case" = schemas::CaseId, Path)),
    responses((status = 200, body = CaseReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 409, description = "Another moderator has claimed it (`claimed`).")))]
pub(super) async fn claim(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    desk: Shared,
    case: CasePath,
) -> Result<HttpResponse, Problem> {
    let about = subjects.ruled_by(&caller.actor, *case)?;
    let claim = Ask::Claim { for_ms: desk.claim_ms };
    Ok(reply(about, &ask(&caller, &log, about, &"claim", claim).await?, None))
}

/// Lets others decide a case again. Editors end the claims of others, too.
#[utoipa::path(delete, path = "/v1/moderation/{case}/claim", tag = "moderation",
    params(CommandHeaders, ("case" = schemas::CaseId, Path)),
    responses((status = 200, body = CaseReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 409, description = "Another moderator has claimed it (`claimed`).")))]
pub(super) async fn release_claim(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    case: CasePath,
) -> Result<HttpResponse, Problem> {
    let about = subjects.ruled_by(&caller.actor, *case)?;
    Ok(reply(about, &ask(&caller, &log, about, &"release claim", Ask::Release).await?, None))
}

/// Puts a measure in force, which answers all reports. The person is told the rule and the explanation, and may appeal.
/// Deciding the same again changes nothing; another time for the same takes the place of the former.
#[utoipa::path(post, path = "/v1/moderation/{case}/decisions", operation_id = "decide_case", tag = "moderation",
    request_body = NewDecision, params(CommandHeaders, ("case" = schemas::CaseId, Path)),
    responses((status = 200, body = CaseReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The author of a thing has a higher role than the caller, or another moderator \
                                      has lifted such a measure; or the person has no lower one; or it would take the \
                                      place of what a higher role decided, or of the caller's own while an appeal \
                                      waits (`forbidden`)."),
        (status = 409, description = "Another moderator has claimed it (`claimed`), or too much is in force \
                                      (`too-many`)."),
        (status = 410, description = "The account was erased: there is no one to tell (of a post, no one is told)."),
        (status = 422, description = "It is the caller's own, the measure is not for this, or there is no such \
                                      rule.")))]
pub(super) async fn decide(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    desk: Shared,
    case: CasePath,
    body: Json<NewDecision>,
) -> Result<HttpResponse, Problem> {
    let about = subjects.ruled_by(&caller.actor, *case)?;
    let NewDecision { measure, rule, explanation, until, post_id, about: for_comment } = body.0;
    let permitted = desk.has_rule(&rule);
    let explanation = desk.explained(explanation, about).await?;
    let until = until.map(|until| until.0);
    let decision = Decision { measure, rule, explanation, until, post_id, about: for_comment };
    let Decision { rule, explanation, .. } = &decision;
    let asked = ("decide", measure, rule.clone(), explanation.clone(), until, post_id, for_comment);
    let accepted = ask_if(permitted, &caller, &log, about, (&asked, Ask::Decide(decision))).await?;
    Ok(ruled(&caller, &desk, about, &accepted).await)
}

/// Leaves what was reported as it is, which answers all reports, and lets a comment pass that is held: it is shown, if
/// no measure hides it.
#[utoipa::path(post, path = "/v1/moderation/{case}/dismissal", operation_id = "dismiss_case", tag = "moderation",
    request_body = DismissCase, params(CommandHeaders, ("case" = schemas::CaseId, Path)),
    responses((status = 200, body = CaseReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 409, description = "Another moderator has claimed it (`claimed`), or the comment was edited since it \
                                      was read (`too-late`)."),
        (status = 422, description = "The comment is held, and `edits` is missing.")))]
pub(super) async fn dismiss(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    desk: Shared,
    case: CasePath,
    body: Json<DismissCase>,
) -> Result<HttpResponse, Problem> {
    let about = subjects.ruled_by(&caller.actor, *case)?;
    let (held, edits) = (subjects.held(*case)?, body.0.edits);
    let permitted = match (held, edits) {
        (Some(_), None) => Err(broken_rule("/edits", "is missing: the filters hold the comment")),
        // This instance may have read less than the caller; the thread says in the end.
        (Some(by_now), Some(read)) if read < by_now => {
            Err(Problem::new(&Kind::TOO_LATE, "the comment was edited since it was read"))
        }
        (Some(_), Some(_)) | (None, _) => Ok(()),
    };
    let dismiss = Ask::Dismiss { held: held.is_some(), edits };
    let accepted = ask_if(permitted, &caller, &log, about, (&("dismiss", edits), dismiss)).await?;
    Ok(ruled(&caller, &desk, about, &accepted).await)
}

/// Lifts a measure: by who put it in force, or one of at least the role. Doing so again changes nothing.
#[utoipa::path(post, path = "/v1/moderation/{case}/rulings/{ruling}/lift", operation_id = "lift_measure",
    tag = "moderation", request_body = LiftMeasure,
    params(CommandHeaders, ("case" = schemas::CaseId, Path), ("ruling" = i64, Path, minimum = 1)),
    responses((status = 200, body = CaseReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "A higher role than the caller's has decided it (`forbidden`)."),
        (status = 409, description = "There is no such ruling (`not-in-force`)."),
        (status = 410, description = "The account was erased: there is no one to tell (of a post, no one is told).")))]
pub(super) async fn lift(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    desk: Shared,
    path: RulingPath,
    body: Json<LiftMeasure>,
) -> Result<HttpResponse, Problem> {
    let (target, ruling) = *path;
    let about = subjects.ruled_by(&caller.actor, target)?;
    let explanation = desk.explained(body.0.explanation, about).await?;
    let asked = ("lift", ruling, explanation.clone());
    let accepted = ask(&caller, &log, about, &asked, Ask::Lift { ruling, explanation }).await?;
    Ok(ruled(&caller, &desk, about, &accepted).await)
}

/// Answers an appeal: the measure stays in force, for good as far as its role is concerned, or is lifted. Another does
/// than who decided; an admin may.
#[utoipa::path(post, path = "/v1/moderation/{case}/rulings/{ruling}/answer", operation_id = "answer_appeal",
    tag = "moderation", request_body = AnswerAppeal,
    params(CommandHeaders, ("case" = schemas::CaseId, Path), ("ruling" = i64, Path, minimum = 1)),
    responses((status = 200, body = CaseReply, headers(("ETag" = String), ("Inklog-Position" = String))),
        (status = 403, description = "The caller has decided it, or a higher role has (`forbidden`)."),
        (status = 409, description = "There is no appeal against such a ruling (`not-in-force`)."),
        (status = 410, description = "The account was erased: there is no one to tell (of a post, no one is told).")))]
pub(super) async fn answer_appeal(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    desk: Shared,
    path: RulingPath,
    body: Json<AnswerAppeal>,
) -> Result<HttpResponse, Problem> {
    let (target, ruling) = *path;
    let about = subjects.ruled_by(&caller.actor, target)?;
    let AnswerAppeal { upheld, explanation } = body.0;
    let explanation = desk.explained(explanation, about).await?;
    let asked = ("answer", ruling, upheld, explanation.clone());
    let accepted = ask(&caller, &log, about, &asked, Ask::Answer { ruling, upheld, explanation }).await?;
    Ok(ruled(&caller, &desk, about, &accepted).await)
}
