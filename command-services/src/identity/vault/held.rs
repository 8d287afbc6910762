//! What the vault holds of an account that its owner may know: no hash, no key, no token.

use serde::Serialize;
use service_kit::Problem;
use sqlx::FromRow;
use uuid::Uuid;

use super::Vault;

/// What is held.
#[derive(Clone, Debug)]
pub struct Held {
    /// Address and times; nothing for an account that does not log in.
    pub person: Option<HeldPerson>,
    /// Sessions, those that ended lately included.
    pub sessions: Vec<HeldSession>,
    /// Letters that were written, and are kept for a while.
    pub letters: Vec<HeldLetter>,
}

/// A person who logs in. Times are milliseconds since 1970.
#[derive(Clone, Debug, FromRow)]
pub struct HeldPerson {
    /// The address.
    pub email: String,
    /// When they were first written down.
    pub created_at_ms: i64,
    /// When the password was set last.
    pub password_changed_at_ms: i64,
    /// Since when codes are asked for besides the password.
    pub second_factor_since_ms: Option<i64>,
    /// Until when networks are known that they logged in from. Which networks is not known: they are HMACs.
    pub networks_known_until_ms: Vec<i64>,
}

/// A session.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct HeldSession {
    id: Uuid,
    client: String,
    created_at_ms: i64,
    last_used_at_ms: i64,
    ended_at_ms: Option<i64>,
}

/// A letter: to whom, until it is sent.
#[derive(Clone, Debug, FromRow, Serialize)]
pub struct HeldLetter {
    id: Uuid,
    about: String,
    recipient: String,
    created_at_ms: i64,
    sent_at_ms: Option<i64>,
}

impl Vault {
    /// What is held of an account.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn held(&self, account_id: Uuid) -> Result<Held, Problem> {
        let person = "SELECT email, (extract(epoch FROM created_at) * 1000)::bigint AS created_at_ms,
                (extract(epoch FROM password_changed_at) * 1000)::bigint AS password_changed_at_ms,
                (SELECT (extract(epoch FROM confirmed_at) * 1000)::bigint FROM second_factors f
                    WHERE f.account_id = people.account_id) AS second_factor_since_ms,
                ARRAY(SELECT (extract(epoch FROM known_until) * 1000)::bigint FROM known_networks n
                    WHERE n.account_id = people.account_id ORDER BY known_until) AS networks_known_until_ms
            FROM people WHERE account_id = $1";
        let sessions =
            "SELECT session_id AS id, client, (extract(epoch FROM created_at) * 1000)::bigint AS created_at_ms,
                (extract(epoch FROM last_used_at) * 1000)::bigint AS last_used_at_ms,
                (extract(epoch FROM ended_at) * 1000)::bigint AS ended_at_ms
            FROM sessions WHERE account_id = $1 ORDER BY created_at";
        let letters = "SELECT mail_id AS id, kind AS about, recipient,
                (extract(epoch FROM created_at) * 1000)::bigint AS created_at_ms,
                (extract(epoch FROM sent_at) * 1000)::bigint AS sent_at_ms
            FROM outbox WHERE account_id = $1 ORDER BY created_at";
        self.run(async {
            Ok(Held {
                person: sqlx::query_as(person).bind(account_id).fetch_optional(self.pool()).await?,
                sessions: sqlx::query_as(sessions).bind(account_id).fetch_all(self.pool()).await?,
                letters: sqlx::query_as(letters).bind(account_id).fetch_all(self.pool()).await?,
            })
        })
        .await
    }
}
