//! The people named beside a post.

use std::collections::HashMap;

use serde::Serialize;
use service_kit::Problem;
use sqlx::QueryBuilder;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::database::Database;
use crate::row::row;

/// Somebody who wrote a post.
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
}

row! {
    struct Row of "a" {
        account_id: Uuid,
        user_name: String,
        display_name: String,
        version: i64,
    }
}

/// Everybody who is named beside some posts.
#[derive(Default)]
pub(crate) struct AuthorRefs(HashMap<Uuid, Row>);

impl AuthorRefs {
    /// Looks the accounts up, all at once.
    pub(crate) async fn load(database: &Database, ids: Vec<Uuid>) -> Result<Self, Problem> {
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let mut query = QueryBuilder::new(format!("SELECT {} FROM content.authors a", Row::columns()));
        query.push(" WHERE a.account_id = ANY(").push_bind(ids).push(")");
        let rows: Vec<Row> = database.run(query.build_query_as().fetch_all(database.pool())).await?;
        Ok(Self(rows.into_iter().map(|row| (row.account_id, row)).collect()))
    }

    /// One of them.
    pub(crate) fn one(&self, id: Uuid) -> AuthorRef {
        let row = self.0.get(&id);
        AuthorRef {
            id,
            user_name: row.map(|row| row.user_name.clone()),
            display_name: row.map(|row| row.display_name.clone()),
        }
    }

    /// Several of them, in the order given.
    pub(crate) fn several(&self, ids: &[Uuid]) -> Vec<AuthorRef> {
        ids.iter().map(|id| self.one(*id)).collect()
    }

    /// The version of an account; 0 for one that is not registered.
    pub(crate) fn version(&self, id: Uuid) -> i64 {
        self.0.get(&id).map_or(0, |row| row.version)
    }
}
