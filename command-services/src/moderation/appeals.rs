//! `/v1/me/appeals/{case}/{ruling}`: a person asks that what was decided of them, or of what they wrote, be looked at
//! again by another moderator.

use actix_web::HttpResponse;
use domain::moderation::Ask;
use domain::values::Statement;
use serde::{Deserialize, Serialize};
use service_kit::{Access, Json, Problem, Quota, Route, routes, schemas};
use utoipa::ToSchema;

use super::subjects::Subjects;
use super::{Log, RulingPath, Shared, ask, quiet_reply, unseeing};
use crate::body::typed;
use crate::commands::{Caller, RepeatableHeaders};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Account, Quota::Reports => appeal;
    }
}

/// What a person says against a ruling.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAppeal {
    /// What moderators should know: at most 2,000 characters.
    #[serde(default, deserialize_with = "typed")]
    #[schema(value_type = schemas::Statement)]
    pub statement: Statement,
}

/// An appeal after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct AppealReply {
    /// The case.
    pub case_id: String,
    /// The ruling that it is against.
    pub ruling: i64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// Appeals against a ruling that is in force and concerns the caller, once. Another than who made it answers. A blocked
/// account may, too.
#[utoipa::path(put, path = "/v1/me/appeals/{case}/{ruling}", tag = "moderation", request_body = NewAppeal,
    params(RepeatableHeaders, ("case" = schemas::CaseId, Path, description = "The case"),
        ("ruling" = i64, Path, minimum = 1, description = "The ruling's number in the case")),
    responses((status = 200, body = AppealReply, headers(("Inklog-Position" = String))),
        (status = 403, description = "It concerns another (`not-the-author`), or the account is deactivated."),
        (status = 404, description = "There is no such thing."),
        (status = 409, description = "It is not in force (`not-in-force`), or an appeal against it was answered \
                                      (`too-late`)."),
        (status = 410, description = "The caller's account was erased.")))]
pub(super) async fn appeal(
    caller: Caller,
    log: Log,
    subjects: Subjects,
    desk: Shared,
    path: RulingPath,
    body: Json<NewAppeal>,
) -> Result<HttpResponse, Problem> {
    let (caller, (target, ruling)) = (unseeing(caller), *path);
    let (account_id, about) = (subjects.acting(&caller.actor)?, subjects.of(target)?);
    let statement = desk.sealed(body.0.statement, account_id).await?;
    let asked = ("appeal", ruling, statement.clone());
    let accepted = ask(&caller, &log, about, &asked, Ask::Appeal { ruling, statement }).await?;
    let (case_id, changed) = (target.id(), accepted.receipt.changed);
    Ok(quiet_reply(&accepted, &AppealReply { case_id, ruling, changed }))
}
