//! How often something was tried within a while.

use service_kit::Problem;

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

impl Vault {
    /// Counts an attempt against one limit after the other, until one is reached; how many seconds to wait then. So an
    /// attempt that is turned away by one does not count against those after it; and it does not prolong the wait.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn attempt(&self, limits: &[Limited]) -> Result<Option<u32>, Problem> {
        let sql = "INSERT INTO attempts AS a (subject, tried, window_ends_at)
            VALUES ($1, 1, now() + make_interval(secs => $2))
            ON CONFLICT (subject) DO UPDATE SET
                tried = CASE WHEN a.window_ends_at <= now() THEN 1 ELSE LEAST(a.tried, 1000000) + 1 END,
                window_ends_at = CASE WHEN a.window_ends_at <= now() THEN EXCLUDED.window_ends_at
                    ELSE a.window_ends_at END
            RETURNING tried, ceil(extract(epoch FROM window_ends_at - now()))::bigint";
        self.run(async {
            for limit in limits {
                let count = sqlx::query_as(sql).bind(&limit.subject).bind(f64::from(limit.seconds));
                let (tried, wait): (i32, i64) = count.fetch_one(self.pool()).await?;
                if tried > limit.most {
                    return Ok(Some(u32::try_from(wait.max(1)).unwrap_or(u32::MAX)));
                }
            }
            Ok(None)
        })
        .await
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
