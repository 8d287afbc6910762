//! What a client reads of a picture or a file after a command.

use ::media::store::StoreError;
use actix_web::HttpResponse;
use domain::media::{Item, Media, Rejection};
use serde::Serialize;
use service_kit::Problem;
use service_kit::problem::Kind;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commands::Decided;
use crate::reply::refused;

/// A picture or a file after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MediaReply {
    /// What its bytes are, as they are served.
    pub sha256: String,
    /// Whose it is.
    pub account_id: Uuid,
    /// Where it is served: of what a text refers to it by.
    pub address: String,
    /// The version of the item; 0 if there never was one.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// The reply to a command on an item.
pub(super) fn reply(item: &Item, decided: Decided<Media>) -> Result<HttpResponse, Problem> {
    match decided {
        Decided::Refused(refusal) => Err(refused(refusal, "item", |rejection, _| rejected(rejection))),
        Decided::Accepted(accepted) => {
            let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
            let (sha256, account_id) = (item.sha256.to_string(), item.account_id);
            let address = format!("{}{sha256}", domain::values::WITHIN);
            let body = MediaReply { sha256, account_id, address: address.clone(), version, changed };
            Ok(accepted.reply(&body, Some(address)))
        }
    }
}

/// The problem of a rejection.
pub(super) fn rejected(rejection: Rejection) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        Rejection::NotFound => Problem::not_found(detail),
        Rejection::NotTheOwner => Problem::not_the_author(detail),
        Rejection::NotAnAuthor => Problem::new(&Kind::FORBIDDEN, detail),
        Rejection::NotYet => Problem::unavailable(detail, 1),
    }
}

/// The problem of bytes that could not be stored: nothing was done.
pub(super) fn unstored(error: StoreError) -> Problem {
    measures::media::STORE_FAILURES.increment();
    match error {
        StoreError::Full => {
            tracing::error!("the object store is full");
            Problem::new(&Kind::STORAGE_FULL, "the object store is full; nothing was stored").retry_after(600)
        }
        StoreError::Away(_) | StoreError::Unmarked | StoreError::NotFound | StoreError::Source(_) => {
            tracing::warn!(%error, "what was received cannot be stored");
            Problem::unavailable("the object store does not answer; nothing was stored", 5)
        }
    }
}
