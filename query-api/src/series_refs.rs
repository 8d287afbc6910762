//! The series that a post is in, and what comes before and after it there. They are found by what the rows of `series`
//! and `posts` say when it is asked: whichever of two events is seen first, the answer is the same once both are.

use serde::Serialize;
use service_kit::Problem;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::database::Database;
use crate::listed::shown;

/// The most series of one post that are shown: those that were made first.
const MOST: i64 = 20;

/// A post that comes before or after another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Neighbour {
    /// Its id.
    id: Uuid,
    /// Its slug: what it is read by.
    slug: String,
    /// Its title.
    title: String,
}

/// A series that a post is in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InSeries {
    /// Its id.
    id: Uuid,
    /// Its slug: what it is read by.
    slug: String,
    /// What it is called.
    title: String,
    /// How many published posts are in it.
    posts_count: i64,
    /// Which of those the post is, from 1; null while it is a draft.
    #[schema(required = true)]
    number: Option<i64>,
    /// The published post before it; null if it is the first.
    #[schema(required = true)]
    previous: Option<Neighbour>,
    /// The published post after it; null if it is the last.
    #[schema(required = true)]
    next: Option<Neighbour>,
}

/// As Postgres has it.
#[derive(FromRow)]
struct Row {
    id: Uuid,
    slug: String,
    title: String,
    posts_count: i64,
    number: Option<i64>,
    previous_id: Option<Uuid>,
    previous_slug: Option<String>,
    previous_title: Option<String>,
    next_id: Option<Uuid>,
    next_slug: Option<String>,
    next_title: Option<String>,
}

impl From<Row> for InSeries {
    fn from(row: Row) -> Self {
        let neighbour = |id: Option<Uuid>, slug: Option<String>, title: Option<String>| {
            id.zip(slug).zip(title).map(|((id, slug), title)| Neighbour { id, slug, title })
        };
        Self {
            id: row.id,
            slug: row.slug,
            title: row.title,
            posts_count: row.posts_count,
            number: row.number,
            previous: neighbour(row.previous_id, row.previous_slug, row.previous_title),
            next: neighbour(row.next_id, row.next_slug, row.next_title),
        }
    }
}

/// Of each series of a post (`$1`): its numbers, and the post's neighbours.
fn statement() -> String {
    let shown = shown("o");
    let others = "FROM content.series_posts a JOIN content.posts o ON o.post_id = a.post_id
        WHERE a.series_id = m.series_id";
    format!(
        "SELECT m.series_id AS id, m.slug, m.title, n.posts_count, n.number,
            b.post_id AS previous_id, b.slug AS previous_slug, b.title AS previous_title,
            f.post_id AS next_id, f.slug AS next_slug, f.title AS next_title
        FROM (SELECT s.series_id, s.slug, s.title, s.created_at, p.place
            FROM content.series_posts p JOIN content.series s ON s.series_id = p.series_id
            WHERE p.post_id = $1 ORDER BY s.created_at, s.series_id LIMIT {MOST}) m
        CROSS JOIN LATERAL (SELECT count(*) AS posts_count,
            CASE WHEN bool_or(a.place = m.place) THEN count(*) FILTER (WHERE a.place <= m.place) END AS number
            {others} AND {shown}) n
        LEFT JOIN LATERAL (SELECT o.post_id, o.slug, o.title {others} AND a.place < m.place AND {shown}
            ORDER BY a.place DESC LIMIT 1) b ON true
        LEFT JOIN LATERAL (SELECT o.post_id, o.slug, o.title {others} AND a.place > m.place AND {shown}
            ORDER BY a.place LIMIT 1) f ON true
        ORDER BY m.created_at, m.series_id"
    )
}

/// Looks up the series that a post is in.
pub(crate) async fn look_up(post_id: Uuid, database: &Database) -> Result<Vec<InSeries>, Problem> {
    let query = sqlx::query_as::<_, Row>(sqlx::AssertSqlSafe(statement())).bind(post_id);
    let rows = database.run(query.fetch_all(database.pool())).await?;
    Ok(rows.into_iter().map(InSeries::from).collect())
}
