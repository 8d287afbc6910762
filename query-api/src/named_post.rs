//! What is beside a post that its address names by its slug, `/v1/posts/{slug}/<what>`: lists that only its authors and
//! editors see, or its owner; and what all see who may read its text.

use std::ops::ControlFlow;

use actix_web::{HttpRequest, HttpResponse};
use domain::Actor;
use domain::posts::{Action, Publicity, Sight, moderates};
use domain::values::Slug;
use domain::views::Posts;
use service_kit::Problem;
use service_kit::problem::Kind;
use sqlx::{FromRow, Postgres, QueryBuilder};
use uuid::Uuid;

use crate::database::Database;
use crate::freshness::Position;
use crate::library::Library;
use crate::listed::seen_by;
use crate::posts::is_for_members;
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
    was_published: bool,
    deleted: bool,
    visibility: String,
    visible: String,
}

impl NamedPost {
    /// The post that has a slug, or had it.
    pub(crate) async fn find(database: &Database, slug: &Slug) -> Result<Option<Self>, Problem> {
        let mut query = named("", "", slug);
        database.run(query.build_query_as().fetch_optional(database.pool())).await
    }

    /// Whether a reader may read its text, and who may keep what is said of that: who may not see the post is not told
    /// that it is there.
    ///
    /// # Errors
    /// 404; 410: it was deleted; 403: its text is for members.
    pub(crate) fn permit_reading(&self, reader: Option<&Actor>) -> Result<Keep, Problem> {
        let for_members = is_for_members(&self.visibility);
        match self.sight(reader) {
            Sight::Nothing => Err(missing()),
            Sight::Deleted => Err(unkept(Problem::gone("the post was deleted"))),
            Sight::Outside => Err(unkept(Problem::new(&Kind::PRIVATE, "what is said of it is for members"))),
            Sight::Whole if !for_members => Ok(Keep::Public),
            Sight::Whole | Sight::Draft | Sight::Hidden => Ok(Keep::Private),
        }
    }

    /// Whether a reader may see what is shown of it in lists, and who may keep that.
    ///
    /// # Errors
    /// 404; 410: it was deleted.
    pub(crate) fn permit_seeing(&self, reader: Option<&Actor>) -> Result<Keep, Problem> {
        match self.sight(reader) {
            Sight::Nothing => Err(missing()),
            Sight::Deleted => Err(unkept(Problem::gone("the post was deleted"))),
            Sight::Outside | Sight::Whole => Ok(Keep::Public),
            Sight::Draft | Sight::Hidden => Ok(Keep::Private),
        }
    }

    fn sight(&self, reader: Option<&Actor>) -> Sight {
        let Self { published, was_published, deleted, .. } = *self;
        let of_authors = |reader| Action::ReadDraft.is_open_to(reader, self.author_id, &self.co_author_ids);
        let for_members = is_for_members(&self.visibility);
        let visible = seen_by(&self.visible);
        let publicity = Publicity { published, was_published, deleted, for_members, visible };
        publicity.sight(reader.is_some_and(of_authors), reader.is_some_and(moderates))
    }

    /// Whether a reader may see a list of it: who may not see the post is not told that it is there.
    fn permit(&self, reader: &Actor, list: &ListOfPost) -> Result<(), Problem> {
        let is_for_them = list.action.is_open_to(reader, self.author_id, &self.co_author_ids);
        match self.sight(Some(reader)) {
            Sight::Deleted if is_for_them => Err(unkept(Problem::gone("the post was deleted"))),
            Sight::Draft | Sight::Hidden | Sight::Outside | Sight::Whole if is_for_them => Ok(()),
            Sight::Outside | Sight::Whole => Err(unkept(Problem::not_the_author(list.why))),
            Sight::Nothing | Sight::Deleted | Sight::Draft | Sight::Hidden => Err(missing()),
        }
    }
}

/// No post has the slug, as far as the reader may know.
pub(crate) fn missing() -> Problem {
    unkept(Problem::not_found("no post has this slug"))
}

/// Selects the post that has a slug, or had it, with further columns.
fn named(columns: &str, joined: &str, slug: &Slug) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(format!(
        "SELECT p.post_id, p.author_id, p.co_author_ids, p.slug, p.published, \
         p.published_at IS NOT NULL AS was_published, p.deleted, p.visibility, p.visible{columns} \
         FROM content.slugs s JOIN content.posts p ON p.post_id = s.post_id {joined} WHERE s.slug = "
    ));
    query.push_bind(slug.to_string());
    query
}

/// A post whose comments are asked for.
#[derive(FromRow)]
pub(crate) struct CommentedPost {
    /// The post.
    #[sqlx(flatten)]
    pub(crate) post: NamedPost,
    /// Who may comment: see [`domain::values::Comments`].
    pub(crate) commenters: String,
    /// How many comments there are on it that say something.
    pub(crate) total: i64,
}

impl CommentedPost {
    /// The post that has a slug, or had it, whose text this reader may read; and the answer, which says so.
    ///
    /// # Errors
    /// See [`NamedPost::permit_reading`].
    pub(crate) async fn find<'a>(
        database: &Database,
        slug: &str,
        reader: Option<&Actor>,
        reply: Reply<'a>,
    ) -> Result<(Self, Reply<'a>), Problem> {
        let slug: Slug = slug.to_ascii_lowercase().parse().map_err(|_| missing())?;
        let columns = ", CASE WHEN p.archived THEN 'closed' ELSE p.comments END AS commenters, \
                       COALESCE(n.comments, 0) AS total";
        let mut query = named(columns, "LEFT JOIN content.comment_counts n ON n.post_id = p.post_id", &slug);
        let found = database.run(query.build_query_as::<Self>().fetch_optional(database.pool())).await?;
        let Some(found) = found else { return Err(reply.lists::<Posts>().refused(missing())) };
        let reply = reply.shows::<Posts>([found.post.post_id]);
        match found.post.permit_reading(reader) {
            Ok(keep) => Ok((found, reply.keep(keep))),
            Err(problem) => Err(reply.refused(problem)),
        }
    }

    /// Where the same is at the present slug, if it was asked for by another.
    pub(crate) fn moved(
        &self,
        asked: &str,
        below: &str,
        request: &HttpRequest,
        reply: &Reply<'_>,
    ) -> Option<HttpResponse> {
        let path = format!("/v1/posts/{}/comments{below}", self.post.slug);
        (self.post.slug != asked).then(|| reply.moved(&path, request.query_string()))
    }
}
