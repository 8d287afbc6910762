//! The people named beside a post.

use std::collections::HashMap;

use serde::Serialize;
use service_kit::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::database::Database;

/// An account that wrote a post.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct AuthorRef {
    /// The account's id.
    pub(crate) id: Uuid,
    /// What they are called in addresses; null where no account was registered under the id.
    #[schema(required = true)]
    pub(crate) user_name: Option<String>,
    /// What they want to be called; may be empty.
    #[schema(required = true)]
    pub(crate) display_name: Option<String>,
    /// The version of the account; 0 where none was registered.
    #[serde(skip)]
    pub(crate) version: i64,
}

/// Several of them, in the order of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct AuthorRefs(pub(crate) Vec<AuthorRef>);

/// One whose name is not looked up yet.
impl From<Uuid> for AuthorRef {
    fn from(id: Uuid) -> Self {
        Self { id, user_name: None, display_name: None, version: 0 }
    }
}

impl From<Vec<Uuid>> for AuthorRefs {
    fn from(ids: Vec<Uuid>) -> Self {
        Self(ids.into_iter().map(AuthorRef::from).collect())
    }
}

/// Looks the names up, all at once. Gives the accounts' ids.
pub(crate) async fn look_up(people: Vec<&mut AuthorRef>, database: &Database) -> Result<Vec<Uuid>, Problem> {
    let mut ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(ids);
    }
    let query = sqlx::query_as::<_, (Uuid, String, String, i64)>(
        "SELECT account_id, user_name, display_name, version FROM content.authors WHERE account_id = ANY($1)",
    )
    .bind(&ids);
    let rows = database.run(query.fetch_all(database.pool())).await?;
    let found: HashMap<_, _> =
        rows.into_iter().map(|(id, name, display, version)| (id, (name, display, version))).collect();
    for person in people {
        if let Some((user_name, display_name, version)) = found.get(&person.id).cloned() {
            (person.user_name, person.display_name, person.version) = (Some(user_name), Some(display_name), version);
        }
    }
    Ok(ids)
}
