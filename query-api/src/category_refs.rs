//! The categories that a post is in: what its events name, and what that stands for by now.

use std::collections::HashMap;

use serde::Serialize;
use service_kit::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::database::Database;

/// A category that a post is in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, Serialize, ToSchema)]
pub(crate) struct CategoryRef {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its slug: what it is read by.
    pub(crate) slug: String,
    /// What it is called.
    pub(crate) name: String,
}

/// Those of a post, in its order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct CategoryRefs {
    /// As its events name them.
    #[serde(skip)]
    named: Vec<Uuid>,
    /// As they are: one that is merged is the one that it was merged into, and one that is no more, or not yet, is
    /// none.
    meant: Vec<CategoryRef>,
}

/// Of which none is looked up yet.
impl From<Vec<Uuid>> for CategoryRefs {
    fn from(named: Vec<Uuid>) -> Self {
        Self { named, meant: Vec::new() }
    }
}

impl CategoryRefs {
    /// All that is shown of them.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &str> {
        self.meant.iter().flat_map(|one| [one.slug.as_str(), one.name.as_str()])
    }
}

#[derive(sqlx::FromRow)]
struct Meant {
    named: Uuid,
    #[sqlx(flatten)]
    meant: CategoryRef,
}

/// What each of some ids stands for. A merged category may be merged into one that is merged.
const MEANT: &str = "WITH RECURSIVE walk (named, category_id) AS (
        SELECT id, id FROM unnest($1) AS asked (id)
        UNION
        SELECT w.named, c.merged_into FROM walk w JOIN content.categories c ON c.category_id = w.category_id
            WHERE c.merged_into IS NOT NULL
    )
    SELECT w.named, c.category_id AS id, c.slug, c.name FROM walk w JOIN content.categories c
        ON c.category_id = w.category_id WHERE c.merged_into IS NULL AND NOT c.deleted";

/// Looks up what is named, all at once. Says whether anything is.
pub(crate) async fn look_up(posts: Vec<&mut CategoryRefs>, database: &Database) -> Result<bool, Problem> {
    let mut ids: Vec<Uuid> = posts.iter().flat_map(|refs| &refs.named).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(false);
    }
    let query = sqlx::query_as::<_, Meant>(MEANT).bind(&ids);
    let rows = database.run(query.fetch_all(database.pool())).await?;
    let meant: HashMap<Uuid, CategoryRef> = rows.into_iter().map(|row| (row.named, row.meant)).collect();
    for refs in posts {
        for found in refs.named.iter().filter_map(|id| meant.get(id)) {
            if !refs.meant.contains(found) {
                refs.meant.push(found.clone());
            }
        }
    }
    Ok(true)
}
