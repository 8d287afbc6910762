use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::{Timestamp, views};
use service_kit::{Access, Problem, Query, Route, routes};
use sqlx::{Postgres, QueryBuilder};

use super::filter::{Filter, InCategory, ListQuery, with};
use super::summary::{Named, PostSummary};
use crate::categories::{self, Asked, NamedCategory};
use crate::cursor::{ListId, TimeKey};
use crate::database::Time;
use crate::library::Library;
use crate::names::{NamedAuthor, asked_for, bearer, not_at_present};
use crate::page::{List, Order, page_body};

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
/// A tag that no post has gives an empty list.
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
    let name = query.author().map(asked_for).transpose()?;
    let slug = query.category().map(Asked::of).transpose()?;
    let mut reply = library.reply(&request, query.position.as_ref()).await?;
    let author = match &name {
        Some(name) => bearer(&library.database, name).await?,
        None => None,
    };
    let present = |parameter: &'static str| {
        let (path, query) = (request.path().to_owned(), request.query_string());
        move |value: &str| (path, with(parameter, value, query))
    };
    if let (Some(name), None) = (&name, author) {
        return not_at_present(name, reply, &library.database, present("author")).await;
    }
    let mut category = None;
    if let Some(slug) = &slug {
        reply = reply.lists::<views::Categories>();
        match categories::resolve(&library.database, slug).await? {
            Some(found) if found.is_at_present(slug) => {
                let (id, with_descendants) = (found.category_id, query.with_descendants());
                let named = categories::members(&library.database, id, with_descendants).await?;
                category = Some(InCategory { id, with_descendants, named });
            }
            other => return categories::not_at_present(other, reply, present("category")),
        }
    }
    let posts = Posts(query.filter(author, category));
    let mut page = posts.page(query.paging(), &library.database).await?;
    let named = Named::by(page.entries.iter_mut().collect(), &library.database).await?;
    page.answer::<PostList>(named.shown_in(reply.lists::<views::Posts>()))
}

impl List for Posts {
    type Key = TimeKey;
    type Entry = PostSummary;

    fn id(&self) -> ListId {
        self.0.list_id()
    }

    /// With a category or a tag, its table leads: its key has the very order of the list. A post that names several of
    /// what a category stands for is in the list once.
    fn select(&self) -> QueryBuilder<Postgres> {
        let mut query = QueryBuilder::new(format!("SELECT {} FROM content.posts p", PostSummary::columns()));
        match self.0.category.as_ref().map(|category| category.named.as_slice()) {
            None => {}
            Some([id]) => {
                query.push(" JOIN content.post_categories c ON c.post_id = p.post_id AND c.category_id = ");
                query.push_bind(*id);
            }
            Some(ids) => {
                query.push(" JOIN (SELECT DISTINCT published_at, post_id FROM content.post_categories");
                query.push(" WHERE category_id = ANY(").push_bind(ids.to_vec()).push(")) c ON c.post_id = p.post_id");
            }
        }
        if let Some(tag) = &self.0.tag {
            query.push(" JOIN content.post_tags t ON t.post_id = p.post_id AND t.tag = ").push_bind(tag.to_string());
        }
        query.push(" WHERE p.published AND NOT p.deleted AND p.published_at IS NOT NULL");
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
