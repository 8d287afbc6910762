//! What a client reads of a command on an account.

use actix_web::HttpResponse;
use domain::accounts::{Accounts, Rejection, Unique};
use serde::Serialize;
use service_kit::Problem;
use service_kit::problem::Kind;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::commands::Decided;
use crate::reply::{about_value, refused};
use crate::reservations::NotReserved;

/// An account after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AccountReply {
    /// Its id.
    pub id: Uuid,
    /// Its version: what `If-Match` takes.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
    /// Its user name.
    pub user_name: String,
}

/// What a client reads of a command on an account.
///
/// # Errors
/// It was refused.
pub(crate) fn reply(id: Uuid, decided: Decided<Accounts>) -> Result<HttpResponse, Problem> {
    match decided {
        Decided::Refused(refusal) => Err(refused(refusal, "account", rejected)),
        Decided::Accepted(accepted) => {
            let receipt = &accepted.receipt;
            let user_name = receipt.note.as_deref().unwrap_or_default().to_owned();
            let location = format!("/v1/authors/{user_name}");
            let body = AccountReply { id, version: receipt.version, changed: receipt.changed, user_name };
            Ok(accepted.reply(&body, Some(location)))
        }
    }
}

fn rejected(rejection: Rejection, version: u64) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        Rejection::NotFound => Problem::not_found(detail),
        Rejection::NotTheOwner => Problem::not_the_author(detail),
        Rejection::Differs => Problem::precondition_required(version),
        Rejection::UserNameIsFixed => service_kit::json::broken_rule("/user_name", detail),
        Rejection::Erased => erased(),
        Rejection::Deactivated => Problem::new(&Kind::ACCOUNT_DEACTIVATED, detail),
        // No caller asks for this over HTTP.
        Rejection::Verified => Problem::new(&Kind::EMAIL_TAKEN, detail),
        Rejection::Reservation(rejection) => about_value(&rejection, "account", Problem::user_name_taken),
    }
}

/// The problem of a value that could not be reserved.
pub(crate) fn not_reserved(value: &Unique, why: NotReserved) -> Problem {
    match (why, value) {
        (NotReserved::Problem(problem), _) => problem,
        (NotReserved::Changed, _) => Problem::unavailable("the account was changed meanwhile; try again", 1),
        (NotReserved::Taken, Unique::UserName(_)) => {
            Problem::user_name_taken("another account has this user name, or had it until lately")
        }
        (NotReserved::Taken, Unique::Email(_)) => {
            Problem::new(&Kind::EMAIL_TAKEN, "another account has this e-mail address")
        }
    }
}

/// The account was erased, or is about to be.
pub(crate) fn erased() -> Problem {
    Problem::new(&Kind::ACCOUNT_ERASED, "the account was erased; its former owner can register anew under another name")
}
