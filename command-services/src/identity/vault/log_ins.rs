//! The last step of a log-in, which comes a while after the first: a password takes its time to be verified, and an
//! owner to show a code. What has changed since then counts, so this step has the person's row to itself, and looks
//! again. Whatever ends sessions has the row to itself, too: it finds the session, or the log-in finds what it did.

use service_kit::Problem;
use sqlx::PgConnection;
use uuid::Uuid;

use super::lock::{self, Locked};
use super::sessions::{self, NewSession};
use super::{Vault, challenges, known_networks};
use crate::identity::secret::Token;

/// A caller who showed who they are.
#[derive(Clone, Copy)]
pub struct LogIn<'a> {
    /// The account.
    pub account_id: Uuid,
    /// The version of the account at which it was seen to be one that logs in.
    pub version: u64,
    /// What was shown.
    pub shown: Shown<'a>,
    /// What the client calls itself.
    pub client: &'a str,
    /// Where it is, as an HMAC.
    pub network: &'a [u8],
    /// Whether the session is to last without being refreshed.
    pub is_lasting: bool,
}

/// What a caller showed.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// The password of which this is the hash.
    Password(&'a str),
    /// A code besides, to this challenge.
    Code(&'a Token),
}

/// What came of it.
#[derive(Clone)]
pub enum Begun {
    /// A session.
    Session(NewSession),
    /// The account has a second factor: a code has to be shown to this challenge.
    CodeNeeded(Token),
    /// The password, or the account, is not what it was when the caller was looked at: look again.
    Changed,
    /// The challenge was met before, or is void.
    Over,
}

impl Vault {
    /// Begins a session, or asks for a code.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn log_in(&self, log_in: LogIn<'_>) -> Result<Begun, Problem> {
        self.run(async {
            let mut transaction = self.pool().begin().await?;
            let begun = begin(&mut transaction, log_in).await?;
            transaction.commit().await?;
            Ok(begun)
        })
        .await
    }
}

async fn begin(connection: &mut PgConnection, log_in: LogIn<'_>) -> sqlx::Result<Begun> {
    let LogIn { account_id, version, shown, client, network, is_lasting } = log_in;
    let person = lock::person(connection, account_id).await?.filter(|person| person.is_known_at(version));
    let Some(Locked { password_hash, .. }) = person else { return Ok(Begun::Changed) };
    // A statement of its own: the one that waited for the lock sees other tables as they were before.
    let sql = "SELECT EXISTS (SELECT FROM erasures WHERE account_id = $1),
        EXISTS (SELECT FROM second_factors WHERE account_id = $1 AND confirmed_at IS NOT NULL)";
    let (erased, has_second_factor) = sqlx::query_as(sql).bind(account_id).fetch_one(&mut *connection).await?;
    match shown {
        _ if erased => return Ok(Begun::Changed),
        Shown::Password(hash) if hash != password_hash => return Ok(Begun::Changed),
        Shown::Password(_) if has_second_factor => {
            return Ok(Begun::CodeNeeded(challenges::begin(connection, account_id).await?));
        }
        Shown::Code(challenge) if !challenges::meet(connection, challenge).await? => return Ok(Begun::Over),
        Shown::Password(_) | Shown::Code(_) => {}
    }
    known_networks::remember(connection, account_id, network).await?;
    sessions::begin(connection, account_id, client, is_lasting).await.map(Begun::Session)
}
