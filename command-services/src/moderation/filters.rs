//! `/v1/moderation/filters`: what comments are held for until a moderator has read them.

use actix_web::HttpResponse;
use domain::Role;
use domain::moderation::{Command as ModerationCommand, FILTERS, Filters, MOST_WORDS, Moderation};
use domain::values::FilterWord;
use serde::{Deserialize, Serialize};
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema as _, ToSchema};

use super::{Log, rejected};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::reply::refused;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Admin) => set_filters;
    }
}

/// What comments are held for, and nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFilters {
    /// Words that are looked for, whole and in any case: at most 1,000.
    #[serde(default)]
    #[schema(schema_with = words)]
    pub words: Vec<FilterWord>,
    /// Comments with more links than this are held; where it is missing, none is for its links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 5_000)]
    pub most_links: Option<i64>,
    /// Comments are held of authors of whom fewer than this are shown.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100)]
    pub first_comments: i64,
}

/// What comments are held for, after a command.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct FiltersReply {
    /// The version of it: what `If-Match` takes, and what a comment that is held names.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

fn words() -> RefOr<Schema> {
    schemas::few(MOST_WORDS, schemas::FilterWord::schema())
}

/// Says what comments are held for from now on. Those that are held stay so until a moderator has read them.
#[utoipa::path(put, path = "/v1/moderation/filters", tag = "moderation", request_body = NewFilters,
    params(CommandHeaders),
    responses((status = 200, body = FiltersReply, headers(("ETag" = String), ("Inklog-Position" = String)))))]
pub(super) async fn set_filters(caller: Caller, log: Log, body: Json<NewFilters>) -> Result<HttpResponse, Problem> {
    let command: Command<'_, Moderation> = caller.command(&log, FILTERS.to_owned(), &("set filters", &body.0));
    let filters = body.0.checked()?;
    match command.execute(ModerationCommand::SetFilters(filters), None).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "list of filters", rejected)),
        Decided::Accepted(accepted) => {
            let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
            Ok(accepted.reply(&FiltersReply { version, changed }, None))
        }
    }
}

impl NewFilters {
    /// # Errors
    /// A number is out of bounds, or a word is there twice.
    fn checked(self) -> Result<Filters, Problem> {
        use service_kit::json::broken_rule;
        let Self { words, most_links, first_comments } = self;
        if most_links.is_some_and(|most| !(0..=5_000).contains(&most)) {
            return Err(broken_rule("/most_links", "must be 0 to 5000"));
        }
        if !(0..=100).contains(&first_comments) {
            return Err(broken_rule("/first_comments", "must be 0 to 100"));
        }
        if let Some(place) = (0..words.len()).find(|place| words[..*place].contains(&words[*place])) {
            return Err(broken_rule(&format!("/words/{place}"), "is there twice"));
        }
        Ok(Filters { words, most_links, first_comments })
    }
}

const _: () = assert!(MOST_WORDS == 1_000, "the description of `words` says so");
