use domain::Timestamp;
use domain::values::UserName;
use service_kit::Problem;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

use super::SummaryRow;
use super::filter::Filter;
use crate::database::{Database, column};

/// A place in a list: before it come the newer posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) published_at: Timestamp,
    pub(super) post_id: Uuid,
}

/// The newest `limit` posts after a place that pass the filters.
pub(super) async fn page(
    database: &Database,
    filter: &Filter,
    after: Option<Place>,
    limit: u32,
) -> Result<Vec<SummaryRow>, Problem> {
    let author = match &filter.author {
        Some(name) => match account_called(database, name).await? {
            Some(id) => Some(id),
            None => return Ok(Vec::new()),
        },
        None => None,
    };
    let mut query = select(filter, author, after, limit);
    database.run(query.build_query_as().fetch_all(database.pool())).await
}

async fn account_called(database: &Database, name: &UserName) -> Result<Option<Uuid>, Problem> {
    let query = sqlx::query_scalar("SELECT account_id FROM content.authors WHERE lower(user_name) = $1 LIMIT 1")
        .bind(name.canonical());
    database.run(query.fetch_optional(database.pool())).await
}

/// With a tag, the table of tags leads: its key has the very order of the list.
fn select(filter: &Filter, author: Option<Uuid>, after: Option<Place>, limit: u32) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(
        "SELECT p.post_id, p.author_id, p.co_author_ids, p.slug, p.title, p.summary, p.tags, p.published_at, \
         p.updated_at, p.version FROM content.posts p",
    );
    let leading = if let Some(tag) = &filter.tag {
        query.push(" JOIN content.post_tags t ON t.post_id = p.post_id AND t.tag = ").push_bind(tag.to_string());
        "t"
    } else {
        "p"
    };
    query.push(" WHERE p.published AND NOT p.deleted AND p.published_at IS NOT NULL");
    if let Some(id) = author {
        query.push(" AND (p.author_id = ").push_bind(id);
        query.push(" OR p.co_author_ids @> ").push_bind(vec![id]).push(")");
    }
    if let Some(from) = filter.from {
        query.push(format_args!(" AND {leading}.published_at >= ")).push_bind(column(from));
    }
    if let Some(until) = filter.until {
        query.push(format_args!(" AND {leading}.published_at < ")).push_bind(column(until));
    }
    if let Some(Place { published_at, post_id }) = after {
        query.push(format_args!(" AND ({leading}.published_at, {leading}.post_id) < ("));
        query.push_bind(column(published_at)).push(", ").push_bind(post_id).push(")");
    }
    query.push(format_args!(" ORDER BY {leading}.published_at DESC, {leading}.post_id DESC LIMIT "));
    query.push_bind(i64::from(limit));
    query
}
