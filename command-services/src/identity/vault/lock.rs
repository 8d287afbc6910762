//! What is about how an account logs in has the person's row to itself: a log-in that begins, a password, an address or
//! a second factor that changes, sessions that end. Each of them finds what those before it did.

use service_kit::Problem;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// A person's row that a transaction has to itself, as it is once those before it are through.
#[derive(Clone, FromRow)]
pub(super) struct Locked {
    /// The address.
    pub(super) email: String,
    /// The hash of the password.
    pub(super) password_hash: String,
    /// Whether its owner has yet to be shown to answer to the address.
    pub(super) unconfirmed: bool,
    least_version: i64,
}

impl Locked {
    /// Whether this version of the account is not before that at which its sessions were ended last.
    pub(super) fn is_known_at(&self, version: u64) -> bool {
        self.least_version.cast_unsigned() <= version
    }
}

/// Has a person's row for this transaction only. It is the first lock that anything takes that is about how an account
/// logs in, so that no two wait for each other.
pub(super) async fn person(connection: &mut PgConnection, account_id: Uuid) -> sqlx::Result<Option<Locked>> {
    let sql = "SELECT email, password_hash, least_version,
            unconfirmed_since IS NOT NULL AND proven_at IS NULL AS unconfirmed
        FROM people WHERE account_id = $1 FOR UPDATE";
    sqlx::query_as(sql).bind(account_id).fetch_optional(connection).await
}

/// The same, if the password is still the one that a caller showed, of which this is the hash.
pub(super) async fn person_shown(
    connection: &mut PgConnection,
    account_id: Uuid,
    hash: &str,
) -> sqlx::Result<Option<Locked>> {
    Ok(person(connection, account_id).await?.filter(|person| person.password_hash == hash))
}

/// What a caller showed may not hold any more: looking again tells.
pub(in crate::identity) fn changed_meanwhile() -> Problem {
    Problem::unavailable("how the account logs in is being changed; nothing was done, try again", 1)
}
