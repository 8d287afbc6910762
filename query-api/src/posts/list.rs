use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::Timestamp;
use serde::Serialize;
use service_kit::{Problem, Query};
use utoipa::ToSchema;

use super::PostSummary;
use super::filter::{Filter, ListQuery};
use super::page::{Place, page};
use crate::author_refs::AuthorRefs;
use crate::database::timestamp;
use crate::freshness::Demand;
use crate::library::Library;
use crate::openapi::{Conditional, ListProblems};
use crate::reply::Reply;

/// A page of posts.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct PostList {
    /// The posts, newest first.
    posts: Vec<PostSummary>,
    /// The `cursor` of the next page; null on the last.
    #[schema(required = true)]
    next: Option<String>,
}

/// Published posts, newest first
///
/// An unknown tag or user name gives an empty list.
#[utoipa::path(
    get, path = "/v1/posts", operation_id = "list_posts", tag = "posts", params(ListQuery, Conditional),
    responses(
        (status = 200, description = "A page of posts", body = PostList, headers(
            ("ETag" = String, description = "Strong: other bytes, other tag"),
            ("Link" = String, description = "`rel=\"next\"`: the next page, if there is one"),
            ("Inklog-Stale" = String, description = "`true` if the position was not reached"),
        )),
        (status = 304, description = "As `If-None-Match` says: it is in the cache"),
        ListProblems,
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let freshness = library.progress.wait(&Demand::of(&request, query.position.clone())?).await?;
    let list = match query.filter() {
        Some(filter) => listed(&library, &filter, &query).await?,
        None => PostList::default(),
    };
    Reply::to(&request, freshness).next_page(list.next.as_deref()).json(&list)
}

async fn listed(library: &Library, filter: &Filter, query: &ListQuery) -> Result<PostList, Problem> {
    let (list_id, limit) = (filter.list_id(), query.limit.unwrap_or_default().get());
    let after = match &query.cursor {
        Some(cursor) => {
            let (millis, post_id) = list_id.keys(cursor)?;
            Some(Place { published_at: Timestamp(millis), post_id })
        }
        None => None,
    };
    // One more than asked for tells whether there is a next page.
    let mut rows = page(&library.database, filter, after, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| {
        let millis = row.published_at.map_or(0, |at| timestamp(at).0);
        list_id.cursor([&millis.to_string(), &row.post_id.to_string()])
    });
    let mut people: Vec<_> = rows.iter().flat_map(super::SummaryRow::people).collect();
    people.sort_unstable();
    people.dedup();
    let authors = AuthorRefs::load(&library.database, people).await?;
    Ok(PostList { posts: rows.into_iter().map(|row| row.shown(&authors)).collect(), next })
}
