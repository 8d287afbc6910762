//! Sends the letters of the outbox: through SMTP, or into a folder that a person can read.
//!
//! A letter is sent once for each reason, whatever crashes, as far as that can be had. It is written in the transaction
//! that is its reason, and taken by one sender at a time. Into a folder it goes exactly once: the file is named after
//! the letter. SMTP has no such thing: a server that took a letter while we crashed before we could note it gets it
//! again after a minute. It then has the same `Message-ID`, which is what mail systems tell repeats by.

mod letters;

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use service_kit::Problem;
use uuid::Uuid;

use super::vault::Vault;
use super::vault::outbox::Waiting;

/// How long an SMTP server may take for one command.
const DEADLINE: Duration = Duration::from_secs(15);
/// Between looks at the outbox when there was nothing in it.
const PAUSE: Duration = Duration::from_millis(500);
/// Between looks when the vault does not answer.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// Where letters go: `file:<folder>`, `smtp://user:password@host:port` or `smtps://…`. It does not show.
#[derive(Clone)]
pub enum MailTransport {
    /// Into a folder, one file each.
    Folder(PathBuf),
    /// To an SMTP server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

impl FromStr for MailTransport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(folder) = text.strip_prefix("file:") {
            return Ok(Self::Folder(folder.into()));
        }
        // The address may hold a password, so the parser's words about it are not passed on.
        let wrong = || "is not file:<folder>, smtp://host:port or smtps://host:port".to_owned();
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(text).map_err(|_| wrong())?;
        Ok(Self::Smtp(smtp.timeout(Some(DEADLINE)).build()))
    }
}

impl std::fmt::Debug for MailTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "file:{}", folder.display()),
            Self::Smtp(_) => f.write_str("smtp"),
        }
    }
}

/// Writes and sends letters.
#[derive(Clone, Debug)]
pub struct Mailer {
    /// Where to.
    pub transport: MailTransport,
    /// Who from.
    pub from: Mailbox,
    /// Where the links in letters lead.
    pub public_url: String,
}

impl Mailer {
    /// Sends letters for as long as the process lives.
    pub async fn run(self, vault: Vault) {
        loop {
            match self.send_one(&vault).await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(PAUSE).await,
                // The vault has said so.
                Err(_) => tokio::time::sleep(LONG_PAUSE).await,
            }
        }
    }

    /// Sends the letter that has waited longest; whether there was one.
    ///
    /// # Errors
    /// The vault cannot be reached.
    pub async fn send_one(&self, vault: &Vault) -> Result<bool, Problem> {
        let Some(letter) = vault.take_letter().await? else { return Ok(false) };
        let mail_id = letter.mail_id;
        match self.send(&letter).await {
            Ok(()) => {
                measures::identity::MAIL.with(["sent"]).increment(1);
                vault.letter_sent(mail_id).await?;
            }
            Err(failed) => {
                measures::identity::MAIL.with(["failed"]).increment(1);
                tracing::warn!(%mail_id, attempts = letter.attempts, reason = failed.reason, "a letter was not sent");
                vault.letter_failed(&letter, failed.for_good).await?;
            }
        }
        Ok(true)
    }

    async fn send(&self, letter: &Waiting) -> Result<(), Failed> {
        let message = self.message(letter).map_err(|error| Failed { reason: format!("{error:#}"), for_good: true })?;
        match &self.transport {
            MailTransport::Folder(folder) => {
                let file = folder.join(format!("{}.eml", letter.mail_id));
                write(&file, &message.formatted())
                    .map_err(|error| Failed { reason: error.to_string(), for_good: false })
            }
            MailTransport::Smtp(smtp) => {
                let sent = smtp.send(message).await;
                // What a server says may quote the address: its code says enough.
                sent.map(drop).map_err(|error| Failed {
                    reason: error.status().map_or_else(|| "no answer".to_owned(), |code| code.to_string()),
                    for_good: error.is_permanent(),
                })
            }
        }
    }

    fn message(&self, letter: &Waiting) -> anyhow::Result<Message> {
        let kind = letter.kind().context("a letter of a kind that this version does not know")?;
        let (subject, text) = letters::words(kind, letter, &self.public_url);
        let to: Mailbox = letter.recipient.parse().context("the address is none")?;
        let message_id = format!("<{}@{}>", letter.mail_id, self.from.email.domain());
        let message = Message::builder().message_id(Some(message_id)).date(written_at(letter.mail_id));
        let message = message.from(self.from.clone()).to(to).subject(subject);
        message.body(text).context("putting a letter together")
    }
}

/// When a letter was written: it is in its id. However often it is sent, it is the same letter.
fn written_at(mail_id: Uuid) -> SystemTime {
    let (seconds, nanos) = mail_id.get_timestamp().map_or((0, 0), |written| written.to_unix());
    SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos)
}

struct Failed {
    reason: String,
    for_good: bool,
}

/// Whole or not at all, and as often as one likes. Its owner alone reads it: it may hold what sets a new password.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = file.with_extension("new");
    if let Some(folder) = file.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    // What a crash left could be open to others.
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?.write_all(bytes)?;
    std::fs::rename(fresh, file)
}

#[cfg(test)]
mod tests;
