//! Sessions and their refresh tokens.
//!
//! A refresh token is used once; its successor is `HMAC(token, salt)` with a salt that is drawn and kept when the token
//! is used. So 50 parallel refreshes of one token give one successor, and a client whose reply was lost gets it again,
//! for a short while and as long as the successor was not used. Any other use of a used token means that two have it:
//! the session ends.

use domain::security::Note;
use service_kit::Problem;
use service_kit::auth::ACCESS_TOKEN_SECONDS;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Vault, lock, notes};
use crate::identity::secret::Token;

/// A session that is not refreshed for so long ends, in seconds.
pub const IDLE_SECONDS: i64 = 30 * 86_400;
/// However often it is refreshed, it ends after so long, in seconds.
pub const LONGEST_SECONDS: i64 = 90 * 86_400;
/// How long the same successor can be had again, in seconds.
const GRACE_SECONDS: i64 = 60;
/// Sessions that an account can have; the one used longest ago makes room.
const MOST: i64 = 50;
/// Instances that take commands are told on this channel: `<session> <seconds since 1970>`.
pub const CHANNEL: &str = "inklog_ended_sessions";
/// A token may be believed a little beyond its end.
const SKEW_SECONDS: u64 = 10;

/// A session as its owner sees it.
#[derive(Clone, Debug, FromRow)]
pub struct Session {
    /// Its id.
    pub session_id: Uuid,
    /// What the client called itself.
    pub client: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it was refreshed last.
    pub last_used_at: OffsetDateTime,
}

/// What came of a refresh.
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// Go on with this token.
    Next {
        /// The session.
        session_id: Uuid,
        /// Whose it is.
        account_id: Uuid,
        /// What refreshes it next.
        token: Token,
    },
    /// There is no such token, or its time is over.
    Unknown,
    /// Sessions of the account were ended at a version of it that the caller has not read.
    Behind,
    /// It was used before: the session has been ended.
    Reused {
        /// The session.
        session_id: Uuid,
        /// Whose it was.
        account_id: Uuid,
    },
}

#[derive(FromRow)]
struct Row {
    session_id: Uuid,
    live: bool,
    used: bool,
    successor_salt: Option<Vec<u8>>,
    within_grace: bool,
}

/// A session that began.
#[derive(Clone)]
pub struct NewSession {
    /// Its id.
    pub session_id: Uuid,
    /// What refreshes it.
    pub token: Token,
    /// What access tokens are got with for as long as it lasts, of a lasting one.
    pub lasting: Option<Token>,
    /// The sessions that ended to make room for it.
    pub made_room: Vec<Uuid>,
}

/// Begins a session, within a transaction that has the person's row to itself; a lasting one, if it is to be.
pub(super) async fn begin(
    connection: &mut PgConnection,
    account_id: Uuid,
    client: &str,
    is_lasting: bool,
) -> sqlx::Result<NewSession> {
    let (session_id, token, lasting) = (Uuid::now_v7(), Token::draw(), is_lasting.then(Token::draw));
    let sql = "UPDATE sessions SET ended_at = now() WHERE session_id IN (
        SELECT session_id FROM sessions WHERE account_id = $1 AND ended_at IS NULL AND expires_at > now()
        ORDER BY last_used_at DESC OFFSET $2) RETURNING session_id";
    let made_room: Vec<Uuid> =
        sqlx::query_scalar(sql).bind(account_id).bind(MOST - 1).fetch_all(&mut *connection).await?;
    tell(connection, account_id, &made_room).await?;
    let sql = "INSERT INTO sessions (session_id, account_id, client, expires_at, lasting_token_hash)
        VALUES ($1, $2, $3, now() + make_interval(secs => $4), $5)";
    let insert = sqlx::query(sql).bind(session_id).bind(account_id).bind(client).bind(LONGEST_SECONDS as f64);
    insert.bind(lasting.as_ref().map(Token::hash)).execute(&mut *connection).await?;
    add_token(connection, session_id, &token).await?;
    notes::insert(connection, account_id, Note::LoggedIn(session_id)).await?;
    Ok(NewSession { session_id, token, lasting, made_room })
}

impl Vault {
    /// Uses a refresh token. `version_of` says up to which version the caller has read an account.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn refresh(&self, token: &Token, version_of: impl Fn(Uuid) -> u64) -> Result<Refreshed, Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let refreshed = refresh(&mut transaction, token, version_of).await?;
            transaction.commit().await?;
            Ok(refreshed)
        })
        .await
    }

    /// The sessions of an account that have not ended, the last used first.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn sessions(&self, account_id: Uuid) -> Result<Vec<Session>, Problem> {
        let sql = "SELECT s.session_id, s.client, s.created_at, s.last_used_at FROM sessions s
            WHERE s.account_id = $1 AND s.ended_at IS NULL AND s.expires_at > now()
                AND (EXISTS (SELECT FROM refresh_tokens r WHERE r.session_id = s.session_id
                        AND r.used_at IS NULL AND r.expires_at > now())
                    OR s.lasting_token_hash IS NOT NULL AND s.last_used_at > now() - make_interval(secs => $2))
            ORDER BY s.last_used_at DESC";
        let query = sqlx::query_as(sql).bind(account_id).bind(IDLE_SECONDS as f64);
        self.run(query.fetch_all(self.pool())).await
    }

    /// Ends sessions of an account: one, or all but one, or all. Which ones it were.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn end_sessions(&self, account_id: Uuid, which: Which) -> Result<Vec<Uuid>, Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            // A change that a lasting session allows is done before, or finds that it has ended.
            lock::person(&mut transaction, account_id).await?;
            let ended = end(&mut transaction, account_id, which).await?;
            transaction.commit().await?;
            Ok(ended)
        })
        .await
    }

    /// Ends all sessions of an account, which was deactivated or lost a role at this version: no log-in that looked at
    /// an earlier one begins another. Which sessions it were.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn end_sessions_before(&self, account_id: Uuid, version: u64) -> Result<Vec<Uuid>, Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let sql = "UPDATE people SET least_version = GREATEST(least_version, $2) WHERE account_id = $1";
            sqlx::query(sql).bind(account_id).bind(version.cast_signed()).execute(&mut *transaction).await?;
            let ended = end(&mut transaction, account_id, Which::AllBut(None)).await?;
            transaction.commit().await?;
            Ok(ended)
        })
        .await
    }
}

/// Which sessions of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(Uuid),
    /// All but this one; all, if there is none.
    AllBut(Option<Uuid>),
}

/// Ends sessions within a transaction, and tells the instances that take commands.
pub(super) async fn end(connection: &mut PgConnection, account_id: Uuid, which: Which) -> sqlx::Result<Vec<Uuid>> {
    let (one, but) = match which {
        Which::One(session) => (Some(session), None),
        Which::AllBut(but) => (None, but),
    };
    let sql = "UPDATE sessions SET ended_at = now() WHERE account_id = $1 AND ended_at IS NULL
        AND ($2::uuid IS NULL OR session_id = $2) AND ($3::uuid IS NULL OR session_id <> $3) RETURNING session_id";
    let ended = sqlx::query_scalar(sql).bind(account_id).bind(one).bind(but).fetch_all(&mut *connection).await?;
    tell(connection, account_id, &ended).await?;
    Ok(ended)
}

/// Until when the tokens of a session that ends now may be good, in seconds since 1970.
#[must_use]
pub fn tokens_expire_at() -> u64 {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    u64::try_from(now).unwrap_or_default() + ACCESS_TOKEN_SECONDS + SKEW_SECONDS
}

async fn tell(connection: &mut PgConnection, account_id: Uuid, ended: &[Uuid]) -> sqlx::Result<()> {
    let until = tokens_expire_at().cast_signed();
    for session in ended {
        let sql = "INSERT INTO identity.ended_sessions (session_id, tokens_expire_at) VALUES ($1, to_timestamp($2))
            ON CONFLICT (session_id) DO NOTHING";
        sqlx::query(sql).bind(session).bind(until as f64).execute(&mut *connection).await?;
        let payload = format!("{session} {until}");
        sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(&mut *connection).await?;
        notes::insert(connection, account_id, Note::SessionEnded(*session)).await?;
    }
    Ok(())
}

async fn refresh(
    connection: &mut PgConnection,
    token: &Token,
    version_of: impl Fn(Uuid) -> u64,
) -> sqlx::Result<Refreshed> {
    let sql = "SELECT account_id FROM refresh_tokens JOIN sessions USING (session_id) WHERE token_hash = $1";
    let account_id: Option<Uuid> = sqlx::query_scalar(sql).bind(token.hash()).fetch_optional(&mut *connection).await?;
    let Some(account_id) = account_id else { return Ok(Refreshed::Unknown) };
    // The lock makes parallel refreshes of one token wait for each other: the first draws the salt.
    let Some(person) = lock::person(connection, account_id).await? else { return Ok(Refreshed::Unknown) };
    if !person.is_known_at(version_of(account_id)) {
        return Ok(Refreshed::Behind);
    }
    let sql = "SELECT r.session_id, r.successor_salt, r.used_at IS NOT NULL AS used,
            s.ended_at IS NULL AND s.expires_at > now() AND r.expires_at > now() AS live,
            COALESCE(r.used_at > now() - make_interval(secs => $2), false) AS within_grace
        FROM refresh_tokens r JOIN sessions s USING (session_id) WHERE r.token_hash = $1";
    let row: Option<Row> =
        sqlx::query_as(sql).bind(token.hash()).bind(GRACE_SECONDS as f64).fetch_optional(&mut *connection).await?;
    let Some(row) = row.filter(|row| row.live) else { return Ok(Refreshed::Unknown) };
    let session_id = row.session_id;
    if !row.used {
        let salt = rand::random::<[u8; 16]>();
        let successor = token.successor(&salt);
        let sql = "UPDATE refresh_tokens SET used_at = now(), successor_salt = $2 WHERE token_hash = $1";
        sqlx::query(sql).bind(token.hash()).bind(salt.as_slice()).execute(&mut *connection).await?;
        add_token(connection, session_id, &successor).await?;
        let sql = "UPDATE sessions SET last_used_at = now() WHERE session_id = $1";
        sqlx::query(sql).bind(session_id).execute(&mut *connection).await?;
        return Ok(Refreshed::Next { session_id, account_id, token: successor });
    }
    if let (true, Some(salt)) = (row.within_grace, row.successor_salt) {
        let successor = token.successor(&salt);
        let sql = "SELECT EXISTS (SELECT FROM refresh_tokens WHERE token_hash = $1 AND used_at IS NULL)";
        if sqlx::query_scalar(sql).bind(successor.hash()).fetch_one(&mut *connection).await? {
            return Ok(Refreshed::Next { session_id, account_id, token: successor });
        }
    }
    notes::insert(connection, account_id, Note::RefreshReused(session_id)).await?;
    end(connection, account_id, Which::One(session_id)).await?;
    Ok(Refreshed::Reused { session_id, account_id })
}

async fn add_token(connection: &mut PgConnection, session_id: Uuid, token: &Token) -> sqlx::Result<()> {
    let sql = "INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
        VALUES ($1, $2, now() + make_interval(secs => $3))";
    let insert = sqlx::query(sql).bind(token.hash()).bind(session_id).bind(IDLE_SECONDS as f64);
    insert.execute(connection).await.map(drop)
}
