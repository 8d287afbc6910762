//! How many accounts follow a tag, a category or a series.

use domain::values::SubjectKind;
use service_kit::Problem;

use crate::database::Database;

/// So many are counted one by one at most.
const FEW: i64 = 10_000;

/// How many follow what these names or ids stand for: each account once, under however many of them. Where the names
/// have very many followers together, one who follows two of them counts twice: to tell would be to read them all with
/// each answer. Most things have one name, and for those the sum is the number.
pub(crate) async fn count(database: &Database, kind: SubjectKind, named: Vec<String>) -> Result<i64, Problem> {
    const STATEMENT: &str = "WITH named AS MATERIALIZED (
            SELECT COALESCE(sum(followers), 0)::bigint AS followers FROM content.subject_follow_counts
            WHERE subject_kind = $1 AND subject_ref = ANY($2))
        SELECT CASE WHEN cardinality($2) = 1 OR followers > $3 THEN followers ELSE (
            SELECT count(DISTINCT follower_id) FROM content.followed_subjects
            WHERE active AND subject_kind = $1 AND subject_ref = ANY($2)) END FROM named";
    let query = sqlx::query_scalar(STATEMENT).bind(kind.name()).bind(named).bind(FEW);
    database.run(query.fetch_one(database.pool())).await
}
