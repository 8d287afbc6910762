//! How often a caller may try. Counted in the vault, so for all instances together; attempts that turn out to be good
//! do not count.
//!
//! Log-ins are counted three ways, in this order: per account and network (a caller who guesses), per network (a caller
//! who tries one password on many accounts), and per account (many networks that guess at one account). What one turns
//! away does not count against the next, so a network adds to the last what its own guesses come to and no more. And a
//! network from which the account was logged in to has that last limit to itself: strangers elsewhere keep no owner out
//! there.

pub use service_kit::network::Network;

use service_kit::Problem;
use service_kit::problem::Kind;
use uuid::Uuid;

use super::code::Code;
use super::email::Email;
use super::secret::EmailHmacKey;
use super::vault::Vault;
use super::vault::attempts::Limited;
use super::vault::one_time::Purpose;

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
/// Letters of one kind to one address that a caller can have sent, per hour.
const LETTERS: i32 = 5;
/// Letters of one kind that all callers together can have sent to one address, per hour.
const LETTERS_FROM_ANYWHERE: i32 = 20;
/// Letters of all kinds that an account can have sent, to whichever addresses, per hour.
const LETTERS_OF_ACCOUNT: i32 = 20;

/// Counts what is tried.
#[derive(Clone, Debug)]
pub struct Throttle {
    vault: Vault,
    key: EmailHmacKey,
    /// Attempts from one network, per 15 minutes.
    per_network: i32,
}

/// The limits that one log-in, or one code, counts against, in this order. The first is that of account and network.
#[derive(Clone, Debug)]
pub struct LogIn([Limited; 3]);

/// For whom something is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This account, by whichever of its names it was found.
    Account(Uuid),
    /// No account that is there: a name in the form in which it is unique.
    Name(String),
}

/// Who asks for a letter.
#[derive(Clone, Copy, Debug)]
pub enum Asks<'a> {
    /// A caller without a token who names an account's address.
    Stranger(&'a Whose, &'a Network),
    /// The owner of an account, from this network.
    Owner(Uuid, &'a Network),
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
    pub async fn log_in(&self, whose: &Whose, from: &Network) -> Result<LogIn, Problem> {
        let kinds = ["log-in", "log-in-from", "log-in-from-anywhere"];
        self.count(kinds, whose, from, (GUESSES_FROM_ANYWHERE, QUARTER)).await
    }

    /// Counts a code of a second factor before it is looked at. Recovery codes are counted apart.
    ///
    /// # Errors
    /// 429: too many; 503: the vault cannot be reached.
    pub async fn code(&self, account_id: Uuid, code: &Code, from: &Network) -> Result<LogIn, Problem> {
        let (kinds, from_anywhere) = match code {
            Code::Totp(_) => (["code", "code-from", "code-from-anywhere"], (CODES_FROM_ANYWHERE, DAY)),
            Code::Recovery(_) => {
                let kinds = ["recovery-code", "recovery-code-from", "recovery-code-from-anywhere"];
                (kinds, (GUESSES_FROM_ANYWHERE, QUARTER))
            }
        };
        self.count(kinds, &Whose::Account(account_id), from, from_anywhere).await
    }

    /// The log-in, or the code, was a good one.
    ///
    /// # Errors
    /// 503: the vault cannot be reached.
    pub async fn logged_in(&self, log_in: &LogIn) -> Result<(), Problem> {
        let (pair, others) = log_in.0.split_at(1);
        self.vault.good_attempt(others, pair).await
    }

    /// Counts something that a caller can do without a token and that costs us: registering, showing a token.
    ///
    /// # Errors
    /// 429: too many; 503: the vault cannot be reached.
    pub async fn stranger(&self, what: &str, from: &Network) -> Result<(), Problem> {
        let (subject, most) = (self.key.subject(&[what, &from.0]), self.per_network);
        self.attempt(&[Limited { subject, most, seconds: QUARTER }]).await
    }

    /// Whether a further letter of this kind may be sent to an address because a caller asks. Not an error: the caller
    /// is not told. Each kind, and each who asks, is counted apart, so a stranger's do not use the owner's up.
    ///
    /// # Errors
    /// 503: the vault cannot be reached.
    pub async fn letter(&self, purpose: Purpose, to: &Email, asks: Asks<'_>) -> Result<bool, Problem> {
        let limits = self.of_letter(purpose, to, asks).await?;
        Ok(self.vault.attempt(&limits).await?.is_none())
    }

    /// Counts the letters that go out when an owner takes an address at once: one to it, and one to the address before.
    /// They count as those about a change: a stranger who tries an address that is taken leaves its owner the letters
    /// that ask to confirm it.
    ///
    /// # Errors
    /// 429: too many; 503: the vault cannot be reached.
    pub async fn letters_of_taking(&self, to: &Email, account_id: Uuid, from: &Network) -> Result<(), Problem> {
        let mut limits = self.of_letter(Purpose::ChangeEmail, to, Asks::Owner(account_id, from)).await?;
        limits.push(self.limit(&["letters-asked-by", &account_id.to_string()], LETTERS_OF_ACCOUNT, HOUR));
        self.attempt(&limits).await
    }

    async fn of_letter(&self, purpose: Purpose, to: &Email, asks: Asks<'_>) -> Result<Vec<Limited>, Problem> {
        let (kind, to) = (purpose.name(), &to.canonical());
        let of = |most, parts: &[&str]| self.limit(parts, most, HOUR);
        let anywhere = ["letter-from-anywhere", kind, to];
        Ok(match asks {
            Asks::Stranger(whose, from) => {
                let known = self.knows(whose, from).await?;
                let anywhere = if known { [&anywhere[..], &[&from.0]].concat() } else { anywhere.to_vec() };
                vec![of(LETTERS, &["letter-asked-from", kind, to, &from.0]), of(LETTERS_FROM_ANYWHERE, &anywhere)]
            }
            Asks::Owner(account_id, from) => {
                let id = &account_id.to_string();
                vec![
                    // Accounts are had for nothing: all of one network have no more than it has attempts.
                    of(self.per_network, &["letters-asked-from", &from.0]),
                    of(LETTERS, &["letter-asked-by", kind, to, id]),
                    of(LETTERS_OF_ACCOUNT, &["letters-asked-by", id]),
                    of(LETTERS_FROM_ANYWHERE, &anywhere),
                ]
            }
        })
    }

    /// What is counted of an account with this address, but for what also has a network in it: that is forgotten with
    /// time.
    #[must_use]
    pub fn counted_of(&self, account_id: Uuid, email: Option<&Email>) -> Vec<Vec<u8>> {
        let id = account_id.to_string();
        let by_id = ["log-in-from-anywhere", "code-from-anywhere", "recovery-code-from-anywhere", "letters-asked-by"];
        let mut counted: Vec<Vec<u8>> = by_id.iter().map(|what| self.key.subject(&[what, &id])).collect();
        for purpose in Purpose::ALL {
            let (kind, to) = (purpose.name(), email.map(Email::canonical).unwrap_or_default());
            counted.push(self.key.subject(&["letter-asked-by", kind, &to, &id]));
            counted.push(self.key.subject(&["letter-from-anywhere", kind, &to]));
        }
        counted
    }

    /// What stands for a network where it is remembered that an account was logged in to from there; another for each
    /// account.
    #[must_use]
    pub fn hashed(&self, account_id: Uuid, from: &Network) -> Vec<u8> {
        self.key.subject(&["known-network", &account_id.to_string(), &from.0])
    }

    async fn knows(&self, whose: &Whose, from: &Network) -> Result<bool, Problem> {
        // An account that does not exist is looked up, too: that takes as long.
        let account_id = match whose {
            Whose::Account(account_id) => *account_id,
            Whose::Name(_) => Uuid::nil(),
        };
        self.vault.knows_network(account_id, &self.hashed(account_id, from)).await
    }

    fn limit(&self, parts: &[&str], most: i32, seconds: i32) -> Limited {
        Limited { subject: self.key.subject(parts), most, seconds }
    }

    async fn count(
        &self,
        [pair, from_network, from_anywhere]: [&str; 3],
        whose: &Whose,
        from: &Network,
        (most, seconds): (i32, i32),
    ) -> Result<LogIn, Problem> {
        let (subject, network) = (&whose.subject(), &from.0);
        let known = self.knows(whose, from).await?;
        let anywhere = if known { vec![from_anywhere, subject, network] } else { vec![from_anywhere, subject] };
        let log_in = LogIn([
            self.limit(&[pair, subject, network], GUESSES, QUARTER),
            self.limit(&[from_network, network], self.per_network, QUARTER),
            self.limit(&anywhere, most, seconds),
        ]);
        self.attempt(&log_in.0).await.map(|()| log_in)
    }

    async fn attempt(&self, limits: &[Limited]) -> Result<(), Problem> {
        match self.vault.attempt(limits).await? {
            None => Ok(()),
            Some(wait) => {
                measures::identity::THROTTLED.increment();
                let problem = Problem::new(&Kind::TOO_MANY_ATTEMPTS, "too many attempts; wait a while");
                Err(problem.retry_after(wait))
            }
        }
    }
}

impl Whose {
    fn subject(&self) -> String {
        match self {
            Self::Account(account_id) => account_id.to_string(),
            Self::Name(name) => name.clone(),
        }
    }
}
