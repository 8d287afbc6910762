//! Who people are and how they show it: accounts that log in.
//!
//! What is a fact is an event (`domain::accounts`): that there is an account, its names, roles, whether it is active.
//! What is secret is in the [`vault`], and nothing secret is ever in the log.
//!
//! Reading order: [`registration`], [`sessions`] (log in, refresh, log out), [`challenges`] (the second step of a
//! log-in), [`entry`] (its last), [`lasting`] (sessions without refreshing), [`recovery`] (what came by mail),
//! [`reauthentication`] (a caller shows once more who they are), [`credentials`] (another password or address),
//! [`address`], [`second_factor`], [`erasure`], [`export`]; beneath them [`sealer`] (what is personal), `copies` (whose
//! working copies are), [`passwords`], [`email`], [`throttling`], [`vault`]; [`mail`] sends letters, [`audit`] what
//! happened to security, [`revoked_sessions`] tells all instances that take commands which sessions are over,
//! [`sweeper`] finishes what a crash left.

pub mod address;
pub mod admin;
pub mod args;
pub mod audit;
pub mod challenges;
pub mod code;
mod copies;
pub mod credentials;
pub mod email;
pub mod entry;
pub mod erasure;
pub mod export;
pub mod keys;
pub mod lasting;
pub mod mail;
mod part;
pub mod passwords;
pub mod reauthentication;
pub mod recovery;
pub mod registration;
pub mod report;
pub mod revoked_sessions;
pub mod sealer;
pub mod second_factor;
pub mod secret;
pub mod sessions;
pub mod sweeper;
pub mod throttling;
pub mod vault;

pub use part::{AUDIT, PART};

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, web};
use domain::Role;
use domain::accounts::{Account, Accounts, State, Unique};
use domain::reservations::UniqueValue as _;
use domain::values::UserName;
use event_log::EventLog;
use sealing::KeyRing;
use service_kit::auth::{RevokedSessions, SigningKeys};
use service_kit::{Access, Problem, Route, routes};
use tokio::time::Instant;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use audit::Failures;
use email::Email;
use export::Exports;
use passwords::Passwords;
use secret::EmailHmacKey;
use throttling::{Throttle, Whose};
use vault::Vault;
use vault::sessions::tokens_expire_at;

use crate::accounts::reserved::ReservedNames;
use crate::freshness::{can_deny, read_to_the_end, stale};
use crate::logs::Logs;
use crate::part::Forget;

/// So long a caller waits for what other instances have accepted.
const CATCHING_UP: Duration = Duration::from_secs(1);

/// What all routes here work with.
pub struct Identity {
    /// The facts.
    pub log: Arc<EventLog<Accounts>>,
    /// The logs of all contexts in which something ends with an account.
    pub logs: Logs,
    /// What ends with an account, of each of them.
    pub forgets: Vec<Forget>,
    /// The secrets.
    pub vault: Vault,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Counts attempts.
    pub throttle: Throttle,
    /// Signs access tokens.
    pub signing: SigningKeys,
    /// Sessions that are over.
    pub ended: RevokedSessions,
    /// Makes of an address what stands for it in the log.
    pub email_key: EmailHmacKey,
    /// Unwraps the keys under which what is personal is sealed.
    pub key_ring: KeyRing,
    /// Notes failed log-ins.
    pub failures: Failures,
    /// Gives people what is held about them.
    pub exports: Exports,
    /// Whether an account whose address is not verified may write.
    pub unverified_may_write: bool,
    /// How long an address is kept that is not confirmed.
    pub unconfirmed_email_kept: Duration,
    /// User names that people may not take themselves.
    pub reserved_names: ReservedNames,
    /// What authenticators call us.
    pub authenticator_issuer: String,
    /// The least role that is only in the tokens of accounts with a second factor.
    pub second_factor_required: Option<Role>,
}

/// How routes get it.
pub type Shared = web::Data<Identity>;

/// The routes.
#[must_use]
pub fn routes() -> Vec<Route> {
    let jwks = routes! { Access::Anyone => jwks; };
    [
        // No log is asked for the keys.
        jwks.into_iter().map(Route::always).collect(),
        registration::routes(),
        // Before the sessions by their ids.
        challenges::routes(),
        lasting::routes(),
        sessions::routes(),
        recovery::routes(),
        credentials::routes(),
        address::routes(),
        second_factor::routes(),
        erasure::routes(),
        export::routes(),
    ]
    .concat()
}

/// The keys that access tokens are checked against.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "tokens",
    responses((status = 200, body = service_kit::auth::Jwks, description = "A JWKS (RFC 7517).")))]
pub async fn jwks(identity: Shared) -> Result<HttpResponse, Problem> {
    let jwks = identity.signing.published().map_err(Problem::internal)?;
    // Shorter than a new key is published before it signs.
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=60")).json(jwks))
}

impl Identity {
    /// An account, as far as this instance has read. One that was erased is none.
    ///
    /// # Errors
    /// What was read is not fresh.
    pub fn account(&self, id: Uuid) -> Result<Option<Account>, Problem> {
        Ok(self.known(id)?.filter(|account| !account.erased))
    }

    /// Waits a little where an account is not known here: another instance may have registered it a moment ago.
    ///
    /// # Errors
    /// What was read is not fresh.
    pub async fn look_up(&self, id: Uuid) -> Result<(), Problem> {
        if self.account(id)?.is_some() {
            return Ok(());
        }
        read_to_the_end(&self.log, Instant::now() + CATCHING_UP).await
    }

    /// The same with its version.
    ///
    /// # Errors
    /// What was read is not fresh.
    pub fn seen(&self, id: Uuid) -> Result<Option<(u64, Account)>, Problem> {
        Ok(match self.log.confirmed(&id.to_string()).map_err(stale)? {
            (version, State::Account(account)) if !account.erased => Some((version, account)),
            (_, State::Nothing | State::Account(_) | State::Reservation(..)) => None,
        })
    }

    /// Whose user name or e-mail address this is; and for whom a caller is counted who says it, so that every spelling
    /// of every name of an account counts as one.
    ///
    /// # Errors
    /// This instance has not read the log yet, or what it read is not fresh: no account can be said not to exist.
    pub fn find(&self, login: &str) -> Result<(Whose, Option<(Uuid, Account)>), Problem> {
        can_deny(&self.log)?;
        // As names and passwords are compared: full-width letters are letters.
        let login: &str = &login.nfkc().collect::<String>();
        let value = if login.contains('@') {
            login.parse::<Email>().ok().map(|email| Unique::Email(self.email_key.email(&email)))
        } else {
            login.parse::<UserName>().ok().map(Unique::UserName)
        };
        let name = value.as_ref().map_or_else(|| login.to_owned(), |value| value.reservation_id());
        let held = value.map(|_| self.log.confirmed(&name).map_err(stale)).transpose()?;
        let holder = held.and_then(|(_, state)| match state {
            State::Reservation(_, reservation) => reservation.holder_id(),
            State::Nothing | State::Account(_) => None,
        });
        // An account that gave a name up still holds it for a while, and does not bear it.
        let bears = |account: &Account| match login.parse::<Email>() {
            Ok(email) => account.email_key == self.email_key.email(&email),
            Err(_) => account.user_name.as_str().eq_ignore_ascii_case(login),
        };
        let account = holder.map(|id| self.account(id)).transpose()?.flatten();
        let found = holder.zip(account.filter(bears));
        let whose = found.as_ref().map_or(Whose::Name(name), |(id, _)| Whose::Account(*id));
        Ok((whose, found))
    }

    /// The roles of an account: its owner writes, unless the address has to be verified first.
    fn roles(&self, account: &Account) -> BTreeSet<Role> {
        let mut roles = account.roles.clone();
        let may_write = account.email_verified || self.unverified_may_write;
        roles.insert(if may_write { Role::Author } else { Role::Reader });
        roles
    }

    /// Whether one of the account's roles is for those only who have a second factor.
    fn demands_second_factor(&self, account: &Account) -> bool {
        self.second_factor_required.is_some_and(|least| self.roles(account).range(least..).next().is_some())
    }

    /// The roles in an account's tokens, and whether some are missing until it has a second factor.
    async fn token_roles(&self, account_id: Uuid, account: &Account) -> Result<(BTreeSet<Role>, bool), Problem> {
        let mut roles = self.roles(account);
        if !self.demands_second_factor(account) || self.vault.has_second_factor(account_id).await? {
            return Ok((roles, false));
        }
        roles.retain(|role| self.second_factor_required.is_none_or(|least| *role < least));
        if roles.is_empty() {
            roles.insert(Role::Reader);
        }
        Ok((roles, true))
    }

    /// Tokens of these sessions are not believed any more, here and now; other instances hear it from the vault.
    pub fn forget_sessions(&self, sessions: &[Uuid]) {
        let until = tokens_expire_at();
        self.ended.extend(sessions.iter().map(|session| (*session, until)));
    }
}

/// A reply that no cache keeps: it has a secret in it.
fn unkept(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
