//! What is to be noted in the log: an outbox like that of letters; `audit.rs` sends it.

use domain::security::Note;
use service_kit::Problem;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::Vault;

/// How long an instance that took notes has to send them before another may, in seconds.
const LEASE_SECONDS: f64 = 30.0;
/// Notes that are taken at once.
const AT_ONCE: i64 = 200;

/// A note that this instance took to send.
#[derive(Clone, Debug, FromRow)]
pub struct Waiting {
    /// Its id: that of the command.
    pub note_id: Uuid,
    /// Whose account.
    pub account_id: Uuid,
    /// Who did it.
    pub actor_id: Uuid,
    note: String,
}

impl Waiting {
    /// What happened; nothing if a newer version of this service wrote it.
    #[must_use]
    pub fn note(&self) -> Option<Note> {
        serde_json::from_str(&self.note).ok()
    }
}

/// Writes a note down about an account, of which its owner is the reason.
pub(super) async fn insert(connection: &mut PgConnection, account_id: Uuid, note: Note) -> sqlx::Result<()> {
    write(connection, Uuid::now_v7(), account_id, account_id, note).await
}

/// The same, of which another actor is the reason.
pub(super) async fn insert_by(
    connection: &mut PgConnection,
    account_id: Uuid,
    actor_id: Uuid,
    note: Note,
) -> sqlx::Result<()> {
    write(connection, Uuid::now_v7(), account_id, actor_id, note).await
}

async fn write(
    connection: &mut PgConnection,
    note_id: Uuid,
    account_id: Uuid,
    actor_id: Uuid,
    note: Note,
) -> sqlx::Result<()> {
    let sql = "INSERT INTO notes (note_id, account_id, actor_id, note) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    let note = serde_json::to_string(&note).expect("a note is of names and ids");
    let insert = sqlx::query(sql).bind(note_id).bind(account_id).bind(actor_id).bind(note);
    insert.execute(connection).await.map(drop)
}

impl Vault {
    /// Writes a note down that has no transaction of its own; with the same id it is the same note.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn note(&self, note_id: Uuid, account_id: Uuid, actor_id: Uuid, note: Note) -> Result<(), Problem> {
        self.run(async {
            let mut connection = self.pool().acquire().await?;
            write(&mut connection, note_id, account_id, actor_id, note).await
        })
        .await
    }

    /// Takes the notes that have waited longest; no other instance gets them for a while.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn take_notes(&self) -> Result<Vec<Waiting>, Problem> {
        let sql = "WITH taken AS (
                UPDATE notes SET not_before = now() + make_interval(secs => $1) WHERE note_id IN (
                    SELECT note_id FROM notes WHERE not_before <= now() ORDER BY not_before, created_at LIMIT $2
                    FOR UPDATE SKIP LOCKED)
                RETURNING note_id, account_id, actor_id, note, created_at)
            SELECT note_id, account_id, actor_id, note FROM taken ORDER BY created_at, note_id";
        self.run(sqlx::query_as(sql).bind(LEASE_SECONDS).bind(AT_ONCE).fetch_all(self.pool())).await
    }

    /// These are in the log.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn notes_sent(&self, notes: &[Uuid]) -> Result<(), Problem> {
        let sql = "DELETE FROM notes WHERE note_id = ANY($1)";
        self.run(sqlx::query(sql).bind(notes).execute(self.pool())).await.map(drop)
    }
}
