use actix_web::HttpResponse;
use domain::views;
use serde::Serialize;
use service_kit::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::about::{Cover, CoverColumns, Covered};
use super::covers;
use crate::author_refs::{self, AuthorRef, AuthorRefs};
use crate::category_refs::{self, CategoryRef, CategoryRefs};
use crate::database::{Database, Time};
use crate::library::Library;
use crate::mark_counts::MarkCounts;
use crate::page::Page;
use crate::reply::Reply;
use crate::row::row;
use crate::tags;

row! {
    /// A post as lists show it.
    #[derive(Debug, Serialize, ToSchema)]
    pub(crate) struct PostSummary of "p" {
        /// Its id: what commands name it by.
        pub(crate) id: Uuid = "p.post_id",
        /// Its slug: what it is read by.
        pub(super) slug: String,
        /// Its title.
        pub(super) title: String,
        /// What it is about; may be empty.
        pub(super) summary: String,
        /// Its tags. A name that stands for another tag is shown as that.
        pub(super) tags: Vec<String>,
        /// The categories that it is in. One that was merged is shown as the one it was merged into, one that was
        /// deleted not at all.
        #[sqlx(try_from = "Vec<Uuid>")]
        #[schema(value_type = Vec<CategoryRef>)]
        pub(super) categories: CategoryRefs = "p.category_ids",
        /// Who wrote it.
        #[sqlx(try_from = "Uuid")]
        pub(super) author: AuthorRef = "p.author_id",
        /// Who else is named.
        #[sqlx(try_from = "Vec<Uuid>")]
        #[schema(value_type = Vec<AuthorRef>)]
        pub(super) co_authors: AuthorRefs = "p.co_author_ids",
        /// The picture at its head; null for none.
        #[sqlx(try_from = "CoverColumns")]
        #[schema(value_type = Option<Cover>, required = true)]
        pub(super) cover: Covered = "ARRAY[p.cover_image, p.cover_alt, p.cover_focal_x::text, p.cover_focal_y::text]",
        /// The language that it is written in, as a BCP 47 tag; null where its author does not say.
        #[schema(required = true)]
        pub(super) language: Option<String> = "p.language_tag",
        /// Who can read it once it is published: everyone (`public`), who has its address (`unlisted`), or members
        /// (`members`).
        pub(super) visibility: String,
        /// Whether it is put before others.
        pub(super) featured: bool,
        /// Whether it is in the archive: it stands still, and no other list has it.
        pub(super) archived: bool,
        /// When it was first published, here or elsewhere; null for a draft that never was.
        #[schema(value_type = Option<String>, format = DateTime, required = true)]
        pub(crate) published_at: Option<Time>,
        /// When what readers see of it last changed: its content, who wrote it, or whether it is public.
        #[schema(value_type = String, format = DateTime)]
        pub(super) updated_at: Time,
        /// How many people gave it a reaction, by kind. A kind that no one gave is not there.
        #[sqlx(try_from = "Vec<String>")]
        #[schema(value_type = BTreeMap<String, i64>)]
        pub(super) reactions: MarkCounts = "ARRAY(SELECT n.kind || ' ' || n.people FROM content.reaction_counts n \
            WHERE n.target_kind = 'post' AND n.target_id = p.post_id)",
        /// How many people shared it, by place. A place to which no one did is not there.
        #[sqlx(try_from = "Vec<String>")]
        #[schema(value_type = BTreeMap<String, i64>)]
        pub(super) shares: MarkCounts = "ARRAY(SELECT n.place || ' ' || n.people FROM content.share_counts n \
            WHERE n.target_kind = 'post' AND n.target_id = p.post_id)",
        /// How many comments on it say something.
        pub(super) comments_count: i64 =
            "COALESCE((SELECT n.comments FROM content.comment_counts n WHERE n.post_id = p.post_id), 0)",
        /// Its version: what an edit names in `If-Match`.
        pub(crate) version: i64,
    }
}

impl PostSummary {
    /// The accounts that write it.
    pub(crate) fn writers(&self) -> Vec<Uuid> {
        std::iter::once(&self.author).chain(&self.co_authors.0).map(|person| person.id).collect()
    }

    /// What is shown of comments, reactions and shares, and of the cover.
    pub(super) fn marks(&self) -> impl Iterator<Item = String> {
        let marks = self.reactions.shown().chain([String::new()]).chain(self.shares.shown());
        std::iter::once(self.comments_count.to_string()).chain(marks).chain([self.cover.alt().to_owned()])
    }

    /// The accounts named beside the post.
    pub(super) fn people(&mut self) -> impl Iterator<Item = &mut AuthorRef> {
        std::iter::once(&mut self.author).chain(&mut self.co_authors.0)
    }
}

/// What posts name, looked up.
pub(crate) struct Named {
    /// The accounts.
    people: Vec<Uuid>,
    /// Whether they name categories.
    categories: bool,
    /// Whether they name tags.
    tags: bool,
    /// Whether they have covers of which items of media may tell.
    covers: bool,
    /// The posts, for what is given to them and said of them.
    posts: Vec<Uuid>,
}

impl Named {
    /// Looks up all that some posts name.
    pub(crate) async fn by(mut posts: Vec<&mut PostSummary>, database: &Database) -> Result<Self, Problem> {
        let ids = posts.iter().map(|post| post.id).collect();
        let people = posts.iter_mut().flat_map(|post| post.people()).collect();
        let people = author_refs::look_up(people, database).await?;
        let categories = posts.iter_mut().map(|post| &mut post.categories).collect();
        let categories = category_refs::look_up(categories, database).await?;
        let tags = tags::resolve(posts.iter_mut().map(|post| &mut post.tags).collect(), database).await?;
        let covers = posts.iter_mut().map(|post| (post.writers(), post)).map(|(by, post)| (&mut post.cover, by));
        let covers = covers::describe(covers.collect(), database).await?;
        Ok(Self { people, categories, tags, covers, posts: ids })
    }

    /// Says that an answer shows it.
    pub(crate) fn shown_in(self, reply: Reply<'_>) -> Reply<'_> {
        let reply = reply.shows::<views::Authors>(self.people).shows::<views::Comments>(self.posts.clone());
        let reply = reply.shows::<views::Reactions>(self.posts);
        let reply = if self.categories { reply.lists::<views::Categories>() } else { reply };
        let reply = if self.covers { reply.lists::<views::Media>() } else { reply };
        if self.tags { reply.lists::<views::TagNames>() } else { reply }
    }
}

/// Answers a page of entries that have a post each, with what is beside the posts.
///
/// # Errors
/// Postgres does not answer.
pub(crate) async fn answer<E, B: From<Page<E>> + Serialize>(
    mut page: Page<E>,
    post: fn(&mut E) -> &mut PostSummary,
    library: &Library,
    reply: Reply<'_>,
) -> Result<HttpResponse, Problem> {
    let named = Named::by(page.entries.iter_mut().map(post).collect(), &library.database).await?;
    page.answer::<B>(named.shown_in(reply))
}
