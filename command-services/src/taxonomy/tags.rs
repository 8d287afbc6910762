//! `/v1/tags`: what is said of tags. All of it is one aggregate: its version is that of all that is said.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::taxonomy::{
    Command as TaxonomyCommand, SynonymAdded, SynonymRemoved, TAGS, TagCommand, TagDescribed, Taxonomy,
};
use domain::values::{Tag, TagDescription};
use event_log::EventLog;
use serde::{Deserialize, Serialize};
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::ToSchema;

use super::rejected;
use crate::body::typed;
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::reply::refused;

type Log = web::Data<Arc<EventLog<Taxonomy>>>;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Editor) => describe, rename, merge_tag, add_synonym, remove_synonym;
    }
}

/// What is said of tags after a command on one of them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TagReply {
    /// The tag.
    pub tag: String,
    /// The version of all that is said of tags: what `If-Match` takes.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// What is said of a tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AboutTag {
    /// What it is about: at most 500 characters; empty for nothing.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::TagDescription)]
    pub description: TagDescription,
}

/// A tag's new name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameTag {
    /// The new name, of which nothing is said yet.
    #[schema(value_type = schemas::Tag)]
    pub new_name: Tag,
}

/// What a tag is merged into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeTag {
    /// The other tag.
    #[schema(value_type = schemas::Tag)]
    pub into_tag: Tag,
}

/// Says what a tag is about.
#[utoipa::path(put, path = "/v1/tags/{tag}", operation_id = "describe_tag", tag = "tags", request_body = AboutTag,
    params(CommandHeaders, ("tag" = schemas::Tag, Path)),
    responses((status = 200, body = TagReply),
        (status = 409, description = "It stands for another tag, which `stands_for` names; or there is too much.")))]
pub async fn describe(
    caller: Caller,
    log: Log,
    tag: web::Path<Tag>,
    body: Json<AboutTag>,
) -> Result<HttpResponse, Problem> {
    let command = caller.command(&log, TAGS.to_owned(), &("describe", &*tag, &body.0));
    let AboutTag { description } = body.0.clone();
    let described = TagDescribed { tag: tag.clone(), description };
    perform(&command, &tag, TagCommand::Describe(described)).await
}

/// Gives a tag another name. The former one, and what stood for it, stand for the new one from then on.
#[utoipa::path(post, path = "/v1/tags/{tag}/rename", operation_id = "rename_tag", tag = "tags",
    request_body = RenameTag, params(CommandHeaders, ("tag" = schemas::Tag, Path)),
    responses((status = 200, body = TagReply),
        (status = 409, description = "Something is said of the new name: merge the two; or one of them stands for \
                                      another tag, which `stands_for` names; or there is too much.")))]
pub async fn rename(
    caller: Caller,
    log: Log,
    tag: web::Path<Tag>,
    body: Json<RenameTag>,
) -> Result<HttpResponse, Problem> {
    let command = caller.command(&log, TAGS.to_owned(), &("rename", &*tag, &body.0));
    let new_name = body.0.new_name.clone();
    perform(&command, &tag, TagCommand::Rename { tag: tag.clone(), new_name }).await
}

/// Merges a tag into another: it, and what stood for it, stand for the other one from then on.
#[utoipa::path(post, path = "/v1/tags/{tag}/merge", operation_id = "merge_tag", tag = "tags",
    request_body = MergeTag, params(CommandHeaders, ("tag" = schemas::Tag, Path)),
    responses((status = 200, body = TagReply),
        (status = 409, description = "One of them stands for another tag, which `stands_for` names; or there is too \
                                      much.")))]
pub async fn merge_tag(
    caller: Caller,
    log: Log,
    tag: web::Path<Tag>,
    body: Json<MergeTag>,
) -> Result<HttpResponse, Problem> {
    let command = caller.command(&log, TAGS.to_owned(), &("merge", &*tag, &body.0));
    perform(&command, &tag, TagCommand::Merge { tag: tag.clone(), into_tag: body.0.into_tag.clone() }).await
}

/// Has a name stand for a tag: `js` for `javascript`.
#[utoipa::path(put, path = "/v1/tags/{tag}/synonyms/{synonym}", operation_id = "add_synonym", tag = "tags",
    params(CommandHeaders, ("tag" = schemas::Tag, Path), ("synonym" = schemas::Tag, Path)),
    responses((status = 200, body = TagReply),
        (status = 409, description = "Something is said of the name: merge the two; or one of them stands for another \
                                      tag, which `stands_for` names; or there is too much.")))]
pub async fn add_synonym(caller: Caller, log: Log, names: web::Path<(Tag, Tag)>) -> Result<HttpResponse, Problem> {
    let command = caller.command(&log, TAGS.to_owned(), &("add_synonym", &*names));
    let (tag, synonym) = names.into_inner();
    perform(&command, &tag, TagCommand::AddSynonym(SynonymAdded { tag: tag.clone(), synonym })).await
}

/// Has a name stand for itself again.
#[utoipa::path(delete, path = "/v1/tags/{tag}/synonyms/{synonym}", operation_id = "remove_synonym", tag = "tags",
    params(CommandHeaders, ("tag" = schemas::Tag, Path), ("synonym" = schemas::Tag, Path)),
    responses((status = 200, body = TagReply)))]
pub async fn remove_synonym(caller: Caller, log: Log, names: web::Path<(Tag, Tag)>) -> Result<HttpResponse, Problem> {
    let command = caller.command(&log, TAGS.to_owned(), &("remove_synonym", &*names));
    let (tag, synonym) = names.into_inner();
    perform(&command, &tag, TagCommand::RemoveSynonym(SynonymRemoved { tag: tag.clone(), synonym })).await
}

async fn perform(command: &Command<'_, Taxonomy>, tag: &Tag, body: TagCommand) -> Result<HttpResponse, Problem> {
    match command.execute(TaxonomyCommand::Tag(body), None).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "tag of which something is said", rejected)),
        Decided::Accepted(accepted) => {
            let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
            Ok(accepted.reply(&TagReply { tag: tag.to_string(), version, changed }, None))
        }
    }
}
