//! How often something was tried within a while.

use service_kit::Problem;
use sqlx::FromRow;

use super::Vault;

/// Something that may be tried so often within a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// What is counted: an HMAC, so that no address is written down.
    pub subject: Vec<u8>,
    /// How often.
    pub most: i32,
    /// Within so many seconds from the first time.
    pub seconds: i32,
}

#[derive(FromRow)]
struct Row {
    tried: i32,
    most: i32,
    wait: i64,
}

impl Vault {
    /// Counts an attempt against each limit; how many seconds to wait, if one is reached. An attempt that is turned
    /// away counts, too, but does not prolong the wait.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn attempt(&self, mut limits: Vec<Limited>) -> Result<Option<u32>, Problem> {
        // In one order everywhere, so that two who count the same do not wait for each other for ever.
        limits.sort_by(|one, other| one.subject.cmp(&other.subject));
        let sql = "WITH asked AS (
                SELECT * FROM UNNEST($1::bytea[], $2::integer[], $3::integer[]) AS a (subject, most, seconds)
            ), counted AS (
                INSERT INTO attempts AS a (subject, tried, window_ends_at)
                SELECT subject, 1, now() + make_interval(secs => seconds) FROM asked ORDER BY subject
                ON CONFLICT (subject) DO UPDATE SET
                    tried = CASE WHEN a.window_ends_at <= now() THEN 1 ELSE LEAST(a.tried, 1000000) + 1 END,
                    window_ends_at = CASE WHEN a.window_ends_at <= now() THEN EXCLUDED.window_ends_at
                        ELSE a.window_ends_at END
                RETURNING subject, tried, window_ends_at
            )
            SELECT tried, most, ceil(extract(epoch FROM window_ends_at - now()))::bigint AS wait
            FROM counted JOIN asked USING (subject)";
        let subjects: Vec<&[u8]> = limits.iter().map(|limit| limit.subject.as_slice()).collect();
        let most: Vec<i32> = limits.iter().map(|limit| limit.most).collect();
        let seconds: Vec<i32> = limits.iter().map(|limit| limit.seconds).collect();
        let query = sqlx::query_as(sql).bind(subjects).bind(most).bind(seconds);
        let rows: Vec<Row> = self.run(query.fetch_all(self.pool())).await?;
        let over = rows.iter().filter(|row| row.tried > row.most).map(|row| row.wait).max();
        Ok(over.map(|wait| u32::try_from(wait.max(1)).unwrap_or(u32::MAX)))
    }

    /// Takes an attempt back that turned out to be a good one; `forget` are those to begin anew.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn good_attempt(&self, limits: &[Limited], forget: &[Limited]) -> Result<(), Problem> {
        let subjects = |limits: &[Limited]| {
            let mut subjects: Vec<Vec<u8>> = limits.iter().map(|limit| limit.subject.clone()).collect();
            subjects.sort();
            subjects
        };
        let sql = "WITH found AS (
                SELECT subject FROM attempts WHERE subject = ANY($1 || $2) ORDER BY subject FOR UPDATE)
            UPDATE attempts SET tried = CASE WHEN subject = ANY($2) THEN 0 ELSE GREATEST(tried - 1, 0) END
            WHERE subject IN (SELECT subject FROM found)";
        let update = sqlx::query(sql).bind(subjects(limits)).bind(subjects(forget));
        self.run(update.execute(self.pool())).await.map(drop)
    }
}
