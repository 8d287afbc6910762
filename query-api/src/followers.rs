//! How many accounts follow a tag, a category or a series.

use domain::values::SubjectKind;
use service_kit::Problem;

use crate::database::Database;

/// How many follow what these names or ids stand for: each account once, under however many of them. Most things have
/// one name, and for those the sum is the number.
pub(crate) async fn count(database: &Database, kind: SubjectKind, named: Vec<String>) -> Result<i64, Problem> {
    const SUM: &str = "SELECT COALESCE((SELECT followers FROM content.subject_follow_counts
        WHERE subject_kind = $1 AND subject_ref = ANY($2)), 0)";
    const COUNT: &str = "SELECT count(DISTINCT follower_id) FROM content.followed_subjects
        WHERE active AND subject_kind = $1 AND subject_ref = ANY($2)";
    let query = sqlx::query_scalar(if named.len() == 1 { SUM } else { COUNT }).bind(kind.name()).bind(named);
    database.run(query.fetch_one(database.pool())).await
}
