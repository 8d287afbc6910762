//! Tags: `GET /v1/tags` and `GET /v1/tags/{tag}`. Posts with them: `GET /v1/posts?tag=…`.

mod names;

pub(crate) use names::{meant, names_of, resolve};

use std::collections::{HashMap, HashSet};

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use domain::values::{SubjectKind, Tag};
use domain::views;
use serde::{Deserialize, Serialize};
use service_kit::{Access, Problem, Query, Route, routes};
use utoipa::{IntoParams, ToSchema};

use crate::database::Database;
use crate::followers;
use crate::freshness::{self, OneQuery, Position};
use crate::library::Library;
use crate::limit::{self, Limit};
use crate::progress::Known;
use crate::reply::unkept;
use names::Said;

/// The routes, and whom they answer.
pub(crate) fn routes() -> Vec<Route> {
    routes! {
        Access::Anyone => list, one;
    }
}

/// The most used tags.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagList {
    /// The tags, most used first.
    tags: Vec<TagCount>,
}

/// A tag, how much it is used, and what is said of it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TagCount {
    /// The tag.
    tag: String,
    /// How many published posts have it, under whichever of its names.
    posts: u64,
    /// What it is about; may be empty.
    description: String,
    /// The names that stand for it: its former ones, and those of tags that were merged into it, too.
    synonyms: Vec<String>,
}

/// A tag by itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneTag {
    #[serde(flatten)]
    tag: TagCount,
    /// How many accounts follow it, under whichever of its names; of more than 10,000, who follows several of them
    /// counts as often.
    followers_count: i64,
}

/// The parameters of the list of tags.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// How many tags to give at most.
    #[param(required = false, schema_with = limit::schema::<100, 1000>)]
    limit: Option<Limit<100, 1000>>,
    /// Wait until this position is reached; the same as the header `Inklog-Position`.
    #[param(required = false, schema_with = freshness::position)]
    position: Option<Position>,
}

/// The tags of published posts, most used first
#[utoipa::path(
    get, path = "/v1/tags", operation_id = "list_tags", tag = "tags", params(ListQuery),
    responses(
        (status = 200, description = "The tags", body = TagList),
        // The description is published so; there is no cursor.
        (status = 422, description = "`invalid`: a parameter is unknown or wrong, a cursor is of another list"),
    )
)]
pub(crate) async fn list(
    library: Data<Library>,
    request: HttpRequest,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.lists::<views::Tags>().lists::<views::TagNames>();
    let said = names::all(&library.database).await?;
    let tags = most_used(&library, query.limit.unwrap_or_default().get(), &said).await?;
    reply.json(&TagList { tags: told(tags, said) })
}

/// A tag
///
/// A name that stands for another tag, or one in another case, redirects to it.
#[utoipa::path(
    get, path = "/v1/tags/{tag}", operation_id = "read_tag", tag = "tags",
    params(("tag" = String, Path, description = "The tag, or a name that stands for it"), OneQuery),
    responses(
        (status = 200, description = "The tag", body = OneTag),
        (status = 301, description = "It stands for another tag, or is asked for in another case"),
        (status = 404, description = "`not-found`: no published post has it, and nothing is said of it"),
    )
)]
pub(crate) async fn one(
    library: Data<Library>,
    request: HttpRequest,
    named: Path<String>,
    Query(query): Query<OneQuery>,
) -> Result<HttpResponse, Problem> {
    let tag: Tag = named.to_ascii_lowercase().parse().map_err(|_| missing())?;
    let reply = library.reply(&request, query.position.as_ref()).await?;
    let reply = reply.lists::<views::Tags>().lists::<views::TagNames>();
    let present = meant(&library.database, tag.as_str()).await?;
    if present != *named {
        return Ok(reply.moved(&format!("/v1/tags/{present}"), request.query_string()));
    }
    let said = names::of_tag(&library.database, &present).await?;
    let posts = names::count(&library.database, std::slice::from_ref(&present)).await?;
    let posts = posts.get(&present).copied().unwrap_or(0);
    if posts == 0 && said.is_empty() {
        return Err(reply.refused(missing()));
    }
    let mut named: Vec<String> = said.iter().map(|said| said.name.clone()).chain([present.clone()]).collect();
    named.sort_unstable();
    named.dedup();
    let reply = reply.shows_named::<views::FollowedSubjects>(&named);
    let followers_count = followers::count(&library.database, SubjectKind::Tag, named).await?;
    let [tag] = <[TagCount; 1]>::try_from(told(vec![(present, posts)], said)).map_err(|_| missing())?;
    reply.json(&OneTag { tag, followers_count })
}

fn missing() -> Problem {
    unkept(Problem::not_found("no published post has this tag, and nothing is said of it"))
}

/// Tags with what is said of them.
fn told(tags: Vec<(String, u64)>, said: Vec<Said>) -> Vec<TagCount> {
    let (mut descriptions, mut synonyms) = (HashMap::new(), HashMap::<String, Vec<String>>::new());
    for Said { name, tag, description } in said {
        if name == tag {
            descriptions.insert(tag, description);
        } else {
            synonyms.entry(tag).or_default().push(name);
        }
    }
    let with = |(tag, posts): (String, u64)| {
        let description = descriptions.remove(&tag).unwrap_or_default();
        let synonyms = synonyms.remove(&tag).unwrap_or_default();
        TagCount { tag, posts, description, synonyms }
    };
    tags.into_iter().map(with).collect()
}

/// Names that stand for one tag are counted together, each post once; all others are counted in Redis, or here.
async fn most_used(library: &Library, limit: u32, said: &[Said]) -> Result<Vec<(String, u64)>, Problem> {
    let synonyms: Vec<&Said> = said.iter().filter(|said| said.name != said.tag).collect();
    let together: HashSet<&str> = synonyms.iter().flat_map(|said| [said.name.as_str(), said.tag.as_str()]).collect();
    let more = u32::try_from(together.len()).unwrap_or(u32::MAX);
    let mut tags = counted_by_name(library, limit.saturating_add(more)).await?;
    tags.retain(|(tag, _)| !together.contains(tag.as_str()));
    if !synonyms.is_empty() {
        let mut of: Vec<String> = synonyms.iter().map(|said| said.tag.clone()).collect();
        of.dedup();
        tags.extend(names::count(&library.database, &of).await?);
    }
    // Both sources cut ties from the end of the alphabet; shown they are from its beginning.
    tags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| b.0.cmp(&a.0)));
    tags.truncate(limit as usize);
    tags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(tags)
}

/// From Redis, where they are counted, as long as that is as far as Postgres; else counted here. How far Postgres is,
/// its own table says: what was announced to this process may be a moment behind what another one has answered from.
async fn counted_by_name(library: &Library, limit: u32) -> Result<Vec<(String, u64)>, Problem> {
    let reached = library.database.run(async {
        let mut connection = library.database.pool().acquire().await?;
        Known::unless_parked(&mut connection, &["posts"]).await
    });
    let listed = match reached.await? {
        Some(known) => library.lists.top_tags(limit, &known).await,
        None => None,
    };
    let (source, listed) = match listed {
        Some(tags) => ("redis", tags),
        None => ("postgres", counted(&library.database, limit).await?),
    };
    measures::queries::TAGS.with([source]).increment(1);
    Ok(listed)
}

async fn counted(database: &Database, limit: u32) -> Result<Vec<(String, u64)>, Problem> {
    let query = sqlx::query_as::<_, (String, i64)>(
        "SELECT tag, count(*) FROM content.post_tags GROUP BY tag \
         ORDER BY count(*) DESC, tag COLLATE \"C\" DESC LIMIT $1",
    )
    .bind(i64::from(limit));
    let rows = database.run(query.fetch_all(database.pool())).await?;
    Ok(rows.into_iter().map(|(tag, posts)| (tag, posts.unsigned_abs())).collect())
}
