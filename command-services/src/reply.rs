//! What a client reads of a command's outcome.

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpResponse, HttpResponseBuilder};
use domain::reservations::Rejection;
use event_log::{ExecuteError, Receipt, Refusal};
use serde::Serialize;
use service_kit::position::POSITION;
use service_kit::problem::Kind;
use service_kit::{PositionToken, Problem, etag};

/// A command that holds.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The context.
    pub context: &'static str,
    /// The partition that the event is in.
    pub partition: i32,
    /// The proof.
    pub receipt: Receipt,
}

impl Accepted {
    /// Whether this command brought its aggregate into being.
    #[must_use]
    pub fn created(&self) -> bool {
        self.receipt.changed && self.receipt.version == 1
    }

    /// Where in the log it holds from; nothing in a log that is not known by a name.
    #[must_use]
    pub fn position(&self) -> Option<String> {
        let (context, partition, offset) = (self.context.to_owned(), self.partition, self.receipt.offset);
        self.receipt.log_id.map(|log_id| PositionToken { context, partition, offset, log_id }.to_string())
    }

    /// The reply: 201 with a `Location` for what came into being, else 200.
    #[must_use]
    pub fn reply(&self, body: &impl Serialize, location: Option<String>) -> HttpResponse {
        self.reply_with(body, location.filter(|_| self.created()))
    }

    /// The reply: 201 if it says where something is that came into being.
    #[must_use]
    pub fn reply_with(&self, body: &impl Serialize, created: Option<String>) -> HttpResponse {
        match created {
            Some(location) => self.made(body, Some(location)),
            None => self.finish(HttpResponse::Ok(), body),
        }
    }

    /// The reply of a command that made something, and where it is, if this instance can say.
    #[must_use]
    pub fn made(&self, body: &impl Serialize, location: Option<String>) -> HttpResponse {
        let mut response = HttpResponse::Created();
        if let Some(location) = location {
            response.insert_header((LOCATION, location));
        }
        self.finish(response, body)
    }

    fn finish(&self, mut response: HttpResponseBuilder, body: &impl Serialize) -> HttpResponse {
        // What never was there has no version, and no tag.
        if self.receipt.version > 0 {
            response.insert_header((ETAG, etag::of_version(self.receipt.version)));
        }
        if let Some(position) = self.position() {
            response.insert_header((POSITION, position));
        }
        response.json(body)
    }
}

/// The problem of a command without an outcome; `key` is what it can be asked again with.
#[must_use]
pub fn outcome_unknown(error: ExecuteError, key: &str) -> Problem {
    match error {
        ExecuteError::Moving => Problem::moving(1),
        ExecuteError::Sealed => Problem::unavailable(
            "what this is about is being moved to more partitions; nothing was done: try again with the same key",
            5,
        ),
        ExecuteError::Overloaded => Problem::overloaded(1),
        ExecuteError::Unknown => Problem::outcome_unknown(key),
    }
}

/// The problem of a refused command; `rejected` knows the context's own rules.
pub fn refused<C: domain::Decider>(
    refusal: Refusal<C>,
    what: &str,
    rejected: impl FnOnce(C::Rejection, u64) -> Problem,
) -> Problem {
    match refusal {
        Refusal::Rejected { rejection, version } => rejected(rejection, version),
        // What nothing has happened to is not there, and no version of it is as the caller demands.
        Refusal::VersionConflict { current: 0 } => {
            Problem::new(&Kind::VERSION_CONFLICT, format!("there is no such {what}"))
        }
        Refusal::VersionConflict { current } => Problem::version_conflict(current),
        Refusal::IdReused => Problem::idempotency_key_reused(),
        Refusal::Unreadable => {
            let detail = format!("this {what} has an event that this version of the service cannot read");
            Problem::new(&Kind::UNAVAILABLE, detail).retry_after(60)
        }
        Refusal::TooLarge { bytes, most } => {
            let detail = format!("it would take {bytes} bytes in the log, which takes {most}");
            Problem::new(&Kind::BODY_TOO_LARGE, detail)
        }
        Refusal::Unencodable => Problem::internal("an event does not fit its schema"),
        Refusal::ClockIsWrong { ahead_ms } => {
            let (seconds, way) = (ahead_ms.abs() / 1_000, if ahead_ms > 0 { "ahead" } else { "behind" });
            let detail = format!("the clock of the instance that decides this is {seconds} s {way}; nothing was done");
            Problem::new(&Kind::UNAVAILABLE, detail).retry_after(60)
        }
    }
}

/// The problem of a rejection about a unique value: of the aggregate that is to bear it, which is a `what`, or of its
/// reservation; `taken` says that another has it.
pub fn about_value(rejection: &Rejection, what: &str, taken: impl FnOnce(String) -> Problem) -> Problem {
    let detail = rejection.to_string();
    match rejection {
        Rejection::LeaseExpired => Problem::unavailable(detail, 1),
        Rejection::WrongAggregate => Problem::not_found(format!("there is no such {what}")),
        Rejection::Taken { .. }
        | Rejection::Pending { .. }
        | Rejection::Lost
        | Rejection::NeverReleased
        | Rejection::DoesNotBear => taken(detail),
    }
}
