//! Mail to be sent. A letter is written in the transaction that is its reason, so there is one for each reason,
//! whatever crashes; `mail.rs` sends it.

use service_kit::Problem;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::Vault;
use crate::identity::secret::Token;

/// How long an instance that took a letter has to send it before another may, in seconds.
const LEASE_SECONDS: f64 = 60.0;
/// A letter is tried so often, over about a day.
pub const MOST_ATTEMPTS: i32 = 16;

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Is this your address?
    VerifyEmail,
    /// Is this to be your address?
    ChangeEmail,
    /// Your address was changed; to the former one.
    EmailChanged,
    /// Here is how to set a new password.
    ResetPassword,
    /// Your password was changed.
    PasswordChanged,
    /// Your account has a second factor.
    SecondFactorAdded,
    /// Your account has none any more.
    SecondFactorRemoved,
    /// A recovery code was used.
    RecoveryCodeUsed,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::VerifyEmail,
        Self::ChangeEmail,
        Self::EmailChanged,
        Self::ResetPassword,
        Self::PasswordChanged,
        Self::SecondFactorAdded,
        Self::SecondFactorRemoved,
        Self::RecoveryCodeUsed,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ChangeEmail => "change_email",
            Self::EmailChanged => "email_changed",
            Self::ResetPassword => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorAdded => "second_factor_added",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::RecoveryCodeUsed => "recovery_code_used",
        }
    }
}

impl Kind {
    /// How far it goes ahead of letters that can wait, in seconds. So long, and no longer, may those wait for it.
    fn ahead(self) -> f64 {
        match self {
            // Its reader is locked out, and it is good for half an hour.
            Self::ResetPassword => 600.0,
            // Its reader has just asked for it; or should hear of it soon, if it was not they who did it.
            Self::ChangeEmail
            | Self::EmailChanged
            | Self::PasswordChanged
            | Self::SecondFactorAdded
            | Self::SecondFactorRemoved
            | Self::RecoveryCodeUsed => 300.0,
            // Strangers can have as many written as they like to register.
            Self::VerifyEmail => 0.0,
        }
    }
}

/// A letter to be written.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// Whose account it is about.
    pub account_id: Uuid,
    /// What about.
    pub kind: Kind,
    /// To which address.
    pub recipient: &'a str,
    /// What its reader can use.
    pub token: Option<&'a Token>,
    /// What the person is called.
    pub user_name: &'a str,
}

/// A letter that an instance took to send.
#[derive(Clone, FromRow)]
pub struct Waiting {
    /// Its id, of which its `Message-ID` is made: the same however often it is sent.
    pub mail_id: Uuid,
    kind: String,
    /// To which address.
    pub recipient: String,
    /// What its reader can use; empty for nothing.
    pub token: String,
    /// What the person is called.
    pub user_name: String,
    /// How often it was taken, this time included.
    pub attempts: i32,
}

impl Waiting {
    /// What it is about; nothing if a newer version of this service wrote it.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == self.kind)
    }
}

/// Writes a letter; not where there is no address any more, nor to one that by its name has no owner (RFC 2606): those
/// of service accounts.
pub(super) async fn insert(connection: &mut PgConnection, letter: Letter<'_>) -> sqlx::Result<()> {
    if letter.recipient.is_empty() || letter.recipient.to_ascii_lowercase().ends_with(".invalid") {
        return Ok(());
    }
    let sql = "INSERT INTO outbox (mail_id, kind, recipient, token, user_name, account_id, turn)
        VALUES ($1, $2, $3, $4, $5, $6, now() - make_interval(secs => $7))";
    let insert = sqlx::query(sql).bind(Uuid::now_v7()).bind(letter.kind.name()).bind(letter.recipient);
    let insert =
        insert.bind(letter.token.map(Token::expose).unwrap_or_default()).bind(letter.user_name).bind(letter.account_id);
    insert.bind(letter.kind.ahead()).execute(connection).await.map(drop)
}

impl Vault {
    /// Takes the letter whose turn it is: that which has waited longest, or would have with what its kind is
    /// ahead. No other instance gets it for a minute.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn take_letter(&self) -> Result<Option<Waiting>, Problem> {
        let sql = "UPDATE outbox SET attempts = attempts + 1, not_before = now() + make_interval(secs => $1)
            WHERE mail_id = (
                SELECT mail_id FROM outbox WHERE sent_at IS NULL AND failed_at IS NULL AND not_before <= now()
                ORDER BY turn LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING mail_id, kind, recipient, token, user_name, attempts";
        self.run(sqlx::query_as(sql).bind(LEASE_SECONDS).fetch_optional(self.pool())).await
    }

    /// The letter was sent: what was in it is forgotten.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn letter_sent(&self, mail_id: Uuid) -> Result<(), Problem> {
        let sql = "UPDATE outbox SET sent_at = now(), recipient = '', token = '', user_name = '' WHERE mail_id = $1";
        self.run(sqlx::query(sql).bind(mail_id).execute(self.pool())).await.map(drop)
    }

    /// The letter was not sent: to be tried again after a while that grows, or never.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn letter_failed(&self, letter: &Waiting, for_good: bool) -> Result<(), Problem> {
        let given_up = for_good || letter.attempts >= MOST_ATTEMPTS;
        // 5 s, 10 s, 20 s, …, two hours.
        let pause = 5.0 * f64::from(2_i32.pow(letter.attempts.clamp(1, 12).cast_unsigned() - 1));
        let sql = "UPDATE outbox SET not_before = now() + make_interval(secs => $2),
                turn = now() + make_interval(secs => $2 - $4),
                failed_at = CASE WHEN $3 THEN now() END, token = CASE WHEN $3 THEN '' ELSE token END,
                recipient = CASE WHEN $3 THEN '' ELSE recipient END WHERE mail_id = $1";
        let update = sqlx::query(sql).bind(letter.mail_id).bind(pause.min(7200.0)).bind(given_up);
        let update = update.bind(letter.kind().map_or(0.0, Kind::ahead));
        self.run(update.execute(self.pool())).await.map(drop)
    }
}
