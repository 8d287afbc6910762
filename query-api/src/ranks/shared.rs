//! What a post has that others may share, and how much each of it tells.

use domain::views::ranks::{COMMON, rarity, words};
use service_kit::Problem;
use sqlx::FromRow;
use uuid::Uuid;

use crate::database::Database;

/// Of what a post shares with others by its tags this much counts more than what it shares by its title: an author has
/// chosen them.
const TAG: i64 = 2;

/// What a post has, of its tags the first sixteen, with how much it tells that another has it, too.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Each name of each of its tags: the tag, the name, and how much the tag tells.
    pub(super) tags: Vec<(String, String, i64)>,
    /// Each word of its title.
    pub(super) words: Vec<(String, i64)>,
}

/// A tag as it is called now, its names, and how many posts have it; beyond [`COMMON`] they are not counted.
#[derive(FromRow)]
struct Tag {
    tag: String,
    names: Vec<String>,
    posts: i64,
}

/// Of a tag with more names than 20 those count, itself first. What is counted is counted up to a bound, each name by
/// its index. A post may be there once for each name: so many times the bound are at least as many posts.
const TAGS: &str = "SELECT t.tag, n.names, (SELECT least(count(DISTINCT c.post_id), $2) FROM (
        SELECT x.post_id FROM content.post_tags x WHERE x.tag = ANY(n.names)
        LIMIT $2 * cardinality(n.names)) c) AS posts
    FROM (SELECT DISTINCT COALESCE(n.tag, a.name) AS tag
        FROM unnest($1) AS a (name) LEFT JOIN content.tag_names n ON n.name = a.name) t
    CROSS JOIN LATERAL (SELECT array_agg(name) AS names FROM (
        SELECT name
        FROM (SELECT t.tag UNION SELECT n.name FROM content.tag_names n WHERE n.tag = t.tag) AS called (name)
        ORDER BY name <> t.tag, name LIMIT 20) AS first) n";

const WORDS: &str = "SELECT w.word, (SELECT count(*) FROM (
        SELECT FROM content.post_words x WHERE x.word = w.word LIMIT $2) c)
    FROM unnest($1) AS w (word)";

impl Shared {
    /// What a post has.
    pub(super) async fn of(database: &Database, post_id: Uuid) -> Result<Self, Problem> {
        let statement = "SELECT p.title, p.tags[1:16] FROM content.posts p WHERE p.post_id = $1";
        let query = sqlx::query_as::<_, (String, Vec<String>)>(statement).bind(post_id);
        let post = database.run(query.fetch_optional(database.pool())).await?;
        let Some((title, tags)) = post else { return Ok(Self::default()) };
        let query = sqlx::query_as::<_, Tag>(TAGS).bind(tags).bind(COMMON);
        let tags = database.run(query.fetch_all(database.pool())).await?;
        let query = sqlx::query_as::<_, (String, i64)>(WORDS).bind(words(&title)).bind(COMMON);
        let words = database.run(query.fetch_all(database.pool())).await?;
        let names = |Tag { tag, names, posts }: Tag| {
            let weight = TAG * rarity(posts);
            names.into_iter().map(move |name| (tag.clone(), name, weight))
        };
        let words = words.into_iter().map(|(word, posts)| (word, rarity(posts))).collect();
        Ok(Self { tags: tags.into_iter().flat_map(names).collect(), words })
    }
}
