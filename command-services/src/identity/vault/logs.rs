//! Which logs are this installation's. They are noted here because the vault must agree with them: what it keeps of
//! accounts is worth nothing beside another log.

use async_trait::async_trait;
use event_log::known_logs::{Named, Topics};
use event_log::{Known, KnownLogs};
use service_kit::Problem;
use sqlx::{FromRow, query, query_as};
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
    async fn known(
        &self,
        context: &Topics,
        topic: &str,
        partition: i32,
        log_id: Option<Uuid>,
    ) -> Result<Known, String> {
        // Of two that note at once one is told nothing, and asks again.
        let sql = "WITH noted AS (
                INSERT INTO logs (topic, partition, log_id) SELECT $1, $2, $3 WHERE $3 IS NOT NULL
                AND (EXISTS (SELECT FROM logs WHERE topic = $1)
                    OR NOT EXISTS (SELECT FROM logs WHERE starts_with(topic, $4)))
                ON CONFLICT DO NOTHING RETURNING topic, log_id)
            SELECT topic, log_id FROM noted
            UNION ALL (SELECT topic, log_id FROM logs WHERE topic = $1 AND partition = $2)
            UNION ALL (SELECT topic, log_id FROM logs
                WHERE starts_with(topic, $4) AND NOT EXISTS (SELECT FROM logs WHERE topic = $1)
                ORDER BY topic LIMIT 1)
            LIMIT 1";
        let known = query_as(sql).bind(topic).bind(partition).bind(log_id).bind(&context.begin_with);
        let known: Option<(String, Uuid)> = said(self.run(known.fetch_optional(self.pool())).await)?;
        Ok(match known {
            None => Known::Nothing,
            Some((found, log_id)) if found == topic => Known::Log(log_id),
            Some((elsewhere, _)) => Known::Elsewhere(elsewhere),
        })
    }

    async fn all(&self, context: &Topics) -> Result<Vec<Named>, String> {
        let sql = "SELECT topic, partition, log_id FROM logs WHERE starts_with(topic, $1) ORDER BY topic, partition";
        let all = query_as(sql).bind(&context.begin_with).fetch_all(self.pool());
        let all: Vec<Replaced> = said(self.run(all).await)?;
        let named = |Replaced { topic, partition, log_id }| Named { topic, partition, log_id: Some(log_id) };
        Ok(all.into_iter().map(named).collect())
    }

    async fn note(&self, found: &[Named]) -> Result<(), String> {
        let (topics, partitions, log_ids) = columns(found);
        said(
            self.run(async {
                let mut transaction = self.pool().begin().await?;
                // A topic of an attempt that died may have been deleted, and made again by this one.
                let forget = query("DELETE FROM logs WHERE topic = ANY ($1)").bind(&topics);
                forget.execute(&mut *transaction).await?;
                query(NOTE).bind(&topics).bind(&partitions).bind(&log_ids).execute(&mut *transaction).await?;
                transaction.commit().await
            })
            .await,
        )
    }

    async fn keep_only(&self, context: &Topics, found: &[Named]) -> Result<(), String> {
        said(self.adopt(found, std::slice::from_ref(&context.begin_with)).await).map(drop)
    }
}

/// Those that have a log, where nothing is noted yet.
const NOTE: &str = "INSERT INTO logs (topic, partition, log_id)
    SELECT * FROM unnest($1::text[], $2::integer[], $3::uuid[]) found (topic, partition, log_id)
    WHERE found.log_id IS NOT NULL ON CONFLICT DO NOTHING";

fn columns(found: &[Named]) -> (Vec<&str>, Vec<i32>, Vec<Option<Uuid>>) {
    let topics = found.iter().map(|named| named.topic.as_str()).collect();
    (topics, found.iter().map(|named| named.partition).collect(), found.iter().map(|named| named.log_id).collect())
}

fn said<T>(answer: Result<T, Problem>) -> Result<T, String> {
    answer.map_err(|problem| problem.to_string())
}

impl Vault {
    /// Takes the logs that were found for this installation's, and forgets what was noted of other topics of these
    /// contexts. Returns what was noted and is no more.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn adopt(&self, found: &[Named], contexts: &[String]) -> Result<Vec<Replaced>, Problem> {
        let (topics, partitions, log_ids) = columns(found);
        let forget = "DELETE FROM logs
            WHERE EXISTS (SELECT FROM unnest($4::text[]) begins WHERE starts_with(topic, begins))
            AND NOT EXISTS (
                SELECT FROM unnest($1::text[], $2::integer[], $3::uuid[]) found (topic, partition, log_id)
                WHERE (found.topic, found.partition, found.log_id) = (logs.topic, logs.partition, logs.log_id))
            RETURNING topic, partition, log_id";
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let forgotten = query_as(forget).bind(&topics).bind(&partitions).bind(&log_ids).bind(contexts);
            let forgotten = forgotten.fetch_all(&mut *transaction).await?;
            query(NOTE).bind(&topics).bind(&partitions).bind(&log_ids).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(forgotten)
        })
        .await
    }
}
