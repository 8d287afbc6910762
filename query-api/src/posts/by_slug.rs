use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::posts::{Action, Publicity, Sight, moderates};
use domain::values::{Slug, Visible};
use domain::views;
use domain::{Actor, Digest};
use serde::Serialize;
use service_kit::{Access, MaybeAuthenticated, Problem, Query, Route, routes};
use sqlx::{FromRow, QueryBuilder};
use utoipa::ToSchema;

use super::about::{About, Translation, is_for_members, translations};
use super::summary::{Named, PostSummary};
use crate::database::{Database, Time};
use crate::freshness::OneQuery;
use crate::library::Library;
use crate::listed::seen_by;
use crate::markdown;
use crate::pictures::Pictures;
use crate::reply::{Keep, unkept};
use crate::series_refs::{self, InSeries};

/// The routes, and whom they answer.
pub(super) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => by_slug;
    }
}

/// A post, whole.
#[derive(Debug, FromRow, Serialize, ToSchema)]
pub(crate) struct Post {
    #[serde(flatten)]
    #[sqlx(flatten)]
    summary: PostSummary,
    /// Whether everyone can read it, if no moderator hides it.
    published: bool,
    /// Who is shown it: `all` who may see it otherwise; its `author`, with its co-authors, and moderators; or
    /// `moderators`. What was decided of it is in `GET /v1/me/rulings`.
    visible: String,
    #[serde(skip)]
    deleted: bool,
    #[serde(skip)]
    in_series: bool,
    /// When it was first published elsewhere.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    originally_published_at: Option<Time>,
    /// When a draft is to be published by itself; null if not.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    release_at: Option<Time>,
    /// Until when everyone can read it, once it is published; null for good. After that it is a draft again.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires_at: Option<Time>,
    /// When it was drafted.
    #[schema(value_type = String, format = DateTime)]
    drafted_at: Time,
    /// The series that it is in, those first that were made first; of more than 20, those.
    #[sqlx(skip)]
    series: Vec<InSeries>,
    #[serde(flatten)]
    #[sqlx(flatten)]
    about: About,
    /// The posts in the lists that are translations of this one, or that it is a translation of, by language.
    #[sqlx(skip)]
    translations: Vec<Translation>,
    /// Its text as the author wrote it; null where it is for members, and the reader is none.
    #[schema(required = true)]
    body_markdown: Option<String>,
    /// Its text as HTML that is safe to show; null as above. Ids in it begin with `content-`.
    #[schema(value_type = Option<String>, required = true)]
    #[sqlx(skip)]
    body_html: Option<SharedText>,
}

/// A text that the cache holds too.
#[derive(Debug, Default)]
struct SharedText(Arc<str>);

impl Serialize for SharedText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A post by its slug
///
/// A former slug, or one in another case, redirects to the present one. Only its authors and editors see a draft, and
/// the text of a post for members; and only they and moderators one that a moderator hides.
#[utoipa::path(
    get, path = "/v1/posts/{slug}", operation_id = "read_post", tag = "posts",
    params(("slug" = String, Path, description = "Its slug, or a former one"), OneQuery),
    responses(
        (status = 200, description = "The post", body = Post, headers(
            ("ETag" = String, description = "Strong; made of all that is shown"),
        )),
        (status = 301, description = "The post has another slug, or is asked for in another case", headers(
            ("Location" = String, description = "Where"),
        )),
        (status = 401, description = "`unauthorized`: a token was sent, and is not good"),
        (status = 404, description = "`not-found`: no post has this slug, or only others may see it"),
        (status = 410, description = "`gone`: the post was deleted"),
    ),
    security((), ("token" = []))
)]
pub(crate) async fn by_slug(
    library: Data<Library>,
    request: HttpRequest,
    slug: Path<String>,
    Query(query): Query<OneQuery>,
    MaybeAuthenticated(reader): MaybeAuthenticated,
) -> Result<HttpResponse, Problem> {
    // What is no slug names nothing, and is not worth a question.
    let named = slug.into_inner();
    let slug: Slug = named.to_ascii_lowercase().parse().map_err(|_| missing())?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.depends_on_the_reader();
    let found = find(&library.database, &slug).await?;
    let Some(mut post) = found.filter(|post| post.sight(reader.as_ref()) != Sight::Nothing) else {
        return Err(reply.lists::<views::Posts>().refused(missing()));
    };
    let reply = reply.shows::<views::Posts>([post.summary.id]);
    if post.deleted {
        return Err(reply.refused(unkept(Problem::gone("the post was deleted"))));
    }
    if post.summary.slug != named {
        return Ok(reply.moved(&format!("/v1/posts/{}", post.summary.slug), request.query_string()));
    }
    let named = Named::by(vec![&mut post.summary], &library.database).await?;
    let mut reply = reply.lists::<views::AllSeries>();
    if post.in_series {
        post.series = series_refs::look_up(post.summary.id, &library.database).await?;
        reply = reply.lists::<views::Posts>();
    }
    if post.about.has_translations {
        post.translations = translations(post.summary.id, &library.database).await?;
    }
    let is_for_members = is_for_members(&post.summary.visibility);
    let is_theirs = post.is_theirs(reader.as_ref());
    if post.sight(reader.as_ref()) == Sight::Outside {
        post.body_markdown = None;
    }
    let (text, writers) = (post.body_markdown.as_deref().unwrap_or_default(), post.summary.writers());
    let pictures = Pictures::of(text, &writers, &library.database).await?;
    let tag = tag(&mut post, &pictures)?;
    let keep = if post.is_public() && !is_for_members { Keep::Public } else { Keep::Private };
    let reply = pictures.shown_in(named.shown_in(reply.keep(keep)));
    // One that is not to be had may be a translation of it.
    let reply = if post.about.has_translations { reply.lists::<views::Posts>() } else { reply };
    let response = match reply.not_modified(&tag)? {
        Some(response) => response,
        None => {
            if let Some(body) = &post.body_markdown {
                let html = library.rendered.html(post.summary.id, post.summary.version, body).await?;
                post.body_html = Some(SharedText(pictures.put_into(&html).map_or(html, Arc::from)));
            }
            reply.json_as(&tag, &post)?
        }
    };
    if let (Some(reads), true, false) = (&library.reads, post.is_public(), is_theirs) {
        reads.read(&request, post.summary.id);
    }
    Ok(response)
}

async fn find(database: &Database, slug: &Slug) -> Result<Option<Post>, Problem> {
    let mut query = QueryBuilder::new(format!(
        "SELECT {}, p.published, p.visible, p.deleted, p.originally_published_at, p.release_at, \
         p.expires_at, p.drafted_at, p.body AS body_markdown, \
         EXISTS (SELECT FROM content.series_posts m WHERE m.post_id = p.post_id) AS in_series, {} \
         FROM content.slugs s JOIN content.posts p ON p.post_id = s.post_id WHERE s.slug = ",
        PostSummary::columns(),
        About::columns()
    ));
    query.push_bind(slug.as_str());
    database.run(query.build_query_as().fetch_optional(database.pool())).await
}

impl Post {
    /// What this reader sees of it.
    fn sight(&self, reader: Option<&Actor>) -> Sight {
        let Self { published, deleted, .. } = *self;
        let (was_published, for_members) =
            (self.summary.published_at.is_some(), is_for_members(&self.summary.visibility));
        let visible = seen_by(&self.visible);
        let publicity = Publicity { published, was_published, deleted, for_members, visible };
        publicity.sight(self.is_theirs(reader), reader.is_some_and(moderates))
    }

    /// Whether everyone can read it, members at least.
    fn is_public(&self) -> bool {
        self.published && seen_by(&self.visible) == Visible::All
    }

    /// Whether this reader reads it as those who write it do, be it public or not.
    fn is_theirs(&self, reader: Option<&Actor>) -> bool {
        let PostSummary { author, co_authors, .. } = &self.summary;
        let co_authors: Vec<_> = co_authors.0.iter().map(|author| author.id).collect();
        reader.is_some_and(|reader| Action::ReadDraft.is_open_to(reader, author.id, &co_authors))
    }
}

fn missing() -> Problem {
    unkept(Problem::not_found("no post has this slug"))
}

/// What categories and tags stand for by now, and what is shown of series.
fn sorted_by(post: &Post) -> Result<String, Problem> {
    let PostSummary { tags, categories, .. } = &post.summary;
    let tags = tags.iter().map(String::as_str);
    let series = serde_json::to_string(&post.series).map_err(Problem::internal)?;
    let series = post.in_series.then_some(series.as_str());
    Ok(format!("{:016x}", Digest::of_all(categories.shown().chain(tags).chain(series)).short()))
}

/// Whatever the answer is made of is in its tag.
fn tag(post: &mut Post, pictures: &Pictures) -> Result<String, Problem> {
    let people: Vec<String> = post.summary.people().map(|person| person.version.to_string()).collect();
    let translations = post.translations.iter().flat_map(Translation::shown).map(ToString::to_string);
    let beside = format!("{:016x}", Digest::of_all(post.summary.marks().chain(translations)).short());
    let (version, people, sorted_by) = (post.summary.version, people.join("."), sorted_by(post)?);
    let part = if post.body_markdown.is_some() { "whole" } else { "part" };
    let shown = pictures.digest();
    Ok(format!("\"{version}-{people}-{sorted_by}-{beside}-{shown}-{part}-r{}\"", markdown::REVISION))
}
