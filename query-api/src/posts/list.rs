use std::ops::ControlFlow;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::values::Tag;
use domain::{Timestamp, views};
use service_kit::{Access, Problem, Query, Route, routes};
use sqlx::postgres::PgHasArrayType;
use sqlx::{Encode, Postgres, QueryBuilder, Type};
use uuid::Uuid;

use super::filter::{Filter, InCategory, ListQuery, Span, Tagged};
use super::summary::{PostSummary, answer};
use crate::categories::{self, Asked, NamedCategory};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::listed::{in_archive, listed};
use crate::names::{NamedAuthor, asked_for, bearer, not_at_present};
use crate::page::{List, Order, page_body, with};
use crate::reply::Reply;
use crate::tags;

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list;
    }
}

page_body! {
    /// A page of posts.
    pub(crate) struct PostList {
        /// The posts, newest first.
        posts: PostSummary,
    }
}

/// Published posts that pass the filters.
struct Posts(Filter);

/// Published posts, newest first
///
/// Those that are only for who has their address are left out here, and wherever posts are listed or counted; those in
/// the archive are in the lists with `archived=true` alone.
/// A tag that no post has gives an empty list. A name that stands for another tag redirects to the list of that.
#[utoipa::path(
    get, path = "/v1/posts", operation_id = "list_posts", tag = "posts", params(ListQuery),
    responses(
        (status = 200, description = "A page of posts", body = PostList),
        NamedAuthor,
        NamedCategory,
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let span = query.span()?;
    let name = query.author().map(asked_for).transpose()?;
    let slug = query.category().map(Asked::of).transpose()?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let author = match &name {
        Some(name) => bearer(&library.database, name).await?,
        None => None,
    };
    let asked = Question { library: &library, request: &request, query: &query, span, author };
    if let (Some(name), None) = (&name, author) {
        return not_at_present(name, reply, &library.database, |present| asked.with("author", present)).await;
    }
    let (reply, category) = match asked.category(slug.as_ref(), reply).await? {
        ControlFlow::Continue(resolved) => resolved,
        ControlFlow::Break(elsewhere) => return Ok(elsewhere),
    };
    let (reply, tag) = match asked.tag(reply, category.as_ref()).await? {
        ControlFlow::Continue(resolved) => resolved,
        ControlFlow::Break(elsewhere) => return Ok(elsewhere),
    };
    let page = Posts(query.filter(span, author, category, tag)).page(query.paging(), &library.database).await?;
    answer::<_, PostList>(page, |post| post, &library, reply.lists::<views::Posts>()).await
}

/// What is asked, on the way to its filters.
struct Question<'a> {
    library: &'a Library,
    request: &'a HttpRequest,
    query: &'a ListQuery,
    span: Span,
    author: Option<Uuid>,
}

/// What a parameter names; or the answer, where it is not called so at present.
type Resolved<'a, T> = ControlFlow<HttpResponse, (Reply<'a>, Option<T>)>;

impl<'a> Question<'a> {
    /// The same list with another value of a parameter.
    fn with(&self, parameter: &str, value: &str) -> (String, String) {
        (self.request.path().to_owned(), with(parameter, value, self.request.query_string()))
    }

    /// The same with the cursor, if there is one, at the same place in what has become of the list that it is of.
    fn moved(&self, parameter: &str, value: &str, from: ListId, to: ListId) -> (String, String) {
        let (path, query) = self.with(parameter, value);
        let cursor = self.query.paging().cursor.and_then(|cursor| from.moved::<TimeKey>(cursor, to));
        match cursor {
            Some(cursor) => (path, with("cursor", &cursor, &query)),
            None => (path, query),
        }
    }

    /// Which list it is with this category and this tag.
    fn list_id(&self, category: Option<Uuid>, tag: Option<&Tag>) -> ListId {
        let category = category.map(|id| InCategory::of_id(id, self.query.with_descendants()));
        self.query.filter(self.span, self.author, category, tag.map(Tagged::of_name)).list_id()
    }

    async fn category(&self, slug: Option<&Asked>, reply: Reply<'a>) -> Result<Resolved<'a, InCategory>, Problem> {
        let Some(slug) = slug else { return Ok(ControlFlow::Continue((reply, None))) };
        let (database, reply) = (&self.library.database, reply.lists::<views::Categories>());
        match categories::resolve(database, slug).await? {
            Some(found) if found.is_at_present(slug) => {
                let (id, with_descendants) = (found.category_id, self.query.with_descendants());
                let named = categories::members(database, id, with_descendants).await?;
                Ok(ControlFlow::Continue((reply, Some(InCategory { id, with_descendants, named }))))
            }
            other => {
                let ids = other.as_ref().map(|found| (found.former_id, found.category_id)).unzip();
                let (from, to) = (self.list_id(ids.0, self.query.tag()), self.list_id(ids.1, self.query.tag()));
                let address = |slug: &str| self.moved("category", slug, from, to);
                Ok(ControlFlow::Break(categories::not_at_present(other, reply, address)?))
            }
        }
    }

    async fn tag(&self, reply: Reply<'a>, category: Option<&InCategory>) -> Result<Resolved<'a, Tagged>, Problem> {
        let Some(tag) = self.query.tag() else { return Ok(ControlFlow::Continue((reply, None))) };
        let (database, reply) = (&self.library.database, reply.lists::<views::TagNames>());
        let present = tags::meant(database, tag.as_str()).await?;
        if present != tag.as_str() {
            let category = category.map(|category| category.id);
            let to = self.list_id(category, present.parse().ok().as_ref());
            let (path, query) = self.moved("tag", &present, self.list_id(category, Some(tag)), to);
            return Ok(ControlFlow::Break(reply.moved(&path, &query)));
        }
        let named = tags::names_of(database, &present).await?;
        Ok(ControlFlow::Continue((reply, Some(Tagged { tag: tag.clone(), named }))))
    }
}

impl List for Posts {
    type Key = TimeKey;
    type Entry = PostSummary;

    fn id(&self) -> ListId {
        self.0.list_id()
    }

    /// With a category or a tag, its table leads: its key has the very order of the list.
    fn select(&self) -> QueryBuilder<Postgres> {
        let archived = self.0.archived;
        let mut query = QueryBuilder::new(format!("SELECT {} FROM content.posts p", PostSummary::columns()));
        if let Some(category) = &self.0.category {
            let table = if archived { "content.archived_post_categories" } else { "content.post_categories" };
            join::<Uuid>(&mut query, "c", table, "category_id", &category.named);
        }
        if let Some(tag) = &self.0.tag {
            let table = if archived { "content.archived_post_tags" } else { "content.post_tags" };
            join::<String>(&mut query, "t", table, "tag", &tag.named);
        }
        query.push(format_args!(" WHERE {}", if archived { in_archive("p") } else { listed("p") }));
        if let Some(featured) = self.0.featured {
            query.push(if featured { " AND p.featured" } else { " AND NOT p.featured" });
        }
        if let Some(id) = self.0.author {
            query.push(" AND (p.author_id = ").push_bind(id);
            query.push(" OR p.co_author_ids @> ").push_bind(vec![id]).push(")");
        }
        let [published_at, _] = self.columns();
        if let Some(from) = self.0.from {
            query.push(format_args!(" AND {published_at} >= ")).push_bind(Time::nearest(from));
        }
        if let Some(until) = self.0.until {
            query.push(format_args!(" AND {published_at} < ")).push_bind(Time::nearest(until));
        }
        query
    }

    fn order(&self) -> Order {
        Order::Descending(self.columns())
    }

    fn key(post: &PostSummary) -> TimeKey {
        TimeKey(post.published_at.unwrap_or_else(|| Time::nearest(Timestamp(0))), post.id)
    }
}

/// Joins what is listed under one of these values of a column, each post once, however many of them it names.
fn join<T>(query: &mut QueryBuilder<Postgres>, alias: &str, table: &str, column: &str, named: &[T])
where
    T: Clone + Send + Sync + 'static + for<'q> Encode<'q, Postgres> + Type<Postgres> + PgHasArrayType,
{
    if let [one] = named {
        query.push(format_args!(" JOIN {table} {alias} ON {alias}.post_id = p.post_id AND {alias}.{column} = "));
        query.push_bind(one.clone());
    } else {
        query.push(format_args!(" JOIN (SELECT DISTINCT published_at, post_id FROM {table} WHERE {column} = ANY("));
        query.push_bind(named.to_vec()).push(format_args!(")) {alias} ON {alias}.post_id = p.post_id"));
    }
}

impl Posts {
    /// The columns of the list's order, in the table that leads.
    fn columns(&self) -> [&'static str; 2] {
        match (&self.0.category, &self.0.tag) {
            (Some(_), _) => ["c.published_at", "c.post_id"],
            (None, Some(_)) => ["t.published_at", "t.post_id"],
            (None, None) => ["p.published_at", "p.post_id"],
        }
    }
}
