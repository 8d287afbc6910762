//! Which logs are this installation's. They are noted here because the vault must agree with them: what it keeps of
//! accounts is worth nothing beside another log.

use async_trait::async_trait;
use event_log::KnownLogs;
use event_log::kafka::first_terms::Named;
use service_kit::Problem;
use sqlx::{FromRow, query, query_as, query_scalar};
use uuid::Uuid;

use super::Vault;

/// A partition whose log is another than the one that was noted.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Replaced {
    /// The topic.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
    /// The log that was noted.
    pub log_id: Uuid,
}

#[async_trait]
impl KnownLogs for Vault {
    async fn known(&self, topic: &str, partition: i32, log_id: Option<Uuid>) -> Result<Option<Uuid>, String> {
        // Of two that note at once one is told nothing, and asks again.
        let sql = "WITH noted AS (
                INSERT INTO logs (topic, partition, log_id) SELECT $1, $2, $3 WHERE $3 IS NOT NULL
                ON CONFLICT DO NOTHING RETURNING log_id)
            SELECT log_id FROM noted UNION ALL SELECT log_id FROM logs WHERE topic = $1 AND partition = $2 LIMIT 1";
        let known = query_scalar(sql).bind(topic).bind(partition).bind(log_id).fetch_optional(self.pool());
        self.run(known).await.map_err(|problem| problem.to_string())
    }
}

impl Vault {
    /// Takes the logs that were found for this installation's, and forgets what was noted of other topics of these
    /// contexts. Returns what was noted and is no more.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn adopt(&self, found: &[Named], contexts: &[String]) -> Result<Vec<Replaced>, Problem> {
        let topics: Vec<&str> = found.iter().map(|named| named.topic.as_str()).collect();
        let partitions: Vec<i32> = found.iter().map(|named| named.partition).collect();
        let log_ids: Vec<Option<Uuid>> = found.iter().map(|named| named.log_id).collect();
        let forget = "DELETE FROM logs
            WHERE EXISTS (SELECT FROM unnest($4::text[]) begins WHERE starts_with(topic, begins))
            AND NOT EXISTS (
                SELECT FROM unnest($1::text[], $2::integer[], $3::uuid[]) found (topic, partition, log_id)
                WHERE (found.topic, found.partition, found.log_id) = (logs.topic, logs.partition, logs.log_id))
            RETURNING topic, partition, log_id";
        let note = "INSERT INTO logs (topic, partition, log_id)
            SELECT * FROM unnest($1::text[], $2::integer[], $3::uuid[]) found (topic, partition, log_id)
            WHERE found.log_id IS NOT NULL ON CONFLICT DO NOTHING";
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let forgotten = query_as(forget).bind(&topics).bind(&partitions).bind(&log_ids).bind(contexts);
            let forgotten = forgotten.fetch_all(&mut *transaction).await?;
            query(note).bind(&topics).bind(&partitions).bind(&log_ids).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(forgotten)
        })
        .await
    }
}
