//! `/v1/categories`: the commands on the tree of categories. It is one aggregate, whose version is the tree's.

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use domain::Role;
use domain::taxonomy::{
    CATEGORIES, CategoriesOrdered, CategoryChanged, CategoryCommand, CategoryDeleted, Command as TaxonomyCommand, MOST,
    Taxonomy,
};
use domain::values::{Slug, Summary, Title};
use event_log::EventLog;
use serde::{Deserialize, Serialize};
use service_kit::{Access, Json, Problem, Route, routes, schemas};
use utoipa::ToSchema;
use uuid::Uuid;

use super::rejected;
use crate::body::{BoundedVec, empty, new_text, new_text_or_empty, typed};
use crate::commands::{Caller, Command, CommandHeaders, Decided};
use crate::reply::refused;

type Log = web::Data<Arc<EventLog<Taxonomy>>>;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::AtLeast(Role::Editor) => create, order, edit, delete, relocate, merge;
    }
}

/// The tree of categories after a command on one of them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CategoryReply {
    /// The category; of an order, the one whose children were put into it, or null for the root.
    #[schema(required = true)]
    pub id: Option<Uuid>,
    /// The version of the whole tree: what `If-Match` takes.
    pub version: u64,
    /// Whether the command changed anything.
    pub changed: bool,
}

/// A category to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCategory {
    /// Its id; made up where it is missing. Making it again as it is changes nothing.
    pub id: Option<Uuid>,
    /// The category to put it below, as the last there; null for the root.
    pub parent_id: Option<Uuid>,
    /// The part of its address that names it, which no other has or had; made from the name where it is missing.
    #[schema(value_type = Option<schemas::Slug>)]
    pub slug: Option<Slug>,
    /// What it is called: one line of 1 to 300 characters.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = schemas::Title)]
    pub name: Title,
    /// What it is about: at most 2,000 characters.
    #[serde(default = "empty", deserialize_with = "typed")]
    #[schema(value_type = schemas::Summary)]
    pub description: Summary,
}

/// Fields of a category to change, as a JSON merge patch (RFC 7396): what is missing stays as it is; null empties the
/// description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditCategory {
    /// The new slug; the former one redirects to it.
    #[serde(default, deserialize_with = "new_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Slug, required = false)]
    pub slug: Option<Slug>,
    /// The new name.
    #[serde(default, deserialize_with = "new_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Title, required = false)]
    pub name: Option<Title>,
    /// The new description.
    #[serde(default, deserialize_with = "new_text_or_empty", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Summary>)]
    pub description: Option<Summary>,
}

/// Where a category is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveCategory {
    /// The category to put it below; null for the root.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    pub parent_id: Option<Uuid>,
}

/// An order of all categories below one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryOrder {
    /// The category that they are below; null for the root.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    pub parent_id: Option<Uuid>,
    /// All of them, each once, in their new order.
    #[schema(value_type = AllIds)]
    pub category_ids: BoundedVec<Uuid, MOST>,
}

/// The list of all categories in one place, as the OpenAPI document describes it.
#[derive(Clone, Copy, Debug)]
enum AllIds {}

service_kit::describe! {
    AllIds as "AllCategoryIds" = schemas::few(MOST, schemas::id());
}

/// What a category is merged into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeCategory {
    /// The other category.
    pub into_id: Uuid,
}

/// Makes a category.
#[utoipa::path(post, path = "/v1/categories", operation_id = "create_category", tag = "categories",
    request_body = NewCategory, params(CommandHeaders),
    responses((status = 201, body = CategoryReply),
        (status = 200, body = CategoryReply, description = "It is there, as asked."),
        (status = 409, description = "The slug is taken (`category_id` says by which); a category of this id is there, \
                                      or was, and differs; or there are too many.")))]
pub async fn create(caller: Caller, log: Log, body: Json<NewCategory>) -> Result<HttpResponse, Problem> {
    let NewCategory { id, parent_id, slug, name, description } = body.0.clone();
    let category_id = id.unwrap_or_else(|| caller.new_id("taxonomy"));
    let slug = slug.unwrap_or_else(|| Slug::suggested_by(name.as_str()));
    let location = format!("/v1/categories/{slug}");
    let new = domain::taxonomy::NewCategory { category_id, parent_id, slug, name, description };
    let command = caller.command(&log, CATEGORIES.to_owned(), &("create", &body.0));
    perform(&command, Some(category_id), CategoryCommand::Create(new), Some(location)).await
}

/// Changes some fields of a category.
#[utoipa::path(patch, path = "/v1/categories/{id}", operation_id = "edit_category", tag = "categories",
    request_body = EditCategory, params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = CategoryReply), (status = 409, description = "The slug is taken."),
        (status = 410, description = "It was merged into another, or deleted.")))]
pub async fn edit(
    caller: Caller,
    log: Log,
    id: web::Path<Uuid>,
    body: Json<EditCategory>,
) -> Result<HttpResponse, Problem> {
    let EditCategory { slug, name, description } = body.0.clone();
    let change = CategoryChanged { category_id: *id, slug, name, description };
    let command = caller.command(&log, CATEGORIES.to_owned(), &("edit", *id, &body.0));
    perform(&command, Some(*id), CategoryCommand::Change(change), None).await
}

/// Puts a category below another, with all that is below it, as the last there.
#[utoipa::path(post, path = "/v1/categories/{id}/move", operation_id = "move_category", tag = "categories",
    request_body = MoveCategory, params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = CategoryReply),
        (status = 410, description = "It was merged into another, or deleted.")))]
pub async fn relocate(
    caller: Caller,
    log: Log,
    id: web::Path<Uuid>,
    body: Json<MoveCategory>,
) -> Result<HttpResponse, Problem> {
    let relocate = CategoryCommand::Move { category_id: *id, parent_id: body.0.parent_id };
    let command = caller.command(&log, CATEGORIES.to_owned(), &("move", *id, &body.0));
    perform(&command, Some(*id), relocate, None).await
}

/// Puts all categories below one into an order.
#[utoipa::path(put, path = "/v1/categories/order", operation_id = "order_categories", tag = "categories",
    request_body = CategoryOrder, params(CommandHeaders),
    responses((status = 200, body = CategoryReply)))]
pub async fn order(caller: Caller, log: Log, body: Json<CategoryOrder>) -> Result<HttpResponse, Problem> {
    let CategoryOrder { parent_id, category_ids } = body.0.clone();
    let order = CategoriesOrdered { parent_id, category_ids: category_ids.0 };
    let command = caller.command(&log, CATEGORIES.to_owned(), &("order", &body.0));
    perform(&command, parent_id, CategoryCommand::Order(order), None).await
}

/// Merges a category into another: posts in it are in the other one then, its addresses lead there, and so does what is
/// below it.
#[utoipa::path(post, path = "/v1/categories/{id}/merge", operation_id = "merge_category", tag = "categories",
    request_body = MergeCategory, params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = CategoryReply),
        (status = 410, description = "It was merged into a third one, or deleted.")))]
pub async fn merge(
    caller: Caller,
    log: Log,
    id: web::Path<Uuid>,
    body: Json<MergeCategory>,
) -> Result<HttpResponse, Problem> {
    let merge = CategoryCommand::Merge { category_id: *id, into_id: body.0.into_id };
    let command = caller.command(&log, CATEGORIES.to_owned(), &("merge", *id, &body.0));
    perform(&command, Some(*id), merge, None).await
}

/// Deletes a category that none is below. Posts in it stay as they are; they are in one category less.
#[utoipa::path(delete, path = "/v1/categories/{id}", operation_id = "delete_category", tag = "categories",
    params(CommandHeaders, ("id" = Uuid, Path)),
    responses((status = 200, body = CategoryReply), (status = 409, description = "Others are below it."),
        (status = 410, description = "It was merged into another.")))]
pub async fn delete(caller: Caller, log: Log, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let command = caller.command(&log, CATEGORIES.to_owned(), &("delete", *id));
    perform(&command, Some(*id), CategoryCommand::Delete(CategoryDeleted { category_id: *id }), None).await
}

/// Has a command decided; `location` is where the category is that it brings into being.
async fn perform(
    command: &Command<'_, Taxonomy>,
    id: Option<Uuid>,
    body: CategoryCommand,
    location: Option<String>,
) -> Result<HttpResponse, Problem> {
    match command.execute(TaxonomyCommand::Category(body), None).await? {
        Decided::Refused(refusal) => Err(refused(refusal, "tree of categories", rejected)),
        Decided::Accepted(accepted) => {
            let (version, changed) = (accepted.receipt.version, accepted.receipt.changed);
            // The tree is there before most of its categories are.
            Ok(accepted.reply_with(&CategoryReply { id, version, changed }, location.filter(|_| changed)))
        }
    }
}
