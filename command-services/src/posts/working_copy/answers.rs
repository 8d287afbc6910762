//! What clients are told of a working copy.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue};
use domain::Timestamp;
use serde::Serialize;
use service_kit::Problem;
use service_kit::etag::{Conditions, of_version};
use service_kit::problem::Kind;
use uuid::Uuid;

use super::kept::Kept;
use super::{CopyReply, EditPost};

/// Whether the caller demands this version of the copy.
pub(super) fn permit(conditions: &Conditions, kept: &Kept, sent: Option<&EditPost>) -> Result<(), Problem> {
    match conditions.allow(kept.version) {
        true if conditions.expect_something() => Ok(()),
        true => Err(Problem::precondition_required(kept.version)),
        false => Err(conflict(kept, sent)),
    }
}

/// What there is in the place of the version that the caller saw.
pub(super) fn conflict(kept: &Kept, sent: Option<&EditPost>) -> Problem {
    let saved_at = service_kit::times::format(Timestamp(kept.saved_at_ms));
    let saved_by = kept.saved_by.map(|account_id| account_id.to_string());
    let problem = Problem::version_conflict(kept.version).with("saved_by", saved_by).with("saved_at", saved_at);
    match sent {
        Some(sent) => problem.with("changed", kept.differing(sent)),
        None => problem,
    }
}

pub(super) fn no_version() -> Problem {
    Problem::new(&Kind::VERSION_CONFLICT, "there is no such working copy")
}

pub(super) fn missing() -> Problem {
    Problem::new(&Kind::NO_WORKING_COPY, "the post has no working copy")
}

pub(super) fn saved(post_id: Uuid, kept: &Kept, changed: bool) -> HttpResponse {
    let (version, base_version) = (kept.version, kept.base_version);
    answered(version, &CopyReply { post_id, version, base_version, changed })
}

/// An answer that no cache keeps.
pub(super) fn answered(version: u64, body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if version > 0 {
        response.insert_header((ETAG, of_version(version)));
    }
    response.insert_header((CACHE_CONTROL, HeaderValue::from_static("private, no-store")));
    response.json(body)
}
