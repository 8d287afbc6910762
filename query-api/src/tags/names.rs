//! Names of tags: posts name a tag by any of them, and are not rewritten when one comes to stand for another.

use std::collections::HashMap;

use service_kit::Problem;
use sqlx::FromRow;

use crate::database::Database;

/// What is said of a name.
#[derive(Debug, FromRow)]
pub(super) struct Said {
    pub(super) name: String,
    /// What it stands for: itself, or a tag that stands for itself.
    pub(super) tag: String,
    pub(super) description: String,
}

/// All that is said, of at most 5,000 names, by tag.
pub(super) async fn all(database: &Database) -> Result<Vec<Said>, Problem> {
    let query = sqlx::query_as("SELECT name, tag, description FROM content.tag_names ORDER BY tag, name LIMIT 10000");
    database.run(query.fetch_all(database.pool())).await
}

/// What is said of one tag and the names that stand for it.
pub(super) async fn of_tag(database: &Database, tag: &str) -> Result<Vec<Said>, Problem> {
    let statement = "SELECT name, tag, description FROM content.tag_names WHERE tag = $1 ORDER BY name";
    let query = sqlx::query_as(statement).bind(tag.to_owned());
    database.run(query.fetch_all(database.pool())).await
}

/// How many published posts have each of these tags, under whichever name; those of none are left out.
pub(super) async fn count(database: &Database, tags: &[String]) -> Result<HashMap<String, u64>, Problem> {
    const COUNT: &str = "SELECT n.tag, count(DISTINCT t.post_id)
        FROM (SELECT name, tag FROM content.tag_names WHERE tag = ANY($1)
            UNION SELECT tag, tag FROM unnest($1) AS asked (tag)) n
        JOIN content.post_tags t ON t.tag = n.name GROUP BY n.tag";
    let query = sqlx::query_as::<_, (String, i64)>(COUNT).bind(tags.to_vec());
    let rows = database.run(query.fetch_all(database.pool())).await?;
    Ok(rows.into_iter().map(|(tag, posts)| (tag, posts.unsigned_abs())).collect())
}

/// The tag that a name stands for.
pub(crate) async fn meant(database: &Database, name: &str) -> Result<String, Problem> {
    let query = sqlx::query_scalar("SELECT tag FROM content.tag_names WHERE name = $1").bind(name.to_owned());
    let tag: Option<String> = database.run(query.fetch_optional(database.pool())).await?;
    Ok(tag.unwrap_or_else(|| name.to_owned()))
}

/// A tag and the names that stand for it.
pub(crate) async fn names_of(database: &Database, tag: &str) -> Result<Vec<String>, Problem> {
    let said = of_tag(database, tag).await?;
    let synonyms = said.into_iter().map(|said| said.name).filter(|name| name != tag);
    Ok(std::iter::once(tag.to_owned()).chain(synonyms).collect())
}

/// Has the tags of posts be those that their names stand for, each once. Says whether there are any.
pub(crate) async fn resolve(posts: Vec<&mut Vec<String>>, database: &Database) -> Result<bool, Problem> {
    let mut names: Vec<String> = posts.iter().flat_map(|tags| tags.iter()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Ok(false);
    }
    let statement = "SELECT name, tag FROM content.tag_names WHERE name = ANY($1) AND tag <> name";
    let query = sqlx::query_as::<_, (String, String)>(statement).bind(names);
    let meant: HashMap<String, String> = database.run(query.fetch_all(database.pool())).await?.into_iter().collect();
    for tags in posts.into_iter().filter(|_| !meant.is_empty()) {
        let mut resolved: Vec<String> = Vec::new();
        for tag in tags.drain(..) {
            let tag = meant.get(&tag).cloned().unwrap_or(tag);
            if !resolved.contains(&tag) {
                resolved.push(tag);
            }
        }
        *tags = resolved;
    }
    Ok(true)
}
