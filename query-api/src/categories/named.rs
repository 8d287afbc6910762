//! Slugs of categories in addresses, in a path or in a parameter. All behave alike: any case will do; a former one, and
//! that of a merged category, lead to the same address with the present one; one that no category had is not found.

use actix_web::HttpResponse;
use domain::values::Slug;
use domain::views::Categories;
use service_kit::Problem;
use sqlx::FromRow;
use utoipa::IntoResponses;
use uuid::Uuid;

use crate::database::Database;
use crate::reply::{Reply, unkept};

/// What every address that has a category's slug in it can answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "described here, made where they arise")]
pub(crate) enum NamedCategory {
    /// It is a former slug, that of a merged category, or in another case: `Location` has the address with the present
    /// one
    #[response(status = 301)]
    Moved,
    /// `not-found`: no category has this slug
    #[response(status = 404)]
    NotFound,
    /// `gone`: the category was deleted
    #[response(status = 410)]
    Gone,
}

/// The slug in an address.
pub(crate) struct Asked {
    /// As it is written.
    written: String,
    slug: Slug,
}

impl Asked {
    /// A text that is no slug names no category, and is not worth a question.
    ///
    /// # Errors
    /// 404.
    pub(crate) fn of(written: &str) -> Result<Self, Problem> {
        let slug = written.to_ascii_lowercase().parse().map_err(|_| missing())?;
        Ok(Self { written: written.to_owned(), slug })
    }
}

/// The category that a slug leads to.
#[derive(FromRow)]
pub(crate) struct Found {
    /// Its id.
    pub(crate) category_id: Uuid,
    /// That of the category whose slug it is or was: the same, or one that was merged.
    pub(crate) former_id: Uuid,
    slug: String,
    deleted: bool,
}

impl Found {
    /// Whether it is there, and this is its present slug.
    pub(crate) fn is_at_present(&self, asked: &Asked) -> bool {
        !self.deleted && self.slug == asked.written
    }
}

/// Looks up what a slug leads to. A merged category may be merged into one that is merged.
pub(crate) async fn resolve(database: &Database, asked: &Asked) -> Result<Option<Found>, Problem> {
    const RESOLVE: &str = "WITH RECURSIVE walk (category_id) AS (
            SELECT category_id FROM content.category_slugs WHERE slug = $1
            UNION
            SELECT c.merged_into FROM walk w JOIN content.categories c ON c.category_id = w.category_id
                WHERE c.merged_into IS NOT NULL
        )
        SELECT c.category_id, s.category_id AS former_id, c.slug, c.deleted
            FROM walk w JOIN content.categories c ON c.category_id = w.category_id
            JOIN content.category_slugs s ON s.slug = $1 WHERE c.merged_into IS NULL";
    let query = sqlx::query_as(RESOLVE).bind(asked.slug.as_str());
    database.run(query.fetch_optional(database.pool())).await
}

/// The answer where the slug is no present one: `address` makes path and query of the present one.
///
/// # Errors
/// 404 if no category has it, 410 if the one that had it was deleted.
pub(crate) fn not_at_present(
    found: Option<Found>,
    reply: Reply<'_>,
    address: impl FnOnce(&str) -> (String, String),
) -> Result<HttpResponse, Problem> {
    match found {
        None => Err(reply.lists::<Categories>().refused(missing())),
        Some(Found { deleted: true, .. }) => Err(reply.refused(unkept(Problem::gone("the category was deleted")))),
        Some(Found { slug, .. }) => {
            let (path, query) = address(&slug);
            Ok(reply.moved(&path, &query))
        }
    }
}

/// The ids by which posts name a category: its own, and those of what was merged into it; with what is below it, if
/// asked.
pub(crate) async fn members(database: &Database, id: Uuid, with_descendants: bool) -> Result<Vec<Uuid>, Problem> {
    const MEMBERS: &str = "WITH RECURSIVE meant (category_id) AS (
            SELECT $1::uuid
            UNION
            SELECT c.category_id FROM meant m JOIN content.categories c ON c.merged_into = m.category_id
                OR $2 AND c.parent_id = m.category_id AND c.merged_into IS NULL AND NOT c.deleted
        )
        SELECT category_id FROM meant";
    let query = sqlx::query_scalar(MEMBERS).bind(id).bind(with_descendants);
    database.run(query.fetch_all(database.pool())).await
}

fn missing() -> Problem {
    unkept(Problem::not_found("no category has this slug"))
}
