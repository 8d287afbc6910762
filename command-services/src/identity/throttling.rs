//! How often a caller may try. Counted in the vault, so for all instances together; attempts that turn out to be good
//! do not count.
//!
//! Log-ins are counted three ways: per account and network (a caller who guesses), per network (a caller who tries one
//! password on many accounts), and per account (many networks that guess at one account). The last is generous, so that
//! no caller can lock a stranger out cheaply.

pub use service_kit::network::Network;

use service_kit::Problem;
use service_kit::problem::Kind;
use uuid::Uuid;

use super::code::Code;
use super::secret::EmailHmacKey;
use super::vault::Vault;
use super::vault::attempts::Limited;

const QUARTER: i32 = 15 * 60;
const HOUR: i32 = 60 * 60;
const DAY: i32 = 24 * HOUR;

/// Bad log-ins for one account from one network, per 15 minutes.
const GUESSES: i32 = 10;
/// Bad log-ins for one account from anywhere, per 15 minutes.
const GUESSES_FROM_ANYWHERE: i32 = 100;
/// Bad codes of an authenticator for one account from anywhere, per day: three of a million are good at a time, and a
/// caller who guesses knows the password. A recovery code is good meanwhile.
const CODES_FROM_ANYWHERE: i32 = 50;
/// Letters that strangers can have sent to one address, per hour.
const LETTERS: i32 = 5;

/// Counts what is tried.
#[derive(Clone, Debug)]
pub struct Throttle {
    vault: Vault,
    key: EmailHmacKey,
    /// Attempts from one network, per 15 minutes.
    per_network: i32,
}

/// The limits that one log-in, or one code, counts against.
#[derive(Clone, Debug)]
pub struct LogIn {
    pair: Limited,
    others: [Limited; 2],
}

impl Throttle {
    /// Counts in this vault.
    #[must_use]
    pub fn new(vault: Vault, key: EmailHmacKey, per_network: i32) -> Self {
        Self { vault, key, per_network }
    }

    /// Counts a log-in before the password is looked at: parallel guesses count like others.
    ///
    /// # Errors
    /// 429: too many; 503: the vault cannot be reached.
    pub async fn log_in(&self, login: &str, from: &Network) -> Result<LogIn, Problem> {
        self.count(LogIn {
            pair: self.limit(&["log-in", login, &from.0], GUESSES, QUARTER),
            others: [
                self.limit(&["log-in-from-anywhere", login], GUESSES_FROM_ANYWHERE, QUARTER),
                self.limit(&["log-in-from", &from.0], self.per_network, QUARTER),
            ],
        })
        .await
    }

    /// Counts a code of a second factor before it is looked at. Recovery codes are counted apart.
    ///
    /// # Errors
    /// 429: too many; 503: the vault cannot be reached.
    pub async fn code(&self, account_id: Uuid, code: &Code, from: &Network) -> Result<LogIn, Problem> {
        let ([kind, from_network, from_anywhere], most, seconds) = match code {
            Code::Totp(_) => (["code", "code-from", "code-from-anywhere"], CODES_FROM_ANYWHERE, DAY),
            Code::Recovery(_) => {
                let kinds = ["recovery-code", "recovery-code-from", "recovery-code-from-anywhere"];
                (kinds, GUESSES_FROM_ANYWHERE, QUARTER)
            }
        };
        let id = account_id.to_string();
        self.count(LogIn {
            pair: self.limit(&[kind, &id, &from.0], GUESSES, QUARTER),
            others: [
                self.limit(&[from_anywhere, &id], most, seconds),
                self.limit(&[from_network, &from.0], self.per_network, QUARTER),
            ],
        })
        .await
    }

    /// The log-in, or the code, was a good one.
    ///
    /// # Errors
    /// 503: the vault cannot be reached.
    pub async fn logged_in(&self, log_in: &LogIn) -> Result<(), Problem> {
        self.vault.good_attempt(&log_in.others, std::slice::from_ref(&log_in.pair)).await
    }

    /// Counts something that a caller can do without a token and that costs us: registering, showing a token.
    ///
    /// # Errors
    /// 429: too many; 503: the vault cannot be reached.
    pub async fn stranger(&self, what: &str, from: &Network) -> Result<(), Problem> {
        let (subject, most) = (self.key.subject(&[what, &from.0]), self.per_network);
        self.attempt(vec![Limited { subject, most, seconds: QUARTER }]).await
    }

    /// Whether a further letter may be sent to an address because a caller asks. Not an error: the caller is not told.
    ///
    /// # Errors
    /// 503: the vault cannot be reached.
    pub async fn letter(&self, canonical_address: &str) -> Result<bool, Problem> {
        let subject = self.key.subject(&["letter", canonical_address]);
        let over = self.vault.attempt(vec![Limited { subject, most: LETTERS, seconds: HOUR }]).await?;
        Ok(over.is_none())
    }

    /// What is counted of an account with these names, but for what also has a network in it: that is forgotten with
    /// time.
    #[must_use]
    pub fn counted_of(&self, names: &[String]) -> Vec<Vec<u8>> {
        let of = |what: &'static str| names.iter().map(move |name| self.key.subject(&[what, name]));
        let log_ins =
            of("log-in-from-anywhere").chain(of("code-from-anywhere")).chain(of("recovery-code-from-anywhere"));
        log_ins.chain(of("letter")).collect()
    }

    fn limit(&self, parts: &[&str], most: i32, seconds: i32) -> Limited {
        Limited { subject: self.key.subject(parts), most, seconds }
    }

    async fn count(&self, log_in: LogIn) -> Result<LogIn, Problem> {
        let limits = log_in.others.iter().chain([&log_in.pair]).cloned().collect();
        self.attempt(limits).await.map(|()| log_in)
    }

    async fn attempt(&self, limits: Vec<Limited>) -> Result<(), Problem> {
        match self.vault.attempt(limits).await? {
            None => Ok(()),
            Some(wait) => {
                metrics::counter!("inklog_throttled_total").increment(1);
                let problem = Problem::new(&Kind::TOO_MANY_ATTEMPTS, "too many attempts; wait a while");
                Err(problem.retry_after(wait))
            }
        }
    }
}
