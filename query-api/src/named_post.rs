//! A post that an address names by its slug, of which only its authors and editors see something.

use domain::Actor;
use domain::posts::Action;
use domain::values::Slug;
use service_kit::Problem;
use sqlx::FromRow;
use uuid::Uuid;

use crate::database::Database;
use crate::reply::{Keep, unkept};

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
        let of_authors = |reader| Action::ReadDraft.is_open_to(reader, self.author_id, &self.co_author_ids);
        match (self.published, self.deleted) {
            (false, _) if !reader.is_some_and(of_authors) => Err(missing()),
            (_, true) => Err(unkept(Problem::gone("the post was deleted"))),
            (published, false) => Ok(if published { Keep::Public } else { Keep::Private }),
        }
    }

    /// Whether a reader may do this with it: who may not see the post is not told that it is there. `why` is what
    /// those are told who see it, and not that.
    pub(crate) fn permit(&self, reader: &Actor, action: Action, why: &str) -> Result<(), Problem> {
        match action.is_open_to(reader, self.author_id, &self.co_author_ids) {
            true if self.deleted => Err(unkept(Problem::gone("the post was deleted"))),
            true => Ok(()),
            false if self.published && !self.deleted => Err(unkept(Problem::not_the_author(why))),
            false => Err(missing()),
        }
    }
}

/// No post has the slug, as far as the reader may know.
pub(crate) fn missing() -> Problem {
    unkept(Problem::not_found("no post has this slug"))
}
