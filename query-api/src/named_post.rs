//! Lists about a post that their addresses name by its slug, `/v1/posts/{slug}/<list>`, and that only some see: its
//! authors and editors, or its owner.

use std::ops::ControlFlow;

use actix_web::{HttpRequest, HttpResponse};
use domain::Actor;
use domain::posts::Action;
use domain::values::Slug;
use domain::views::Posts;
use service_kit::Problem;
use sqlx::FromRow;
use uuid::Uuid;

use crate::database::Database;
use crate::freshness::Position;
use crate::library::Library;
use crate::reply::{Keep, Reply, unkept};

/// Such a list.
pub(crate) struct ListOfPost {
    /// The last part of its address.
    pub(crate) list: &'static str,
    /// Who may keep it.
    pub(crate) keep: Keep,
    /// What they may do with the post who see it.
    pub(crate) action: Action,
    /// What those are told who see the post, and not the list.
    pub(crate) why: &'static str,
}

impl ListOfPost {
    /// Begins the answer of the list of the post that is named so: the post's id, and the answer; or all of the answer,
    /// where the post is called otherwise. `position` is the request's parameter.
    ///
    /// # Errors
    /// There is no such post, as far as the reader may know; it was deleted; the list is not for the reader; or as
    /// [`Library::reply`] says.
    pub(crate) async fn begin<'a>(
        &self,
        library: &Library,
        request: &'a HttpRequest,
        (reader, named): (&Actor, &str),
        position: Option<&Position>,
    ) -> Result<ControlFlow<HttpResponse, (Uuid, Reply<'a>)>, Problem> {
        let slug: Slug = named.to_ascii_lowercase().parse().map_err(|_| missing())?;
        let reply = library.reply(request, position).await?.keep(self.keep).depends_on_the_reader();
        let Some(post) = NamedPost::find(&library.database, &slug).await? else {
            return Err(reply.lists::<Posts>().refused(missing()));
        };
        let reply = reply.shows::<Posts>([post.post_id]);
        post.permit(reader, self).map_err(|problem| reply.refused(problem))?;
        if post.slug != named {
            let path = format!("/v1/posts/{}/{}", post.slug, self.list);
            return Ok(ControlFlow::Break(reply.moved(&path, request.query_string())));
        }
        Ok(ControlFlow::Continue((post.post_id, reply)))
    }
}

/// The post.
#[derive(FromRow)]
pub(crate) struct NamedPost {
    /// Its id.
    pub(crate) post_id: Uuid,
    author_id: Uuid,
    co_author_ids: Vec<Uuid>,
    /// Its present slug.
    pub(crate) slug: String,
    published: bool,
    deleted: bool,
}

impl NamedPost {
    /// The post that has a slug, or had it.
    pub(crate) async fn find(database: &Database, slug: &Slug) -> Result<Option<Self>, Problem> {
        let query = sqlx::query_as(
            "SELECT p.post_id, p.author_id, p.co_author_ids, p.slug, p.published, p.deleted FROM content.slugs s \
             JOIN content.posts p ON p.post_id = s.post_id WHERE s.slug = $1",
        )
        .bind(slug.as_str());
        database.run(query.fetch_optional(database.pool())).await
    }

    /// Whether a reader may read it, and who may keep what is shown of it: who may not see the post is not told that it
    /// is there.
    pub(crate) fn permit_reading(&self, reader: Option<&Actor>) -> Result<Keep, Problem> {
        let of_authors = |reader: &Actor| Action::ReadDraft.is_open_to(reader, self.author_id, &self.co_author_ids);
        match (self.published, self.deleted) {
            (false, _) if !reader.is_some_and(of_authors) => Err(missing()),
            (_, true) => Err(unkept(Problem::gone("the post was deleted"))),
            (published, false) => Ok(if published { Keep::Public } else { Keep::Private }),
        }
    }

    /// Whether a reader may see a list of it: who may not see the post is not told that it is there.
    fn permit(&self, reader: &Actor, list: &ListOfPost) -> Result<(), Problem> {
        match list.action.is_open_to(reader, self.author_id, &self.co_author_ids) {
            true if self.deleted => Err(unkept(Problem::gone("the post was deleted"))),
            true => Ok(()),
            false if self.published && !self.deleted => Err(unkept(Problem::not_the_author(list.why))),
            false => Err(missing()),
        }
    }
}

/// No post has the slug, as far as the reader may know.
pub(crate) fn missing() -> Problem {
    unkept(Problem::not_found("no post has this slug"))
}

/// A post whose comments are asked for.
#[derive(FromRow)]
pub(crate) struct CommentedPost {
    /// Its id.
    pub(crate) post_id: Uuid,
    author_id: Uuid,
    co_author_ids: Vec<Uuid>,
    slug: String,
    published: bool,
    deleted: bool,
    was_published: bool,
    /// Who may comment: see [`domain::values::Comments`].
    pub(crate) commenters: String,
    /// How many comments there are on it that say something.
    pub(crate) total: i64,
}

impl CommentedPost {
    /// The post that has a slug, or had it, and which this reader may read; and the answer, which says so.
    ///
    /// # Errors
    /// 404 if there is none, or only others may see it; 410 if it was deleted.
    pub(crate) async fn find<'a>(
        database: &Database,
        slug: &str,
        reader: Option<&Actor>,
        reply: Reply<'a>,
    ) -> Result<(Self, Reply<'a>), Problem> {
        let slug: Slug = slug.to_ascii_lowercase().parse().map_err(|_| missing())?;
        let query = sqlx::query_as::<_, Self>(
            "SELECT p.post_id, p.author_id, p.co_author_ids, p.slug, p.published, p.deleted, p.comments AS commenters, \
             p.published_at IS NOT NULL AS was_published, COALESCE(n.comments, 0) AS total FROM content.slugs s \
             JOIN content.posts p ON p.post_id = s.post_id \
             LEFT JOIN content.comment_counts n ON n.post_id = p.post_id WHERE s.slug = $1",
        )
        .bind(slug.as_str());
        let found = database.run(query.fetch_optional(database.pool())).await?;
        let Some(post) = found.filter(|post| post.may_be_known_to(reader)) else {
            return Err(reply.lists::<Posts>().refused(missing()));
        };
        let reply = reply.shows::<Posts>([post.post_id]).keep(post.keep());
        if post.deleted {
            return Err(reply.refused(unkept(Problem::gone("the post was deleted"))));
        }
        Ok((post, reply))
    }

    /// Where the same is at the present slug, if it was asked for by another.
    pub(crate) fn moved(
        &self,
        asked: &str,
        below: &str,
        request: &HttpRequest,
        reply: &Reply<'_>,
    ) -> Option<HttpResponse> {
        let path = format!("/v1/posts/{}/comments{below}", self.slug);
        (self.slug != asked).then(|| reply.moved(&path, request.query_string()))
    }

    fn may_be_known_to(&self, reader: Option<&Actor>) -> bool {
        let is_theirs =
            reader.is_some_and(|reader| Action::ReadDraft.is_open_to(reader, self.author_id, &self.co_author_ids));
        is_theirs || self.published || (self.deleted && self.was_published)
    }

    fn keep(&self) -> Keep {
        if self.published { Keep::Public } else { Keep::Private }
    }
}
