//! Categories: `GET /v1/categories` and `GET /v1/categories/{slug}`. Posts in them: `GET /v1/posts?category=…`.

mod named;
mod tree;

pub(crate) use named::{Asked, NamedCategory, members, not_at_present, resolve};

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::SubjectKind;
use domain::views;
use serde::Serialize;
use service_kit::{Access, Problem, Query, Route, routes};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::category_refs::CategoryRef;
use crate::database::Database;
use crate::followers;
use crate::freshness::OneQuery;
use crate::library::Library;
use tree::{CategoryEntry, in_order};

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list, one;
    }
}

/// The tree of categories.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CategoryTree {
    /// All categories, each followed by those below it, in their order.
    categories: Vec<CategoryEntry>,
}

/// A category, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Category {
    /// Its id: what commands name it by.
    id: Uuid,
    /// Its slug: what it is read by.
    slug: String,
    /// What it is called.
    name: String,
    /// What it is about; may be empty.
    description: String,
    /// How many published posts are in it; those that are only below it are not counted.
    posts: i64,
    /// How many accounts follow it, or what was merged into it; of more than 10,000, who follows several of them counts
    /// as often.
    followers_count: i64,
    /// Those that it is below, the root's first.
    path: Vec<CategoryRef>,
    /// Those right below it, in their order.
    children: Vec<CategoryRef>,
    /// The ids that stand for it.
    #[serde(skip)]
    named: Vec<String>,
}

/// The tree of categories
#[utoipa::path(
    get, path = "/v1/categories", operation_id = "list_categories", tag = "categories", params(OneQuery),
    responses((status = 200, description = "The tree, of at most 2,000 categories", body = CategoryTree))
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let rows = library.database.run(sqlx::query_as(tree::ALL).fetch_all(library.database.pool())).await?;
    let tree = CategoryTree { categories: in_order(rows) };
    reply.lists::<views::Categories>().lists::<views::Posts>().json(&tree)
}

/// A category by its slug
///
/// A former slug, that of a merged category, or one in another case, redirects to the present one.
#[utoipa::path(
    get, path = "/v1/categories/{slug}", operation_id = "read_category", tag = "categories",
    params(("slug" = String, Path, description = "Its slug, or a former one"), OneQuery),
    responses((status = 200, description = "The category", body = Category), NamedCategory)
)]
pub(crate) async fn one(
    library: Data<Library>,
    request: HttpRequest,
    slug: Path<String>,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let asked = Asked::of(&slug)?;
    let reply = library.reply(&request, query.position.as_ref()).await?.lists::<views::Categories>();
    let id = match resolve(&library.database, &asked).await? {
        Some(found) if found.is_at_present(&asked) => found.category_id,
        other => {
            let address = |present: &str| (format!("/v1/categories/{present}"), request.query_string().to_owned());
            return not_at_present(other, reply, address);
        }
    };
    let category = read(&library.database, id).await?;
    let category = category.ok_or_else(|| Problem::unavailable("the category changed meanwhile; try again", 1))?;
    let reply = reply.lists::<views::Posts>().shows_named::<views::FollowedSubjects>(&category.named);
    reply.json(&category)
}

/// A category that is there. Its parts are read one after the other: a change may come between them.
async fn read(database: &Database, id: Uuid) -> Result<Option<Category>, Problem> {
    let query = sqlx::query_as::<_, (String, String, String, i64)>(tree::ONE).bind(id);
    let Some((slug, name, description, posts)) = database.run(query.fetch_optional(database.pool())).await? else {
        return Ok(None);
    };
    let refs = async |statement| {
        database.run(sqlx::query_as::<_, CategoryRef>(statement).bind(id).fetch_all(database.pool())).await
    };
    let (path, children) = (refs(tree::PATH).await?, refs(tree::CHILDREN).await?);
    let named: Vec<String> = members(database, id, false).await?.iter().map(Uuid::to_string).collect();
    let followers_count = followers::count(database, SubjectKind::Category, named.clone()).await?;
    Ok(Some(Category { id, slug, name, description, posts, followers_count, path, children, named }))
}
